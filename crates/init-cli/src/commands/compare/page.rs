use std::fmt::Write;

use crate::{
    comparison::{Kind, Standing, Summary, Task, Trials, median},
    figure::{full, grouped},
    plot::{Axes, Curves},
    table,
};

/// What is compared, on one line.
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

pub(super) fn curves<'a>(trials: &'a [Trials]) -> Vec<Curves<'a>> {
    let of = |trials: &'a Trials| {
        let Trials { start, curves } = trials;
        Curves { name: &start.name, errors: curves.iter().map(|curve| &curve.errors[..]).collect() }
    };
    trials.iter().map(of).collect()
}

pub(super) fn axes<'a>(task: &Task, title: &'a str) -> Axes<'a> {
    let (error, tick, least): (_, fn(f64) -> String, _) = match task.kind {
        Kind::Classes => ("test error", |x| format!("{} %", trimmed(100.0 * x)), 0.5 / task.test.len() as f64),
        Kind::Reconstruction => ("mean square of a value's error in the test", trimmed, 1e-6 * task.baseline),
    };
    Axes { title, error, tick, baseline: task.baseline, least, epochs: task.training.epochs }
}

/// A round number without the rounding of its last digits.
fn trimmed(number: f64) -> String {
    let digits = format!("{number:.7}");
    digits.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The table, with what it needs to be understood.
pub(super) fn page(task: &Task, seeds: &[u64], trials: &[Trials], summaries: &[Summary]) -> String {
    let mut page = format!(
        "{} examples to train with, {} to test, scaled into [0, 1]{}\n{}\n",
        grouped(task.train.len() as u64),
        grouped(task.test.len() as u64),
        match task.constant {
            0 => String::new(),
            1 => "; 1 column is constant and tells nothing".to_owned(),
            count => format!("; {count} columns are constant and tell nothing"),
        },
        title(task, seeds),
    );
    let (error, level) = match task.kind {
        Kind::Classes => ("test error %", format!("epochs to {} %", task.shown(task.level()).trim_end_matches(".00"))),
        Kind::Reconstruction => ("test error", format!("epochs to {}", task.shown(task.level()))),
    };
    let head = ["scheme", error, "to the best", "", level.as_str(), "lost"];
    let mut table = table::table(&head, &[error, "to the best", level.as_str()])
        .optional(&[level.as_str()])
        .wrap(&["scheme", "lost"]);
    for (trials, summary) in trials.iter().zip(summaries) {
        let count = trials.curves.len();
        let (difference, verdict) = standing(task, summary);
        table.add_row([
            trials.start.name.clone(),
            spread(task, summary.mean, summary.std),
            difference,
            verdict.to_owned(),
            reached(summary, count),
            lost(summary, count),
        ]);
    }
    let _ = writeln!(page, "{table}");
    for line in notes(task, seeds.len(), trials, summaries) {
        let _ = writeln!(page, "{line}");
    }
    page
}

/// Mean ± standard deviation.
fn spread(task: &Task, mean: f64, std: f64) -> String {
    if std.is_nan() { task.shown(mean) } else { format!("{} ± {}", task.shown(mean), task.shown(std)) }
}

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

/// The median, and how many came there if not all did.
fn reached(summary: &Summary, count: usize) -> String {
    let epochs: Vec<f64> = summary.reached.iter().map(|&epoch| epoch as f64).collect();
    match (median(&epochs), epochs.len()) {
        (None, _) => "never".to_owned(),
        (Some(median), reached) if reached == count => full(median),
        (Some(median), reached) => format!("{} ({reached} of {count})", full(median)),
    }
}

fn lost(summary: &Summary, count: usize) -> String {
    let part = |lost: usize, how: &str| (lost > 0).then(|| format!("{lost} of {count} {how}"));
    let parts = [part(summary.diverged, "diverged"), part(summary.at_chance, "at chance")];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn notes(task: &Task, seeds: usize, trials: &[Trials], summaries: &[Summary]) -> Vec<String> {
    let mut notes = Vec::new();
    let (same, error) = match task.kind {
        Kind::Classes => ("naming the commonest class for every example", format!("{} %", task.shown(task.baseline))),
        Kind::Reconstruction => ("answering every example with the mean", task.shown(task.baseline)),
    };
    notes.push(format!("chance: {same} gives {error}; within a twentieth of it, or beyond, nothing was learnt"));
    if seeds > 1 {
        notes.push(
            "±: standard deviation over the seeds; to the best: mean of the differences seed by seed ± its standard error, \
             of which two are a tie"
                .to_owned(),
        );
    } else {
        notes.push(
            "one seed says nothing of the spread, so no scheme can be told from another; give --seeds 2 or more"
                .to_owned(),
        );
    }
    let named = trials.iter().filter_map(|trials| Some(format!("{}: {}", trials.start.name, trials.start.note()?)));
    notes.extend(named);
    for (trials, summary) in trials.iter().zip(summaries).filter(|(_, summary)| summary.diverged > 0) {
        let first = trials.curves.iter().filter_map(|curve| curve.diverged).min().unwrap_or_default();
        let when =
            if first == 0 { "before the first epoch".to_owned() } else { format!("in epoch {first} at the earliest") };
        notes.push(format!(
            "{}: {} of {} trainings diverged, {when}, and are in no mean; a lower --learning-rate than {} may help",
            trials.start.name,
            summary.diverged,
            trials.curves.len(),
            full(task.training.learning_rate),
        ));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_numbers_have_no_rounding() {
        assert_eq!(
            (trimmed(0.05 * 100.0), trimmed(0.07 * 100.0), trimmed(0.0002)),
            ("5".into(), "7".into(), "0.0002".into())
        );
    }
}
