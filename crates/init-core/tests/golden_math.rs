//! Fans, gains, bounds and standard deviations compared with numbers printed by PyTorch, JAX and Keras.
//!
//! The vectors are in `vectors/math.json`. PyTorch computes them in `f64`, and ours equal
//! them bit for bit. JAX computes its multipliers in the dtype of the tensor: its `float32` ones
//! equal ours, rounded to f32, within one unit in the last place; its 16-bit ones, whose variance
//! is rounded before the root is taken, within one unit of theirs. The length of
//! every list is checked, so that no vector is lost.

use std::collections::BTreeSet;

use init_core::distribution::normal::{cdf, sf};
use init_core::{Axes, Distribution, Fans, Initializer, Layout, Nonlinearity, Shape, Structured, shape::FanError};
use serde_json::{Value, json};

const VECTORS: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/math.json"));

fn cases(list: &str, count: usize) -> Vec<Value> {
    let mut vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let Value::Array(cases) = vectors[list].take() else { panic!("{list} is not a list") };
    assert_eq!(cases.len(), count, "{list}");
    cases
}

fn shape(value: &Value) -> Shape {
    let dims = value.as_array().unwrap();
    Shape::new(dims.iter().map(|dim| dim.as_u64().unwrap() as usize).collect::<Vec<_>>()).unwrap()
}

/// Reads an integer, or a fraction in a string: `serde_json` alone may be off by the last bit.
fn number(value: &Value) -> f64 {
    let number = match value {
        Value::String(digits) => digits.parse().ok(),
        value => value.as_f64(),
    };
    number.unwrap_or_else(|| panic!("{value} is not a number"))
}

/// Writes a value as in the text form of an initializer.
fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_string)
}

fn fans(value: &Value) -> Fans {
    Fans { fan_in: number(&value["fan_in"]), fan_out: number(&value["fan_out"]) }
}

/// Reads an axis or a list of axes; JAX accepts both.
fn axes(value: &Value) -> Vec<isize> {
    match value {
        Value::Array(list) => list.iter().map(|axis| axis.as_i64().unwrap() as isize).collect(),
        axis => vec![axis.as_i64().unwrap() as isize],
    }
}

/// Returns `Layout::Jax` for JAX's default axes, and explicit axes for all others.
fn jax_layout(case: &Value) -> Layout {
    let [input, output, batch] = ["in_axis", "out_axis", "batch_axis"].map(|key| axes(&case[key]));
    match (&input[..], &output[..], &batch[..]) {
        ([-2], [-1], []) => Layout::Jax,
        _ => Layout::Axes(Axes::new(input, output, batch)),
    }
}

#[test]
fn torch_fans() {
    let mut errors = 0;
    for case in cases("torch_fans", 34) {
        let found = Layout::Torch.fans(&shape(&case["shape"]));
        if case.get("error").is_some() {
            assert!(matches!(found, Err(FanError::TooFewDims { .. })), "{case}: {found:?}");
            errors += 1;
        } else {
            assert_eq!(found, Ok(fans(&case)), "{case}");
        }
    }
    assert_eq!(errors, 2);
}

#[test]
fn jax_fans() {
    let (mut errors, mut by_axes) = (0, 0);
    for case in cases("jax_fans", 28) {
        let layout = jax_layout(&case);
        let found = layout.fans(&shape(&case["shape"]));
        match case.get("error").map(|error| error.as_str().unwrap()) {
            Some(error) if error.starts_with("ZeroDivisionError") => {
                assert!(matches!(found, Err(FanError::ZeroSizedAxis { .. })), "{case}: {found:?}");
                errors += 1;
            }
            Some(_) => {
                assert!(matches!(found, Err(FanError::TooFewDims { .. })), "{case}: {found:?}");
                errors += 1;
            }
            None => {
                assert_eq!(found, Ok(fans(&case)), "{case}");
                if layout == Layout::Jax {
                    let given = Layout::Axes(Axes::new([-2], [-1], []));
                    assert_eq!(given.fans(&shape(&case["shape"])), found, "{case}");
                } else {
                    by_axes += 1;
                }
            }
        }
    }
    assert_eq!((errors, by_axes), (2, 18));
}

#[test]
fn torch_gains() {
    let (mut gains, mut errors) = (0, 0);
    for case in cases("torch_gains", 26) {
        let name = case["nonlinearity"].as_str().unwrap();
        let parameter = &case["param"];
        // As a user would write it: through the text form.
        let text = match parameter {
            Value::Null => format!("xavier_normal(gain={name})"),
            slope => format!("xavier_normal(gain={name}, a={})", word(slope)),
        };
        let parsed = text.parse::<Initializer>();
        if case.get("error").is_some() {
            assert!(parsed.is_err(), "{case}");
            errors += 1;
            continue;
        }
        let Ok(Initializer::XavierNormal { gain, .. }) = parsed else { panic!("{case}: {parsed:?}") };
        let expected = number(&case["gain"]);
        assert_eq!(gain.value().to_bits(), expected.to_bits(), "{case}");
        let slope = match parameter {
            Value::Null => Nonlinearity::DEFAULT_SLOPE,
            slope => number(slope),
        };
        let direct = name.parse::<Nonlinearity>().unwrap().gain(slope);
        assert_eq!(direct.to_bits(), expected.to_bits(), "{case}");
        gains += 1;
    }
    assert_eq!((gains, errors), (22, 4));
}

