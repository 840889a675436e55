//! `fanin bench`: the speed of the fills.

use std::time::{Duration, Instant};

use init_kernels::Level;
use serde_json::Value;
use tempfile::tempdir;

use crate::{fanin, refused, works};

const NUMBERS: [&str; 3] = ["ns_per_element", "gb_per_s", "of_limit"];

#[test]
fn json_has_every_fill_and_consistent_numbers() {
    let folder = tempdir().unwrap();
    let run = works(folder.path(), ["bench", "--quick", "--json", "--size", "64KiB", "--threads", "2"]);
    let report: Value = serde_json::from_str(run.text()).unwrap();
    let limits = report["limit_gb_per_s"].as_object().unwrap();
    assert_eq!(limits.keys().collect::<Vec<_>>(), ["1", "2"]);

    let mut expected = Vec::new();
    for threads in [1, 2] {
        for (dtype, size) in [("f32", 4), ("f64", 8), ("bf16", 2), ("f16", 2)] {
            for level in Level::available().iter().rev() {
                for fill in ["uniform", "normal", "truncated_normal"] {
                    expected.push((fill, dtype, size, level.to_string(), threads));
                }
            }
        }
    }
    let fills = report["fills"].as_array().unwrap();
    assert_eq!(fills.len(), expected.len());
    for (line, (fill, dtype, size, level, threads)) in fills.iter().zip(expected) {
        assert_eq!((&line["fill"], &line["dtype"]), (&fill.into(), &dtype.into()));
        assert_eq!((&line["level"], &line["threads"]), (&level.into(), &threads.into()));
        assert_eq!(line["bytes"], 64 << 10);
        let [ns, rate, of_limit] = NUMBERS.map(|number| line[number].as_f64().unwrap());
        assert!(ns > 0.0 && (ns * rate / f64::from(size) - 1.0).abs() < 1e-9, "{line}");
        let limit = limits[&threads.to_string()].as_f64().unwrap();
        assert!((rate / limit / of_limit - 1.0).abs() < 1e-9, "{line}");
    }

    for line in report["fresh"].as_array().unwrap() {
        // A smaller buffer might be memory that the allocator kept.
        assert!(line["bytes"].as_u64().unwrap() >= 64 << 20);
        assert!(["new_gb_per_s", "touched_gb_per_s"].iter().all(|number| line[number].as_f64().unwrap() > 0.0));
    }
    assert!(!report["fresh"].as_array().unwrap().is_empty());
}

#[test]
fn only_the_chosen_cases_are_measured() {
    let folder = tempdir().unwrap();
    let choice = ["bench", "--size", "1MiB", "--fill", "normal", "--dtype", "bf16,f64", "--level", "portable"];
    let run = works(folder.path(), choice.into_iter().chain(["--threads", "1", "--quick"]));
    let rows: Vec<_> = run.text().lines().filter(|line| line.contains('%')).collect();
    assert_eq!(rows.len(), 2, "{}", run.text());
    for (row, dtype) in rows.iter().zip(["f64", "bf16"]) {
        let cells: Vec<_> = row.split_whitespace().collect();
        assert_eq!(cells[..3], ["normal", dtype, "portable"]);
        assert_eq!(cells.len(), 7, "one thread, once: {row}");
    }
    assert!(run.text().starts_with("1 MiB buffer, "), "{}", run.text());
}

#[test]
fn quick_finishes_within_half_a_minute() {
    let folder = tempdir().unwrap();
    let start = Instant::now();
    works(folder.path(), ["bench", "--quick", "--size", "8MiB"]);
    assert!(start.elapsed() < Duration::from_secs(30));
}

#[test]
fn invalid_options_are_refused() {
    let folder = tempdir().unwrap();
    for (arguments, words) in [
        (&["--size", "1KiB"][..], &["1 KiB", "between 32 KiB and"][..]),
        (&["--size", "-1"], &["-1", "number of bytes"]),
        (&["--size", "1GiB", "--quick"], &["256 MiB", "--quick"]),
        (&["--size", "16777215TiB"], &["16777215 TiB"]),
        (&["--size", "4194304TiB"], &["not enough memory", "4611686018427387904"]),
        (&["--fill", "cauchy"], &["cauchy", "truncated_normal"]),
        (&["--dtype", "f8"], &["f8"]),
        (&["--level", "sse9"], &["sse9", "avx2"]),
    ] {
        // This size is valid, but no machine has that much memory.
        let code = if words[0] == "not enough memory" { 1 } else { 2 };
        refused(fanin(folder.path()).arg("bench").args(arguments), folder.path(), code, words);
    }
}
