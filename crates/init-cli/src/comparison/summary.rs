//! Statistics over the trials of each start, and how it compares with the best.

use init_data::trainer::Curve;

use super::{task::Task, trials::Trials};

/// Statistics over the trials of one start.
#[derive(Debug)]
pub(crate) struct Summary {
    /// The mean of the last errors of the trials that did not diverge; NaN if all did.
    pub(crate) mean: f64,
    /// Their standard deviation; NaN for fewer than two.
    pub(crate) std: f64,
    pub(crate) diverged: usize,
    /// The number of trials whose last error is within a twentieth of the baseline, or above it.
    pub(crate) at_chance: usize,
    /// The epochs after which the error reached the task's level, in ascending order, of the trials
    /// that reached it.
    pub(crate) reached: Vec<usize>,
    pub(crate) standing: Standing,
}

/// The comparison of a start with the best, seed by seed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Standing {
    /// It has the lowest mean.
    Best,
    /// The mean of the differences is within two of its standard errors.
    Ties(Difference),
    /// The mean of the differences is more than two of its standard errors above 0.
    Worse(Difference),
    /// Fewer than two seeds for which neither diverged.
    Unknown,
}

/// The mean of the differences between trials of the same seed, and its standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Difference {
    pub(crate) mean: f64,
    pub(crate) standard_error: f64,
}

/// Summarises the trials of each start.
pub(crate) fn summaries(task: &Task, trials: &[Trials]) -> Vec<Summary> {
    let finals: Vec<Vec<Option<f64>>> = trials.iter().map(|trials| trials.curves.iter().map(last).collect()).collect();
    let moments: Vec<_> = finals.iter().map(|finals| moments(finals.iter().copied().flatten())).collect();
    let best =
        (0..trials.len()).filter(|&i| !moments[i].0.is_nan()).min_by(|&a, &b| moments[a].0.total_cmp(&moments[b].0));
    let of = |index: usize| {
        let curves = &trials[index].curves;
        let mut reached: Vec<usize> = curves.iter().filter_map(|curve| curve.epochs_to(task.level())).collect();
        reached.sort_unstable();
        Summary {
            mean: moments[index].0,
            std: moments[index].1,
            diverged: curves.iter().filter(|curve| curve.diverged.is_some()).count(),
            at_chance: finals[index].iter().flatten().filter(|&&error| error >= 0.95 * task.baseline).count(),
            reached,
            standing: match best {
                Some(best) if best == index => Standing::Best,
                Some(best) => standing(&finals[index], &finals[best]),
                None => Standing::Unknown,
            },
        }
    };
    (0..trials.len()).map(of).collect()
}

/// Returns the last error of a trial, unless it diverged.
fn last(curve: &Curve) -> Option<f64> {
    curve.diverged.is_none().then(|| curve.final_error())
}

/// Returns mean and sample standard deviation.
fn moments(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let count = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / count;
    let square = values.map(|value| (value - mean).powi(2)).sum::<f64>();
    (mean, if count < 2.0 { f64::NAN } else { (square / (count - 1.0)).sqrt() })
}

/// Compares a start with the best by the paired differences of their errors.
fn standing(own: &[Option<f64>], best: &[Option<f64>]) -> Standing {
    let differences: Vec<f64> = own.iter().zip(best).filter_map(|(own, best)| Some((*own)? - (*best)?)).collect();
    if differences.len() < 2 {
        return Standing::Unknown;
    }
    let (mean, std) = moments(differences.iter().copied());
    let difference = Difference { mean, standard_error: std / (differences.len() as f64).sqrt() };
    if mean.abs() <= 2.0 * difference.standard_error { Standing::Ties(difference) } else { Standing::Worse(difference) }
}

/// Returns the median of values in ascending order.
pub(crate) fn median(sorted: &[f64]) -> Option<f64> {
    let half = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        count if count % 2 == 1 => Some(sorted[half]),
        _ => Some((sorted[half - 1] + sorted[half]) / 2.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(values: &[f64]) -> Vec<Option<f64>> {
        values.iter().map(|&value| Some(value)).collect()
    }

    #[test]
    fn ties_are_decided_by_the_spread_of_the_paired_differences() {
        // Errors vary a lot between seeds, but the two starts always differ by 1.
        let (a, b) = (some(&[10.0, 20.0, 30.0, 40.0]), some(&[9.0, 19.0, 29.1, 38.9]));
        let Standing::Worse(found) = standing(&a, &b) else { panic!("they differ by far more than the spread") };
        assert!((found.mean - 1.0).abs() < 1e-12 && (found.standard_error - 0.0408).abs() < 1e-3, "{found:?}");
        assert!(matches!(standing(&a, &some(&[12.0, 17.0, 33.0, 37.0])), Standing::Ties(_)));
        assert!(matches!(standing(&a, &a), Standing::Ties(Difference { mean: 0.0, standard_error: 0.0 })));
    }

    #[test]
    fn only_seeds_on_which_neither_diverged_are_paired() {
        let a = [Some(1.0), None, Some(3.0), Some(2.0)];
        let b = [Some(0.5), Some(1.0), None, Some(1.4)];
        let Standing::Worse(found) = standing(&a, &b) else { panic!("0.5 and 0.6") };
        assert!((found.mean - 0.55).abs() < 1e-12);
        assert_eq!(standing(&a, &[None, Some(1.0), None, Some(1.4)]), Standing::Unknown);
    }

    #[test]
    fn medians_and_moments() {
        assert_eq!((median(&[]), median(&[3.0]), median(&[1.0, 4.0])), (None, Some(3.0), Some(2.5)));
        assert_eq!(moments([1.0, 3.0].into_iter()), (2.0, 2.0_f64.sqrt()));
        assert!(moments([1.0].into_iter()).1.is_nan());
        let (mean, std) = moments([].into_iter());
        assert!(mean.is_nan() && std.is_nan());
    }
}