#[test]
fn torch_schemes() {
    let mut by_family = [0, 0];
    for case in cases("torch_schemes", 136) {
        let name = case["fn"].as_str().unwrap().trim_end_matches('_');
        let parameters = case["params"].as_object().unwrap().iter();
        let parameters: Vec<_> = parameters.map(|(key, value)| format!("{key}={}", word(value))).collect();
        let text = format!("{name}({})", parameters.join(", "));
        let init: Initializer = text.parse().unwrap();
        let distribution = init.distribution(&shape(&case["shape"]), &Layout::Torch).unwrap();
        match (case["dist"].as_str().unwrap(), distribution) {
            ("uniform", Distribution::Uniform { low, high }) => {
                assert_eq!(low.to_bits(), number(&case["lo"]).to_bits(), "{case}");
                assert_eq!(high.to_bits(), number(&case["hi"]).to_bits(), "{case}");
                by_family[0] += 1;
            }
            ("normal", Distribution::Normal { mean, std }) => {
                assert_eq!(mean, number(&case["mean"]), "{case}");
                assert_eq!(std.to_bits(), number(&case["std"]).to_bits(), "{case}");
                by_family[1] += 1;
            }
            _ => panic!("{case}: {distribution}"),
        }
    }
    assert_eq!(by_family, [88, 48]);
}

/// `torch.nn.Linear` and `Conv` draw their bias from ±1/√fan_in of the weight, and the weight from
/// `kaiming_uniform_(a=√5)`, which is the same bound up to rounding.
#[test]
fn torch_module_bias_bound() {
    let kaiming: Initializer = format!("kaiming_uniform(a={})", 5_f64.sqrt()).parse().unwrap();
    for case in cases("torch_module_bias_bound", 8) {
        let shape = shape(&case["weight_shape"]);
        let fan_in = Layout::Torch.fans(&shape).unwrap().fan_in;
        assert_eq!(fan_in, number(&case["fan_in"]), "{case}");
        let bound = number(&case["bound"]);
        assert_eq!((1.0 / fan_in.sqrt()).to_bits(), bound.to_bits(), "{case}");
        let (_, weight_bound) = kaiming.distribution(&shape, &Layout::Torch).unwrap().support();
        assert!((weight_bound / bound - 1.0).abs() <= 2.0 * f64::EPSILON, "{case}");
    }
}

/// Returns the factor of JAX's standard values: U(−1, 1), N(0, 1), or N(0, 1) truncated at ±2.
fn multiplier(distribution: Distribution) -> f64 {
    match distribution {
        Distribution::Uniform { low, high } if low == -high => high,
        Distribution::Normal { mean: 0.0, std } => std,
        Distribution::TruncatedNormal { mean: 0.0, std, low, high } => {
            assert_eq!((low, high), (-2.0 * std, 2.0 * std));
            std
        }
        _ => panic!("{distribution}"),
    }
}

#[test]
fn jax_scales() {
    let (mut equal, mut singles, mut halves) = (0, 0, 0);
    for case in cases("jax_scales", 96) {
        let [scale, mode, distribution] = ["scale", "mode", "distribution"].map(|key| word(&case[key]));
        let text = format!("variance_scaling({scale}, {mode}, {distribution})");
        let init: Initializer = text.parse().unwrap();
        let distribution = init.distribution(&shape(&case["shape"]), &jax_layout(&case)).unwrap();
        let (found, expected) = (multiplier(distribution), number(&case["multiplier"]));
        // All are positive, so the patterns of neighbours differ by one.
        let distance = match case["dtype"].as_str().unwrap() {
            "float32" => {
                let [a, b] = [found, expected].map(|x| (x as f32).to_bits().cast_signed());
                assert!((a - b).abs() <= 1, "{case}: {found}");
                singles += 1;
                a - b
            }
            "bfloat16" => {
                let [a, b] = [found, expected].map(|x| i32::from(half::bf16::from_f64(x).to_bits()));
                assert!((a - b).abs() <= 1, "{case}: {found}");
                halves += 1;
                a - b
            }
            "float16" => {
                let [a, b] = [found, expected].map(|x| i32::from(half::f16::from_f64(x).to_bits()));
                assert!((a - b).abs() <= 1, "{case}: {found}");
                halves += 1;
                a - b
            }
            other => panic!("unknown dtype {other}"),
        };
        equal += i32::from(distance == 0);
    }
    assert_eq!((singles, halves), (32, 64));
    assert_eq!(equal, 83, "multipliers equal to the bit");
}

