//! Figures beside the committed ones, and beside the limits that they must not pass.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Figures of a machine, by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// The compiler: another one may need other instructions.
    pub compiler: String,
    /// The figures.
    pub figures: BTreeMap<String, f64>,
}

/// How far a figure may lie from the committed one, either way: what got better is committed too, or it could get lost unnoticed.
pub const TOLERANCE: f64 = 0.03;

/// A share of a block's instructions need not be exact to more than this.
const SHARE: f64 = 0.002;

/// What is wrong with the figures, one line each. Committed figures of levels that are not on this machine are left out.
#[must_use]
pub fn compare(found: &Figures, committed: &Figures, levels: &[String]) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, &figure) in &found.figures {
        match committed.figures.get(name) {
            None => faults.push(format!("{name}: no committed figure")),
            Some(&expected) => {
                let allowed = if name.starts_with("seeding/") { SHARE } else { TOLERANCE * expected };
                let is_near = (figure - expected).abs() <= allowed;
                if !is_near {
                    let change = 100.0 * (figure / expected - 1.0);
                    faults.push(format!("{name}: {figure:.4}, committed {expected:.4} ({change:+.1} %)"));
                }
            }
        }
    }
    for name in committed.figures.keys() {
        let is_here = levels.iter().any(|level| name.ends_with(&format!("/{level}")));
        if is_here && !found.figures.contains_key(name) {
            faults.push(format!("{name}: committed, but counted no more"));
        }
    }
    faults
}

/// The limits that hold whatever is committed: of seeding, and of the portable level over AVX2. One line for each that is passed.
#[must_use]
pub fn limits(found: &Figures) -> Vec<String> {
    const PORTABLE: f64 = 8.0;
    let mut faults = Vec::new();
    for (name, &figure) in &found.figures {
        if let Some(law) = name.strip_prefix("seeding/") {
            let most = if law.starts_with("uniform") { 0.04 } else { 0.02 };
            if figure > most {
                faults.push(format!("{name}: {:.2} % of a block, at most {:.0} %", 100.0 * figure, 100.0 * most));
            }
        } else if name == "normal/f32/portable"
            && let Some(avx2) = found.figures.get("normal/f32/avx2")
            && figure > PORTABLE * avx2
        {
            faults.push(format!("{name}: {:.2} times the instructions of avx2, at most {PORTABLE}", figure / avx2));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(pairs: &[(&str, f64)]) -> Figures {
        let figures = pairs.iter().map(|&(name, figure)| (name.to_owned(), figure)).collect();
        Figures { compiler: "rustc".to_owned(), figures }
    }

    #[test]
    fn a_change_beyond_the_tolerance_is_a_fault_either_way() {
        let committed = figures(&[("normal/f32/avx2", 4.0), ("seeding/normal/f32/avx2", 0.010)]);
        let levels = ["avx2".to_owned()];
        assert_eq!(compare(&committed, &committed, &levels), [""; 0]);
        let found = figures(&[("normal/f32/avx2", 4.11), ("seeding/normal/f32/avx2", 0.0119)]);
        assert_eq!(compare(&found, &committed, &levels), [""; 0]);
        for (element, seeding) in [(4.13, 0.010), (3.87, 0.010), (4.0, 0.0121), (f64::NAN, 0.010)] {
            let found = figures(&[("normal/f32/avx2", element), ("seeding/normal/f32/avx2", seeding)]);
            assert_eq!(compare(&found, &committed, &levels).len(), 1, "{found:?}");
        }
    }

    #[test]
    fn a_figure_that_is_new_or_gone_is_a_fault_unless_its_level_is_absent() {
        let both = figures(&[("normal/f32/avx2", 4.0), ("normal/f32/avx512", 2.0)]);
        let one = figures(&[("normal/f32/avx2", 4.0)]);
        let levels = ["avx2".to_owned(), "avx512".to_owned()];
        assert_eq!(compare(&one, &both, &levels), ["normal/f32/avx512: committed, but counted no more"]);
        assert_eq!(compare(&one, &both, &levels[..1]), [""; 0]);
        assert_eq!(compare(&both, &one, &levels), ["normal/f32/avx512: no committed figure"]);
    }

    #[test]
    fn limits_hold_whatever_is_committed() {
        let good = [("seeding/uniform/f32/avx2", 0.039), ("seeding/normal/f32/avx2", 0.019)];
        assert_eq!(limits(&figures(&good)), [""; 0]);
        assert_eq!(limits(&figures(&[("seeding/uniform/f32/avx2", 0.041)])).len(), 1);
        assert_eq!(limits(&figures(&[("seeding/normal/f32/avx2", 0.021)])).len(), 1);
        assert_eq!(limits(&figures(&[("normal/f32/avx2", 4.0), ("normal/f32/portable", 31.0)])), [""; 0]);
        assert_eq!(limits(&figures(&[("normal/f32/avx2", 4.0), ("normal/f32/portable", 33.0)])).len(), 1);
    }
}
