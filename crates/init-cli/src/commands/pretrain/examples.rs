//! The examples of `fanin pretrain`: labels, scaling and held-out examples.

use init_data::{Data, Labels, Matrix};

use super::options::{LabelColumn, Options};
use crate::failure::{Failure, Outcome};

/// Examples, scaled and split.
pub(super) struct Examples {
    /// The examples as they are in the file.
    raw: Data,
    is_standardised: bool,
    /// The training examples, scaled.
    pub(super) training: Matrix,
    /// The held-out examples, scaled.
    pub(super) held_out: Option<Matrix>,
    /// Says how labels were detected.
    decided: &'static str,
}

/// The maximum number of columns that a warning names.
const NAMED: usize = 6;

impl Examples {
    pub(super) fn read(options: &Options) -> Outcome<Self> {
        let wanted = options.layers[0];
        let path = options.data.display();
        if options.layers.len() < 2 {
            return Err(Failure::input(format_args!(
                "--layers must have the number of features, then at least one number of hidden units, got {wanted}"
            )));
        }
        let rates = options.settings.rates();
        if rates > 0 && rates != options.layers.len() - 1 {
            let machines = options.layers.len() - 1;
            return Err(Failure::input(format_args!(
                "--learning-rate must have one rate, or one for each of the {machines} machines, got {rates}"
            )));
        }
        let (raw, decided) = match options.labels {
            Some(LabelColumn::Last) => (Data::read(&options.data, Labels::Last)?, "labels in the last column"),
            Some(LabelColumn::None) => (Data::read(&options.data, Labels::Absent)?, "no labels"),
            None => {
                let all = Data::read(&options.data, Labels::Absent)?;
                if all.features.columns() == wanted.saturating_add(1) {
                    let labelled = Data::read(&options.data, Labels::Last)?;
                    (labelled, "the last column is taken as the label (--labels none: as a feature)")
                } else {
                    (all, "no labels (--labels last: the last column is the label)")
                }
            }
        };
        let columns = raw.features.columns();
        if columns != wanted {
            let labels = if options.labels.is_none() { ", or add a column of labels" } else { "" };
            return Err(Failure::input(format_args!(
                "`{path}` has {columns} features, but --layers starts with {wanted}; start it with {columns}{labels}"
            )));
        }
        let is_standardised = options.settings.is_gaussian();
        let scaled = if is_standardised { raw.standardised() } else { raw.unit_scaled() };
        let (training, held_out) = split(scaled, options.held_out)?;
        Ok(Self { raw, is_standardised, training, held_out, decided })
    }

    pub(super) fn features(&self) -> usize {
        self.raw.features.columns()
    }

    /// Returns warnings about the data.
    pub(super) fn warnings(&self) -> Vec<String> {
        let constant = self.raw.constant_columns();
        let named: Vec<String> = constant.iter().take(NAMED).map(|column| (column + 1).to_string()).collect();
        let more = constant.len() - named.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let warning = match constant.len() {
            0 => return Vec::new(),
            1 => format!("column {} is constant and carries no information", named[0]),
            _ => {
                let named = named.join(", ");
                format!("columns {named}{more} are constant and carry no information")
            }
        };
        vec![warning]
    }

    /// Describes the examples in one line.
    pub(super) fn summary(&self) -> String {
        let held_out = self.held_out.as_ref().map_or(String::new(), |held| format!(", {} held out", held.rows()));
        format!("{} examples of {} features{held_out}; {}", self.raw.len(), self.features(), self.decided)
    }

    pub(super) fn count(&self) -> usize {
        self.raw.len()
    }

    pub(super) fn has_labels(&self) -> bool {
        self.raw.labels.is_some()
    }

    /// Returns the formula by which values are scaled.
    pub(super) fn scaling(&self) -> String {
        if self.is_standardised {
            return "(x - mean) / std of each column of the examples".to_owned();
        }
        let (low, high) = self.range();
        format!("(x - {low}) / {}", high - low)
    }

    /// Undoes the scaling of an example for display: from 0 for the smallest of all values to 1 for
    /// the largest.
    #[cfg(feature = "plot")]
    pub(super) fn shown(&self, scaled: &[f32]) -> Vec<f32> {
        if !self.is_standardised {
            return scaled.to_vec();
        }
        let (low, high) = self.range();
        let count = self.raw.len() as f64;
        let means: Vec<f64> = self.raw.features.column_sums().into_iter().map(|sum| sum / count).collect();
        let mut variances = vec![0.0; means.len()];
        for row in self.raw.features.each_row() {
            for ((variance, &value), mean) in variances.iter_mut().zip(row).zip(&means) {
                *variance += (f64::from(value) - mean).powi(2) / count;
            }
        }
        let columns = scaled.iter().zip(means).zip(variances);
        let of = |((&value, mean), variance): ((&f32, f64), f64)| f64::from(value) * variance.sqrt() + mean;
        columns.map(|column| ((of(column) - f64::from(low)) / f64::from(high - low)) as f32).collect()
    }

    fn range(&self) -> (f32, f32) {
        let values = self.raw.features.values().iter().copied();
        (values.clone().fold(f32::INFINITY, f32::min), values.fold(f32::NEG_INFINITY, f32::max))
    }

    /// Returns a hash of the scaled examples, by which a resumed run detects other data: FNV-1a.
    pub(super) fn fingerprint(&self) -> String {
        let all = [Some(&self.training), self.held_out.as_ref()];
        let bytes = all.into_iter().flatten().flat_map(Matrix::values).flat_map(|value| value.to_le_bytes());
        let hash =
            bytes.fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3));
        format!("{hash:016x}")
    }
}

/// Splits off the held-out examples, evenly spaced.
fn split(scaled: Matrix, fraction: f64) -> Outcome<(Matrix, Option<Matrix>)> {
    if !(0.0..1.0).contains(&fraction) {
        return Err(Failure::input(format_args!("--held-out must be at least 0 and below 1, got {fraction}")));
    }
    let is_held = |row: &usize| ((*row + 1) as f64 * fraction).floor() > (*row as f64 * fraction).floor();
    let (held, kept): (Vec<usize>, Vec<usize>) = (0..scaled.rows()).partition(is_held);
    match (fraction > 0.0, held.is_empty() || kept.is_empty()) {
        (false, _) => Ok((scaled, None)),
        (true, true) => Err(Failure::input(format_args!(
            "--held-out {fraction} of {} examples leaves none to train with, or none held out; give another fraction",
            scaled.rows()
        ))),
        (true, false) => Ok((scaled.select(&kept), Some(scaled.select(&held)))),
    }
}
