//! Comparison of counts with the committed counts, and with fixed limits.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The counts of a machine, by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Counts {
    /// The compiler: another version may emit other instructions.
    pub compiler: String,
    /// The counts.
    #[serde(rename = "figures")]
    pub counts: BTreeMap<String, f64>,
}

/// The largest relative deviation from the committed count, in either direction: an improvement
/// must be committed too, or it could be lost unnoticed.
pub const TOLERANCE: f64 = 0.03;

/// The largest absolute deviation of the cost of a block's start.
const SEEDING_TOLERANCE: f64 = 0.002;

/// Returns the deviations from the committed counts, one line each. Counts of levels that this
/// machine lacks are skipped.
#[must_use]
pub fn compare(found: &Counts, committed: &Counts, levels: &[String]) -> Vec<String> {
    let mut errors = Vec::new();
    for (name, &count) in &found.counts {
        match committed.counts.get(name) {
            None => errors.push(format!("{name}: no committed count")),
            Some(&expected) => {
                let allowed = if name.starts_with("seeding/") { SEEDING_TOLERANCE } else { TOLERANCE * expected };
                let is_near = (count - expected).abs() <= allowed;
                if !is_near {
                    let change = 100.0 * (count / expected - 1.0);
                    errors.push(format!("{name}: {count:.4}, committed {expected:.4} ({change:+.1} %)"));
                }
            }
        }
    }
    for name in committed.counts.keys() {
        let is_here = levels.iter().any(|level| name.ends_with(&format!("/{level}")));
        if is_here && !found.counts.contains_key(name) {
            errors.push(format!("{name}: committed, but no longer counted"));
        }
    }
    errors
}

/// Returns the counts that exceed a fixed limit, one line each: the cost of a block's start, and
/// the ratio of the portable level to AVX2.
#[must_use]
pub fn limits(found: &Counts) -> Vec<String> {
    const MAX_PORTABLE: f64 = 8.0;
    let mut errors = Vec::new();
    for (name, &count) in &found.counts {
        if let Some(case) = name.strip_prefix("seeding/") {
            let maximum = if case.starts_with("uniform") { 0.04 } else { 0.02 };
            if count > maximum {
                errors.push(format!(
                    "{name}: {:.2} % of a block, must be at most {:.0} %",
                    100.0 * count,
                    100.0 * maximum
                ));
            }
        } else if name == "normal/f32/portable"
            && let Some(avx2) = found.counts.get("normal/f32/avx2")
            && count > MAX_PORTABLE * avx2
        {
            errors.push(format!(
                "{name}: {:.2} times the instructions of avx2, must be at most {MAX_PORTABLE}",
                count / avx2
            ));
        }
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(pairs: &[(&str, f64)]) -> Counts {
        let counts = pairs.iter().map(|&(name, count)| (name.to_owned(), count)).collect();
        Counts { compiler: "rustc".to_owned(), counts }
    }

    #[test]
    fn a_change_beyond_the_tolerance_is_an_error_in_both_directions() {
        let committed = counts(&[("normal/f32/avx2", 4.0), ("seeding/normal/f32/avx2", 0.010)]);
        let levels = ["avx2".to_owned()];
        assert_eq!(compare(&committed, &committed, &levels), [""; 0]);
        let found = counts(&[("normal/f32/avx2", 4.11), ("seeding/normal/f32/avx2", 0.0119)]);
        assert_eq!(compare(&found, &committed, &levels), [""; 0]);
        for (element, seeding) in [(4.13, 0.010), (3.87, 0.010), (4.0, 0.0121), (f64::NAN, 0.010)] {
            let found = counts(&[("normal/f32/avx2", element), ("seeding/normal/f32/avx2", seeding)]);
            assert_eq!(compare(&found, &committed, &levels).len(), 1, "{found:?}");
        }
    }

    #[test]
    fn a_new_or_missing_count_is_an_error_unless_the_machine_lacks_its_level() {
        let both = counts(&[("normal/f32/avx2", 4.0), ("normal/f32/avx512", 2.0)]);
        let one = counts(&[("normal/f32/avx2", 4.0)]);
        let levels = ["avx2".to_owned(), "avx512".to_owned()];
        assert_eq!(compare(&one, &both, &levels), ["normal/f32/avx512: committed, but no longer counted"]);
        assert_eq!(compare(&one, &both, &levels[..1]), [""; 0]);
        assert_eq!(compare(&both, &one, &levels), ["normal/f32/avx512: no committed count"]);
    }

    #[test]
    fn limits_hold_whatever_is_committed() {
        let good = [("seeding/uniform/f32/avx2", 0.039), ("seeding/normal/f32/avx2", 0.019)];
        assert_eq!(limits(&counts(&good)), [""; 0]);
        assert_eq!(limits(&counts(&[("seeding/uniform/f32/avx2", 0.041)])).len(), 1);
        assert_eq!(limits(&counts(&[("seeding/normal/f32/avx2", 0.021)])).len(), 1);
        assert_eq!(limits(&counts(&[("normal/f32/avx2", 4.0), ("normal/f32/portable", 31.0)])), [""; 0]);
        assert_eq!(limits(&counts(&[("normal/f32/avx2", 4.0), ("normal/f32/portable", 33.0)])).len(), 1);
    }
}
