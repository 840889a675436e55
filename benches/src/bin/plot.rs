//! Plots the speed of f32 fills over the size of the buffer, from reports of `fanin bench --json`
//! for several sizes:
//!
//! ```sh
//! for size in 64KiB 256KiB 1MiB 4MiB 16MiB 64MiB 256MiB 1GiB; do
//!     fanin bench --json --dtype f32 --level avx512 --size $size > target/$size.json
//! done
//! cargo run --release -p fanin-benches --bin plot -- docs/performance.svg target/*iB.json
//! ```
//!
//! One panel for each number of threads, with the fastest level of the reports.

use std::{collections::BTreeMap, env, error::Error, fs};

use plotters::{element::DashedPathElement, prelude::*};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Report {
    bytes: u64,
    limit_gb_per_s: BTreeMap<usize, f64>,
    fills: Vec<Fill>,
}

#[derive(Debug, Deserialize)]
struct Fill {
    fill: String,
    dtype: String,
    threads: usize,
    gb_per_s: f64,
}

type Points = Vec<(f64, f64)>;

const FONT: &str = "sans-serif";
const GREY: RGBColor = RGBColor(110, 110, 110);
/// Distinguishable with any colour vision.
const COLOURS: [(&str, &str, RGBColor); 3] = [
    ("uniform", "uniform", RGBColor(0, 114, 178)),
    ("truncated_normal", "truncated normal ±2σ", RGBColor(0, 158, 115)),
    ("normal", "normal", RGBColor(213, 94, 0)),
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let output = arguments.next().ok_or("usage: plot OUT.svg REPORT.json...")?;
    let mut reports: Vec<Report> = Vec::new();
    for path in arguments {
        let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        reports.push(serde_json::from_str(&text).map_err(|error| format!("{path}: {error}"))?);
    }
    reports.sort_by_key(|report| report.bytes);
    let (Some(first), Some(last)) = (reports.first(), reports.last()) else {
        return Err("usage: plot OUT.svg REPORT.json..., with at least one report".into());
    };
    let sizes = first.bytes as f64 / 1.3..last.bytes as f64 * 1.3;
    let best = reports.iter().flat_map(|report| {
        report.limit_gb_per_s.values().copied().chain(report.fills.iter().map(|fill| fill.gb_per_s))
    });
    // Room for the legend above the lines.
    let top = best.fold(0.0, f64::max) * 1.4;

    let root = SVGBackend::new(&output, (1000, 420)).into_drawing_area();
    root.fill(&WHITE)?;
    let threads: Vec<usize> = last.limit_gb_per_s.keys().copied().collect();
    let panels = root.split_evenly((1, threads.len()));
    for (panel, &threads) in panels.iter().zip(&threads) {
        let title = if threads == 1 { "1 thread".to_owned() } else { format!("{threads} threads") };
        let mut chart = ChartBuilder::on(panel)
            .caption(title, (FONT, 18))
            .margin(12)
            .margin_right(28)
            .x_label_area_size(44)
            .y_label_area_size(52)
            .build_cartesian_2d(sizes.clone().log_scale().base(2.0), 0.0..top)?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(WHITE)
            .bold_line_style(GREY.mix(0.25))
            .x_labels(reports.len())
            .x_label_formatter(&|&bytes| size(bytes))
            .y_label_formatter(&|rate| format!("{rate:.0}"))
            .x_desc("size of the buffer")
            .y_desc("GB/s")
            .label_style((FONT, 13))
            .draw()?;

        let limit: Points = points(&reports, |report| report.limit_gb_per_s.get(&threads).copied());
        chart
            .draw_series(DashedLineSeries::new(limit, 5, 4, GREY.stroke_width(2)))?
            .label("limit: a constant")
            .legend(|(x, y)| DashedPathElement::new([(x, y), (x + 16, y)], 5, 4, GREY.stroke_width(2)));
        for (name, label, colour) in COLOURS {
            let line = points(&reports, |report| {
                let is_it = |fill: &&Fill| fill.fill == name && fill.dtype == "f32" && fill.threads == threads;
                report.fills.iter().filter(is_it).map(|fill| fill.gb_per_s).reduce(f64::max)
            });
            chart
                .draw_series(LineSeries::new(line, colour.stroke_width(2)).point_size(3))?
                .label(label)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], colour.stroke_width(2)));
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperRight)
            .background_style(WHITE.mix(0.85))
            .border_style(GREY.mix(0.4))
            .label_font((FONT, 13))
            .draw()?;
    }
    root.present()?;
    drop(panels);
    println!("wrote {output}");
    Ok(())
}

fn points(reports: &[Report], rate: impl Fn(&Report) -> Option<f64>) -> Points {
    reports.iter().filter_map(|report| rate(report).map(|rate| (report.bytes as f64, rate))).collect()
}

/// Formats a size: 65536 as `64 KiB`.
fn size(bytes: f64) -> String {
    let exponent = bytes.log2().floor() / 10.0;
    let (unit, name) = match exponent as u32 {
        0 => (0, "B"),
        1 => (10, "KiB"),
        2 => (20, "MiB"),
        _ => (30, "GiB"),
    };
    format!("{:.0} {name}", bytes / f64::from(1u32 << unit))
}
