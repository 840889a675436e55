//! Properties of any text as a recipe or a configuration.

use std::time::{Duration, Instant};

use half::{bf16, f16};
use init_core::{DType, Structured};
use init_kernels::Filler;
use init_model::{Config, Plan, Recipe, plan::PlanError};

/// A hundred times longer than any recipe of these lengths takes, and far shorter than an exponential one.
const LIMIT: Duration = Duration::from_secs(5);

/// Checks that a message has one or two lines, begins with the origin and contains no control characters.
fn check_message(message: &str, origin: &str, text: &str) {
    assert!(message.starts_with(origin), "{message:?}\n{text}");
    assert!((1..=2).contains(&message.lines().count()) && !message.ends_with('\n'), "{message:?}\n{text}");
    let control = |c: char| c.is_control() && c != '\n';
    assert!(!message.contains(control), "{message:?}\n{text}");
    assert!(message.chars().count() < 2000, "{message:?}\n{text}");
}

/// Checks that the line number in a message exists in the text.
fn check_line(message: &str, origin: &str, text: &str) {
    let rest = message.strip_prefix(origin).and_then(|rest| rest.strip_prefix(':'));
    let line: Option<usize> = rest.and_then(|rest| rest.split(':').next()?.parse().ok());
    let lines = text.split('\n').count();
    assert!(line.is_some_and(|line| (1..=lines).contains(&line)), "{message:?}\n{text}");
}

/// Checks that a plan can be filled, by the first elements of each parameter.
fn check_plan(plan: &Plan) {
    let _ = (plan.digest(), plan.elements(), plan.bytes(), plan.residual());
    for by in plan.multipliers().values() {
        assert!(by.is_finite());
    }
    for entry in plan.entries() {
        let by = entry.multipliers;
        for factor in [by.forward, by.learning_rate, by.weight_decay, by.residual.unwrap_or(1.0)] {
            assert!(factor.is_finite() && factor > 0.0, "{entry:?}");
        }
    }
    for entry in plan.entries().iter().take(20) {
        use Structured::{DeltaOrthogonal, Orthogonal, Sparse};
        let elements = entry.shape.numel();
        // These are computed as a whole.
        if matches!(entry.resolved.structured(), Some(Orthogonal { .. } | DeltaOrthogonal { .. } | Sparse { .. }))
            && elements > 1000
        {
            continue;
        }
        let count = elements.min(50) as usize;
        let filled = match entry.dtype {
            DType::F64 => plan.fill_at(&mut vec![0f64; count], 0, entry, Filler::new()),
            DType::Bf16 => plan.fill_at(&mut vec![bf16::ZERO; count], 0, entry, Filler::new()),
            DType::F16 => plan.fill_at(&mut vec![f16::ZERO; count], 0, entry, Filler::new()),
            _ => plan.fill_at(&mut vec![0f32; count], 0, entry, Filler::new()),
        };
        filled.unwrap_or_else(|error| panic!("{entry:?}: {error}"));
    }
}

/// Checks any text as a recipe, and returns whether it gave a plan.
pub(crate) fn check_recipe(text: &str) -> bool {
    const ORIGIN: &str = "fuzz.toml";
    let start = Instant::now();
    let planned = match Recipe::parse(text, ORIGIN) {
        Ok(recipe) => match recipe.plan() {
            Ok(plan) => {
                check_plan(&plan);
                true
            }
            Err(error) => {
                let message = error.to_string();
                check_message(&message, ORIGIN, text);
                // The one error without a line: there are no parameters.
                if !matches!(error, PlanError::Empty { .. }) {
                    check_line(&message, ORIGIN, text);
                }
                false
            }
        },
        Err(error) => {
            let message = error.to_string();
            check_message(&message, ORIGIN, text);
            check_line(&message, ORIGIN, text);
            false
        }
    };
    assert!(start.elapsed() < LIMIT, "{:?}\n{text}", start.elapsed());
    planned
}

/// Checks any text as a configuration. Its errors name no line, since JSON is often a single one.
pub(crate) fn check_config(text: &str) -> bool {
    const ORIGIN: &str = "config.json";
    let start = Instant::now();
    let planned = match Config::parse(text, ORIGIN) {
        Ok(config) => match config.recipe().plan() {
            Ok(plan) => {
                check_plan(&plan);
                true
            }
            Err(error) => {
                check_message(&error.to_string(), ORIGIN, text);
                false
            }
        },
        Err(error) => {
            check_message(&error.to_string(), ORIGIN, text);
            false
        }
    };
    assert!(start.elapsed() < LIMIT, "{:?}\n{text}", start.elapsed());
    planned
}
