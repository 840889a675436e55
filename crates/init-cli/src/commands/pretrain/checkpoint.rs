//! The checkpoint that an interrupted run resumes from.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use init_data::{
    Matrix,
    rbm::{Epoch, Gradient, Rbm, StackState, State, Visible},
};
use init_model::{Format, NamedTensor, file::save_as, load};

use super::{examples::Examples, options::Options};
use crate::failure::{Failure, Outcome};

/// The file next to the output that an interrupted run resumes from: OUT.safetensors.partial,
/// itself safetensors.
///
/// It has the machines that are done, the state of the one in training, the errors so far, and in
/// its metadata the options, which must be the same.
pub(super) struct Checkpoint {
    path: PathBuf,
    options: Vec<(&'static str, String)>,
    is_gaussian: bool,
}

impl Checkpoint {
    pub(super) fn new(options: &Options, examples: &Examples) -> Self {
        let mut name = options.output.file_name().map_or_else(OsString::new, OsString::from);
        name.push(".partial");
        let layers: Vec<String> = options.layers.iter().map(usize::to_string).collect();
        let mut listed = vec![("layers", layers.join(",")), ("seed", options.seed.to_string())];
        listed.extend(options.settings.listed(&options.layers[1..]));
        listed.push(("held-out", options.held_out.to_string()));
        listed.push(("data", examples.fingerprint()));
        let is_gaussian = options.settings.is_gaussian();
        Self { path: options.output.with_file_name(name), options: listed, is_gaussian }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the state to start from: a new one, or that of the file.
    pub(super) fn begin(&self, resume: bool) -> Outcome<StackState> {
        let path = self.path.display();
        match (resume, self.path.exists()) {
            (false, false) => Ok(StackState::default()),
            (false, true) => Err(Failure::input(format_args!(
                "`{path}` is from an interrupted run; add --resume to continue it, or remove the file to start over"
            ))),
            (true, false) => {
                Err(Failure::input(format_args!("there is no `{path}` to resume from; leave out --resume to start")))
            }
            (true, true) => self.read(),
        }
    }

    pub(super) fn remove(&self) {
        // A file that is missing or cannot be removed does not affect the result.
        let _ = fs::remove_file(&self.path);
    }

    /// Saves the state after an epoch.
    pub(super) fn save(&self, epoch: &Epoch<'_>) -> Outcome {
        let mut tensors = Tensors::default();
        for (index, machine) in epoch.machines.iter().enumerate() {
            tensors.push_machine(&format!("layers.{index}"), machine);
        }
        let State { rbm, velocity, chains, activity, epochs } = epoch.state;
        tensors.push_machine("state", rbm);
        tensors.push_matrix("velocity.weight", &velocity.weight);
        tensors.push("velocity.visible_bias", vec![velocity.visible_bias.len()], &velocity.visible_bias);
        tensors.push("velocity.bias", vec![velocity.hidden_bias.len()], &velocity.hidden_bias);
        tensors.push_matrix("chains", chains);
        tensors.push("activity", vec![activity.len()], activity);
        for (index, errors) in epoch.errors.iter().enumerate() {
            tensors.push(&format!("errors.{index}"), vec![errors.len()], errors);
        }
        let mut metadata = vec![("fanin.partial.epochs", epochs.to_string())];
        let options: Vec<(String, String)> =
            self.options.iter().map(|(name, value)| (format!("--{name}"), value.clone())).collect();
        metadata.extend(options.iter().map(|(name, value)| (name.as_str(), value.clone())));
        Ok(save_as(Format::Safetensors, &self.path, &tensors.0, &metadata, init_model::Progress::none())?)
    }

    fn read(&self) -> Outcome<StackState> {
        let (tensors, metadata) = load(&self.path)?;
        self.compare(&metadata)?;
        let mut found: BTreeMap<String, NamedTensor> =
            tensors.into_iter().map(|tensor| (tensor.name.clone(), tensor)).collect();
        let epochs = metadata.get("fanin.partial.epochs").and_then(|epochs| epochs.parse().ok());
        let state = epochs.and_then(|epochs| self.state(&mut found, epochs));
        state.ok_or_else(|| {
            let path = self.path.display();
            Failure::input(format_args!("`{path}` is not a complete checkpoint; remove it and start over"))
        })
    }

    /// Checks that the options are those that the file was saved with.
    fn compare(&self, metadata: &BTreeMap<String, String>) -> Outcome {
        if !metadata.contains_key("fanin.partial.epochs") {
            return Err(Failure::input(format_args!(
                "`{}` is not from an interrupted run of this command; remove the file to start over",
                self.path.display()
            )));
        }
        let mut differences = Vec::new();
        for (name, value) in &self.options {
            match metadata.get(&format!("--{name}")) {
                Some(before) if before == value => {}
                Some(_) if *name == "data" => differences.push("other examples in --data".to_owned()),
                Some(before) => differences.push(format!("--{name} {before}, not {value}")),
                None => differences.push(format!("no --{name}")),
            }
        }
        if differences.is_empty() {
            return Ok(());
        }
        let (path, differences) = (self.path.display(), differences.join(", "));
        Err(Failure::input(format_args!(
            "`{path}` is from a run with {differences}; give the same options, or remove the file to start over"
        )))
    }

    fn state(&self, found: &mut BTreeMap<String, NamedTensor>, epochs: u64) -> Option<StackState> {
        let mut state = StackState::default();
        while found.contains_key(&format!("layers.{}.weight", state.machines.len())) {
            let index = state.machines.len();
            state.machines.push(self.machine(found, &format!("layers.{index}"), index)?);
        }
        let rbm = self.machine(found, "state", state.machines.len())?;
        let velocity = Gradient {
            weight: matrix(found, "velocity.weight")?,
            visible_bias: values(found, "velocity.visible_bias")?,
            hidden_bias: values(found, "velocity.bias")?,
        };
        let chains = matrix(found, "chains").unwrap_or_else(|| Matrix::zeros(0, rbm.hidden_units()));
        let activity = values(found, "activity").unwrap_or_default();
        state.state = Some(State { rbm, velocity, chains, activity, epochs });
        for index in 0..=state.machines.len() {
            state.errors.push(values(found, &format!("errors.{index}"))?);
        }
        Some(state)
    }

    fn machine(&self, found: &mut BTreeMap<String, NamedTensor>, name: &str, index: usize) -> Option<Rbm> {
        let visible = if index == 0 && self.is_gaussian { Visible::Gaussian } else { Visible::Bernoulli };
        Some(Rbm {
            weight: matrix(found, &format!("{name}.weight"))?,
            visible_bias: values(found, &format!("{name}.visible_bias"))?,
            hidden_bias: values(found, &format!("{name}.bias"))?,
            visible,
        })
    }
}

fn matrix(found: &mut BTreeMap<String, NamedTensor>, name: &str) -> Option<Matrix> {
    let tensor = found.remove(name)?;
    let [rows, columns] = tensor.shape[..] else { return None };
    Matrix::new(rows, columns, tensor.values).ok()
}

fn values(found: &mut BTreeMap<String, NamedTensor>, name: &str) -> Option<Vec<f32>> {
    found.remove(name).map(|tensor| tensor.values)
}

/// A list of tensors, without empty ones.
#[derive(Default)]
struct Tensors(Vec<NamedTensor>);

impl Tensors {
    fn push(&mut self, name: &str, shape: Vec<usize>, values: &[f32]) {
        if !values.is_empty() {
            self.0.push(NamedTensor { name: name.to_owned(), shape, values: values.to_vec() });
        }
    }

    fn push_matrix(&mut self, name: &str, matrix: &Matrix) {
        self.push(name, vec![matrix.rows(), matrix.columns()], matrix.values());
    }

    fn push_machine(&mut self, name: &str, machine: &Rbm) {
        self.push_matrix(&format!("{name}.weight"), &machine.weight);
        self.push(&format!("{name}.visible_bias"), vec![machine.visible_units()], &machine.visible_bias);
        self.push(&format!("{name}.bias"), vec![machine.hidden_units()], &machine.hidden_bias);
    }
}
