use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use init_data::{
    Matrix,
    rbm::{Epoch, Gradient, Progress, Rbm, State, Visible},
};
use init_model::{Format, NamedTensor, file::save_as, load};

use super::{Examples, Options};
use crate::failure::{Failure, Outcome};

/// The file beside the output that an interrupted run goes on from: OUT.safetensors.partial, itself of safetensors.
///
/// It holds the machines that are done, all that training carries from one epoch to the next, the errors so far, and
/// in its remarks the options, which have to be the same.
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

    /// Where to begin: anew, or where the file left off.
    pub(super) fn begin(&self, resume: bool) -> Outcome<Progress> {
        let path = self.path.display();
        match (resume, self.path.exists()) {
            (false, false) => Ok(Progress::default()),
            (false, true) => Err(Failure::input(format_args!(
                "`{path}` is of a run that was interrupted; add --resume to go on with it, or remove it to begin anew"
            ))),
            (true, false) => {
                Err(Failure::input(format_args!("there is no `{path}` to go on from; leave --resume out to begin")))
            }
            (true, true) => self.read(),
        }
    }

    pub(super) fn remove(&self) {
        // If there is none, or it cannot be removed, the result is as good.
        let _ = fs::remove_file(&self.path);
    }

    /// Keeps what there is after a whole epoch.
    pub(super) fn keep(&self, epoch: &Epoch<'_>) -> Outcome {
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
        let mut remarks = vec![("fanin.partial.epochs", epochs.to_string())];
        let options: Vec<(String, String)> =
            self.options.iter().map(|(name, value)| (format!("--{name}"), value.clone())).collect();
        remarks.extend(options.iter().map(|(name, value)| (name.as_str(), value.clone())));
        Ok(save_as(Format::Safetensors, &self.path, &tensors.0, &remarks, init_model::Progress::none())?)
    }

    fn read(&self) -> Outcome<Progress> {
        let (tensors, remarks) = load(&self.path)?;
        self.compare(&remarks)?;
        let mut found: BTreeMap<String, NamedTensor> =
            tensors.into_iter().map(|tensor| (tensor.name.clone(), tensor)).collect();
        let epochs = remarks.get("fanin.partial.epochs").and_then(|epochs| epochs.parse().ok());
        let progress = epochs.and_then(|epochs| self.progress(&mut found, epochs));
        progress.ok_or_else(|| {
            let path = self.path.display();
            Failure::input(format_args!("`{path}` is no whole state of a run; remove it and begin anew"))
        })
    }

    /// Whether the options are those that the file was made with.
    fn compare(&self, remarks: &BTreeMap<String, String>) -> Outcome {
        let mut differences = Vec::new();
        for (name, value) in &self.options {
            match remarks.get(&format!("--{name}")) {
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
            "`{path}` is of a run with {differences}; give the same options, or remove it to begin anew"
        )))
    }

    fn progress(&self, found: &mut BTreeMap<String, NamedTensor>, epochs: u64) -> Option<Progress> {
        let mut progress = Progress::default();
        while found.contains_key(&format!("layers.{}.weight", progress.machines.len())) {
            let index = progress.machines.len();
            progress.machines.push(self.machine(found, &format!("layers.{index}"), index)?);
        }
        let rbm = self.machine(found, "state", progress.machines.len())?;
        let velocity = Gradient {
            weight: matrix(found, "velocity.weight")?,
            visible_bias: values(found, "velocity.visible_bias")?,
            hidden_bias: values(found, "velocity.bias")?,
        };
        let chains = matrix(found, "chains").unwrap_or_else(|| Matrix::zeros(0, rbm.hidden_units()));
        let activity = values(found, "activity").unwrap_or_default();
        progress.state = Some(State { rbm, velocity, chains, activity, epochs });
        for index in 0..=progress.machines.len() {
            progress.errors.push(values(found, &format!("errors.{index}"))?);
        }
        Some(progress)
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

/// Tensors that have values.
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
