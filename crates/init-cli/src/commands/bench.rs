//! `fanin bench`: the speed of each fill, compared with the memory bandwidth.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    time::Duration,
};

use clap::Args;
use init_core::DType;
use init_kernels::{Level, threads};
use serde::Serialize;

use crate::{
    failure::{Failure, Outcome},
    measure::{Case, Fill, Fresh, Measured, Rounds, Timing, fresh},
    model::dtype,
    number::{parse_bytes, size},
    progress,
    table::{self, Table, paragraph},
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Distributions to measure [default: all]
    #[arg(long, value_name = "FILL", value_delimiter = ',')]
    fill: Vec<Fill>,

    /// Element types to measure: f32, f64, bf16, f16 [default: all]
    #[arg(long, value_name = "DTYPE", value_delimiter = ',', value_parser = dtype)]
    dtype: Vec<DType>,

    #[arg(long, value_name = "LEVEL", value_delimiter = ',', help = level_help())]
    level: Vec<Level>,

    /// Size of the buffer, such as 4096, 64MiB or 1GB; a small buffer stays in the caches
    #[arg(long, value_name = "BYTES", default_value = "256MiB")]
    #[arg(value_parser = parse_bytes, allow_negative_numbers = true)]
    size: u64,

    /// Finish within 30 seconds, with fewer rounds and only part of the buffer for slow fills
    #[arg(long)]
    quick: bool,

    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

fn level_help() -> String {
    let names = Level::ALL.map(Level::name).join(", ");
    format!("SIMD levels to measure: {names} [default: all that this machine supports]")
}

/// The smallest buffer: one block of f64.
const MIN_BYTES: u64 = 32 << 10;

/// The largest buffer that `--quick` can write in time.
const QUICK_BYTES: u64 = 256 << 20;

/// The size of the largest buffer that can be addressed.
const MAX_BYTES: u64 = isize::MAX as u64;

pub(crate) fn run(options: &Options) -> Outcome {
    let (cases, rounds) = (options.cases()?, options.rounds()?);
    let bar = progress::steps((cases.len() * rounds.count) as u64, false);
    let measured = rounds.measure(&cases, &|| bar.inc(1))?;
    let fresh = fresh(if options.quick { 0 } else { rounds.bytes }, threads::count()?, measured.rounds.min(3))?;
    bar.finish_and_clear();

    let mut out = io::stdout().lock();
    if options.json {
        let report = report(&rounds, &measured, &fresh);
        serde_json::to_writer_pretty(&mut out, &report).map_err(io::Error::from)?;
        writeln!(out)?;
    } else {
        writeln!(out, "{}", heading(&rounds, &measured))?;
        writeln!(out, "{}", table_of(&measured))?;
        writeln!(out, "{}", fresh_table(&fresh))?;
    }
    Ok(())
}

impl Options {
    fn cases(&self) -> Outcome<Vec<Case>> {
        let available = Level::available();
        if let Some(&level) = self.level.iter().find(|level| !available.contains(level)) {
            return Err(init_kernels::LevelError::Unavailable { level }.into());
        }
        let chosen = |level: &Level| self.level.is_empty() || self.level.contains(level);
        let all = threads::count()?;
        let counts = if all == 1 { vec![1] } else { vec![1, all] };
        let mut cases = Vec::new();
        for threads in counts {
            for dtype in DType::ALL.into_iter().filter(|dtype| self.dtype.is_empty() || self.dtype.contains(dtype)) {
                for level in available.iter().copied().rev().filter(chosen) {
                    let fills = Fill::ALL.into_iter().filter(|fill| self.fill.is_empty() || self.fill.contains(fill));
                    cases.extend(fills.map(|fill| Case { fill, dtype, level, threads }));
                }
            }
        }
        Ok(cases)
    }

    fn rounds(&self) -> Outcome<Rounds> {
        let most = if self.quick { QUICK_BYTES } else { MAX_BYTES };
        let bytes = match usize::try_from(self.size) {
            Ok(bytes) if (MIN_BYTES..=most).contains(&self.size) => bytes / 8 * 8,
            _ => {
                let hint = if self.quick { "; for a larger buffer leave out --quick" } else { "" };
                return Err(Failure::input(format_args!(
                    "`--size` must be between {} and {}, got {}{hint}",
                    size(MIN_BYTES),
                    size(most),
                    size(self.size),
                )));
            }
        };
        Ok(if self.quick {
            let (fill_time, deadline) = (Duration::from_millis(25), Duration::from_secs(15));
            Rounds { bytes, count: 5, fill_time: Some(fill_time), deadline: Some(deadline) }
        } else {
            Rounds { bytes, count: 7, fill_time: None, deadline: None }
        })
    }
}

fn threads(count: usize) -> String {
    if count == 1 { "1 thread".to_owned() } else { format!("{count} threads") }
}

fn heading(rounds: &Rounds, measured: &Measured) -> String {
    let limits = measured.limits.iter().map(|(&count, limit)| format!("{limit:.1} GB/s on {}", threads(count)));
    paragraph(&format!(
        "{} buffer, {}; writing one constant runs at {}",
        size(rounds.bytes as u64),
        match measured.rounds {
            1 => "1 round".to_owned(),
            rounds => format!("median of {rounds} rounds"),
        },
        limits.collect::<Vec<_>>().join(", "),
    ))
}

/// A row per distribution, type and level; columns per number of threads.
fn table_of(measured: &Measured) -> Table {
    let columns: Vec<_> = measured
        .limits
        .keys()
        .map(|&count| [format!("{}:\nns/element", threads(count)), "GB/s".to_owned(), "vs constant".to_owned()])
        .collect();
    let mut head = vec!["fill", "dtype", "level"];
    head.extend(columns.iter().flatten().map(String::as_str));
    let mut table = table::table(&head, &head[3..]).optional(&["GB/s", "vs constant"]);
    let mut lines: Vec<(Case, Vec<&Timing>)> = Vec::new();
    for timing in &measured.timings {
        let is_same = |case: &Case| Case { threads: case.threads, ..timing.case } == *case;
        match lines.iter_mut().find(|(case, _)| is_same(case)) {
            Some((_, line)) => line.push(timing),
            None => lines.push((timing.case, vec![timing])),
        }
    }
    for (case, timings) in lines {
        let mut row = vec![case.fill.name().to_owned(), case.dtype.to_string(), case.level.to_string()];
        for timing in timings {
            row.extend([
                format!("{:.3}", timing.ns_per_element()),
                format!("{:.2}", timing.gb_per_s()),
                format!("{:.0} %", 100.0 * of_limit(timing, measured)),
            ]);
        }
        table.add_row(row);
    }
    table
}

fn fresh_table(fresh: &[Fresh]) -> Table {
    let mut table = table::table(
        &["memory (normal f32)", "bytes", "threads", "new: GB/s", "filled again: GB/s"],
        &["bytes", "threads", "new: GB/s", "filled again: GB/s"],
    )
    .optional(&["threads", "bytes"]);
    for fresh in fresh {
        table.add_row([
            fresh.memory.to_owned(),
            size(fresh.bytes as u64),
            fresh.threads.to_string(),
            format!("{:.2}", fresh.new_gb_per_s),
            format!("{:.2}", fresh.touched_gb_per_s),
        ]);
    }
    table
}

/// The speed as a fraction of that of writing one constant.
fn of_limit(timing: &Timing, measured: &Measured) -> f64 {
    timing.gb_per_s() / measured.limits.get(&timing.case.threads).copied().unwrap_or(f64::NAN)
}

/// The measurements in JSON.
#[derive(Debug, Serialize)]
struct Report<'a> {
    version: &'static str,
    value_format: u32,
    bytes: usize,
    rounds: usize,
    limit_gb_per_s: BTreeMap<usize, f64>,
    fills: Vec<Line>,
    fresh: &'a [Fresh],
}

/// A row of the table in JSON.
#[derive(Debug, Serialize)]
struct Line {
    fill: &'static str,
    dtype: &'static str,
    level: String,
    threads: usize,
    bytes: usize,
    ns_per_element: f64,
    gb_per_s: f64,
    of_limit: f64,
}

fn report<'a>(rounds: &Rounds, measured: &Measured, fresh: &'a [Fresh]) -> Report<'a> {
    let line = |timing: &Timing| Line {
        fill: timing.case.fill.name(),
        dtype: timing.case.dtype.name(),
        level: timing.case.level.to_string(),
        threads: timing.case.threads,
        bytes: timing.bytes,
        ns_per_element: timing.ns_per_element(),
        gb_per_s: timing.gb_per_s(),
        of_limit: of_limit(timing, measured),
    };
    Report {
        version: env!("CARGO_PKG_VERSION"),
        value_format: init_kernels::VALUE_FORMAT,
        bytes: rounds.bytes,
        rounds: measured.rounds,
        limit_gb_per_s: measured.limits.clone(),
        fills: measured.timings.iter().map(line).collect(),
        fresh,
    }
}