#[test]
fn keras_fans() {
    for case in cases("keras_fans", 8) {
        let shape = shape(&case["shape"]);
        assert_eq!(Layout::Keras.fans(&shape), Ok(fans(&case)), "{case}");
        if shape.ndim() >= 2 {
            assert_eq!(Layout::Jax.fans(&shape), Ok(fans(&case)), "{case}");
        }
    }
}

/// The probability between PyTorch's bounds, by which it chooses its method, and 2Φ − 1 at each bound, the
/// interval from which its releases up to 2.11 draw.
#[test]
fn trunc_normal_branch() {
    let mut redraws = 0;
    for case in cases("trunc_normal_branch", 8) {
        let [mean, std, low, high] = ["mean", "std", "a", "b"].map(|key| number(&case[key]));
        let [lower, upper] = [low, high].map(|bound| (bound - mean) / std);
        let found = [cdf(upper) - cdf(lower), 1.0 - 2.0 * sf(lower), 1.0 - 2.0 * sf(upper)];
        for (found, key) in found.into_iter().zip(["p", "legacy_l", "legacy_u"]) {
            let expected = number(&case[key]);
            assert!((found - expected).abs() <= f64::EPSILON, "{case}: {key} {found}");
        }
        let redraw = found[0] > 0.3;
        assert_eq!(case["branch"], if redraw { "normal_redraw" } else { "uniform_rejection" }, "{case}");
        redraws += i32::from(redraw);
        // The distribution itself: absolute bounds, as in PyTorch.
        let text = format!("trunc_normal(mean={mean}, std={std}, low={low}, high={high})");
        let distribution =
            text.parse::<Initializer>().unwrap().distribution(&shape(&json!([3])), &Layout::Torch).unwrap();
        assert_eq!(distribution, Distribution::TruncatedNormal { mean, std, low, high });
        let middle = 0.5 * (low + high);
        let expected = (cdf((middle - mean) / std) - cdf(lower)) / found[0];
        assert!((distribution.cdf(middle) - expected).abs() < 1e-14, "{case}");
    }
    assert_eq!(redraws, 5);
}

/// The numbers that JAX and Keras print for their own `*_normal`, through PyTorch's names.
#[test]
fn truncated_normal_schemes_equal_those_of_jax() {
    let mut found = 0;
    for case in cases("jax_scales", 96) {
        let [mode, distribution] = ["mode", "distribution"].map(|key| word(&case[key]));
        let scale = number(&case["scale"]);
        let text = match (scale, &mode[..], &distribution[..]) {
            (1.0, "fan_avg", "truncated_normal") => "glorot_normal(truncated)",
            (2.0, "fan_in", "truncated_normal") => "he_normal(truncated)",
            (1.0, "fan_in", "truncated_normal") => "lecun_normal(truncated)",
            _ => continue,
        };
        let init: Initializer = text.parse().unwrap();
        let distribution = init.distribution(&shape(&case["shape"]), &jax_layout(&case)).unwrap();
        if case["dtype"] == "float32" {
            let [a, b] =
                [multiplier(distribution), number(&case["multiplier"])].map(|x| (x as f32).to_bits().cast_signed());
            assert!((a - b).abs() <= 1, "{case}: {text}");
            found += 1;
        }
    }
    assert!(found > 0, "no truncated scheme among the vectors");
}

/// PyTorch's `dirac_` and `eye_`, element by element, from the indices of the structure.
#[test]
fn torch_dirac_and_eye() {
    const VECTORS: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/structured.json"));
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 8);
    for case in cases {
        let init: Initializer = case["initializer"].as_str().unwrap().parse().unwrap();
        let resolved = init.resolve(&shape(&case["shape"]), &Layout::Torch).unwrap();
        let ones: BTreeSet<u64> = match resolved.structured().unwrap() {
            Structured::Eye { matrix, gain } => {
                assert_eq!(*gain, 1.0);
                (0..matrix.rows().min(matrix.cols())).map(|i| matrix.index(0, i, i)).collect()
            }
            Structured::Dirac { filters, groups, centre } => {
                let part = filters.out() / groups;
                let diagonal = |g: usize| (0..part.min(filters.inputs())).map(move |d| (g * part + d, d));
                (0..*groups).flat_map(diagonal).map(|(out, input)| filters.index(out, input, *centre)).collect()
            }
            other => panic!("{other}"),
        };
        let expected = case["ones"].as_array().unwrap().iter().map(|one| one.as_u64().unwrap());
        assert_eq!(ones, expected.collect(), "{case}");
    }
}
