//! The table of a comparison, its notes, and the title and curves of its picture.

use std::fmt::Write;

#[cfg(feature = "plot")]
use crate::plot::{Axes, Curves};
use crate::{
    comparison::{Standing, Summary, Task, TaskKind, Trials, median},
    number::{full, grouped},
    table,
};

/// Describes the comparison on one line.
pub(super) fn title(task: &Task, seeds: &[u64]) -> String {
    let training = &task.training;
    let (first, last) = (seeds[0], seeds[seeds.len() - 1]);
    let seeds = if first == last { format!("seed {first}") } else { format!("seeds {first} to {last}") };
    format!(
        "{} {}; {} epochs, batch {}, learning rate {}, momentum {}, {seeds}",
        task.shape(),
        task.network.activation,
        training.epochs,
        training.batch,
        full(training.learning_rate),
        full(training.momentum),
    )
}

/// Returns the curves to plot.
#[cfg(feature = "plot")]
pub(super) fn curves<'a>(trials: &'a [Trials]) -> Vec<Curves<'a>> {
    let of = |trials: &'a Trials| {
        let Trials { start, curves } = trials;
        Curves { name: &start.name, errors: curves.iter().map(|curve| &curve.errors[..]).collect() }
    };
    trials.iter().map(of).collect()
}

/// Returns the axes of the plot.
#[cfg(feature = "plot")]
pub(super) fn axes<'a>(task: &Task, title: &'a str) -> Axes<'a> {
    let (error, tick, smallest): (_, fn(f64) -> String, _) = match task.kind {
        TaskKind::Classes => ("test error", |x| format!("{} %", trimmed(100.0 * x)), 0.5 / task.test.len() as f64),
        TaskKind::Reconstruction => ("test MSE", trimmed, 1e-6 * task.baseline),
    };
    Axes { title, error, tick, baseline: task.baseline, smallest, epochs: task.training.epochs }
}

/// Formats a round number without rounding errors in its last digits.
#[cfg(feature = "plot")]
fn trimmed(number: f64) -> String {
    let digits = format!("{number:.7}");
    digits.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Formats the table with its notes.
pub(super) fn page(task: &Task, seeds: &[u64], trials: &[Trials], summaries: &[Summary]) -> String {
    let mut page = format!(
        "{} training examples, {} test examples, scaled to [0, 1]{}\n{}\n",
        grouped(task.train.len() as u64),
        grouped(task.test.len() as u64),
        match task.constant {
            0 => String::new(),
            1 => "; 1 column is constant and carries no information".to_owned(),
            count => format!("; {count} columns are constant and carry no information"),
        },
        title(task, seeds),
    );
    let (error, level) = match task.kind {
        TaskKind::Classes => {
            ("test error %", format!("epochs to {} %", task.shown(task.level()).trim_end_matches(".00")))
        }
        TaskKind::Reconstruction => ("test MSE", format!("epochs to {}", task.shown(task.level()))),
    };
    let head = ["scheme", error, "difference", "", level.as_str(), "failed"];
    let mut table = table::table(&head, &[error, "difference", level.as_str()])
        .optional(&[level.as_str()])
        .wrap(&["scheme", "failed"]);
    for (trials, summary) in trials.iter().zip(summaries) {
        let count = trials.curves.len();
        let (difference, verdict) = standing(task, summary);
        table.add_row([
            trials.start.name.clone(),
            spread(task, summary.mean, summary.std),
            difference,
            verdict.to_owned(),
            reached(summary, count),
            failed(summary, count),
        ]);
    }
    let _ = writeln!(page, "{table}");
    for line in notes(task, seeds.len(), trials, summaries) {
        let _ = writeln!(page, "{}", table::paragraph(&line));
    }
    page
}

/// Formats mean ± standard deviation.
fn spread(task: &Task, mean: f64, std: f64) -> String {
    if std.is_nan() { task.shown(mean) } else { format!("{} ± {}", task.shown(mean), task.shown(std)) }
}

/// Formats the comparison with the best.
fn standing(task: &Task, summary: &Summary) -> (String, &'static str) {
    let signed = |mean: f64| format!("{}{}", if mean < 0.0 { "−" } else { "+" }, task.shown(mean.abs()));
    match summary.standing {
        Standing::Best => (String::new(), "best"),
        Standing::Ties(found) => {
            (format!("{} ± {}", signed(found.mean), task.shown(found.standard_error)), "ties with best")
        }
        Standing::Worse(found) => (format!("{} ± {}", signed(found.mean), task.shown(found.standard_error)), "worse"),
        Standing::Unknown => (String::new(), "–"),
    }
}

/// Formats the median, and how many trials reached the level if not all did.
fn reached(summary: &Summary, count: usize) -> String {
    let epochs: Vec<f64> = summary.reached.iter().map(|&epoch| epoch as f64).collect();
    match (median(&epochs), epochs.len()) {
        (None, _) => "never".to_owned(),
        (Some(median), reached) if reached == count => full(median),
        (Some(median), reached) => format!("{} ({reached} of {count})", full(median)),
    }
}

/// Describes the trials that diverged or did not learn.
fn failed(summary: &Summary, count: usize) -> String {
    let part = |failed: usize, how: &str| (failed > 0).then(|| format!("{failed} of {count} {how}"));
    let parts = [part(summary.diverged, "diverged"), part(summary.at_chance, "at chance")];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Explains the columns and the schemes.
fn notes(task: &Task, seeds: usize, trials: &[Trials], summaries: &[Summary]) -> Vec<String> {
    let mut notes = Vec::new();
    let (same, error) = match task.kind {
        TaskKind::Classes => ("predicting the most common class", format!("{} %", task.shown(task.baseline))),
        TaskKind::Reconstruction => ("predicting the mean", task.shown(task.baseline)),
    };
    notes
        .push(format!("chance: {same} gives {error}; an error within 5 % of that, or above, counts as nothing learnt"));
    if seeds > 1 {
        notes.push(
            "±: standard deviation over the seeds; difference: to the best scheme, mean over the seeds ± its standard \
             error; up to two standard errors are a tie"
                .to_owned(),
        );
    } else {
        notes.push("one seed gives no spread, so the schemes cannot be compared; give --seeds 2 or more".to_owned());
    }
    let named = trials.iter().filter_map(|trials| Some(format!("{}: {}", trials.start.name, trials.start.note()?)));
    notes.extend(named);
    for (trials, summary) in trials.iter().zip(summaries).filter(|(_, summary)| summary.diverged > 0) {
        let first = trials.curves.iter().filter_map(|curve| curve.diverged).min().unwrap_or_default();
        let when =
            if first == 0 { "before the first epoch".to_owned() } else { format!("in epoch {first} at the earliest") };
        notes.push(format!(
            "{}: {} of {} trainings diverged, {when}, and are excluded from the mean; a --learning-rate below \
             {} may help",
            trials.start.name,
            summary.diverged,
            trials.curves.len(),
            full(task.training.learning_rate),
        ));
    }
    notes
}

#[cfg(all(test, feature = "plot"))]
mod tests {
    use super::*;

    #[test]
    fn round_numbers_show_no_rounding_errors() {
        assert_eq!(
            (trimmed(0.05 * 100.0), trimmed(0.07 * 100.0), trimmed(0.0002)),
            ("5".into(), "7".into(), "0.0002".into())
        );
    }
}
