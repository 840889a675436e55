//! Each initializer of the table in each dtype, from its text to the values: standard deviation,
//! bounds and structure, without the oracle.

use fanin_tests::for_each_dtype;
use fanin_tests::levels::Both;
use fanin_tests::statistics::STANDARD_ERRORS;
use init_core::{Distribution, Initializer, Layout, Resolved, Shape, Spec};
use init_kernels::{Stream, fill};

for_each_dtype! {
    every_distribution_has_its_moments_and_bounds => distributions;
    every_structure_is_exact => structures;
    the_smallest_shapes_are_filled => smallest;
}

fn resolve(text: &str, shape: &[usize], layout: &str) -> Resolved {
    let init: Initializer = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
    let layout: Layout = layout.parse().expect("a layout");
    init.resolve(&Shape::new(shape).expect("a shape"), &layout)
        .unwrap_or_else(|error| panic!("{text} {shape:?}: {error}"))
}

fn values<T: Both>(text: &str, shape: &[usize], layout: &str) -> Vec<f64> {
    let mut values = vec![T::LARGEST; shape.iter().product()];
    fill(&mut values, &resolve(text, shape, layout), Stream::new(11).child(text))
        .unwrap_or_else(|e| panic!("{text}: {e}"));
    values.iter().map(|value| value.exact()).collect()
}

/// Asserts mean and standard deviation within five standard errors, and every value inside the bounds.
fn follows(values: &[f64], distribution: &Distribution, what: &str) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let std = (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
    let std_error = distribution.std() * ((distribution.kurtosis() - 1.0) / (4.0 * n)).sqrt();
    assert!(
        (mean - distribution.mean()).abs() <= STANDARD_ERRORS * distribution.std() / n.sqrt(),
        "{what}: mean {mean}"
    );
    assert!(
        (std - distribution.std()).abs() <= STANDARD_ERRORS * std_error,
        "{what}: std {std} for {}",
        distribution.std()
    );
    let (low, high) = distribution.support();
    assert!(values.iter().all(|x| (low..=high).contains(x)), "{what}: a value outside {low} … {high}");
}

fn distributions<T: Both>() {
    for spec in Spec::all().iter().filter(|spec| !spec.structured) {
        for text in spec.examples {
            for (shape, layout) in [
                (&[256, 784][..], "torch"),
                (&[784, 256], "jax"),
                (&[64, 16, 14, 14], "conv(torch, groups=4, stride=2)"),
                (&[4, 4, 96, 128], "keras"),
                (&[384, 512], "packed(torch, blocks=3, axis=0)"),
            ] {
                let found = resolve(text, shape, layout);
                let distribution = found.distribution().expect("a distribution");
                let what = format!("{text} of {shape:?} in {layout}, {}", T::NAME);
                let values = values::<T>(text, shape, layout);
                if let Distribution::Constant(value) = distribution {
                    assert!(values.iter().all(|x| x == value), "{what}");
                } else {
                    follows(&values, distribution, &what);
                }
            }
        }
    }
}

/// Returns the maximum element of Q·Qᵀ − gain²·I, or of Qᵀ·Q − gain²·I for a tall Q.
fn off_orthogonal(values: &[f64], cols: usize, gain: f64) -> f64 {
    let rows = values.len() / cols;
    let at = |vector: usize, k: usize| if rows > cols { values[k * cols + vector] } else { values[vector * cols + k] };
    let (vectors, length) = (rows.min(cols), rows.max(cols));
    let pairs = (0..vectors).flat_map(|i| (0..=i).map(move |j| (i, j)));
    let error = |(i, j)| {
        let product: f64 = (0..length).map(|k| at(i, k) * at(j, k)).sum();
        (product - if i == j { gain * gain } else { 0.0 }).abs()
    };
    pairs.map(error).fold(0.0, f64::max)
}

fn structures<T: Both>() {
    // A few units of the type per product of two columns; for f64 the same limit as in haar.rs.
    let epsilon = match T::NAME {
        "f64" => 2_f64.powi(-49),
        "f32" => 2_f64.powi(-20),
        "bf16" => 2_f64.powi(-6),
        _ => 2_f64.powi(-9),
    };
    let round = |x: f64| T::round(x).exact();
    let ones = |values: &[f64], one: f64| {
        assert!(values.iter().all(|&x| x == 0.0 || x == one));
        (0..values.len()).filter(|&at| values[at] == one).collect::<Vec<_>>()
    };
    for spec in Spec::all().iter().filter(|spec| spec.structured) {
        match spec.name {
            "eye" => {
                let found = values::<T>("eye(0.5)", &[3, 4, 6], "torch");
                assert_eq!(
                    ones(&found, 0.5),
                    (0..3).flat_map(|c| (0..4).map(move |i| c * 24 + i * 7)).collect::<Vec<_>>()
                );
            }
            "dirac" => {
                // An even kernel has two centres; each group passes its own channels through.
                for (centre, tap) in [("upper", 2), ("lower", 1)] {
                    let found = values::<T>(&format!("dirac(groups=2, centre={centre})"), &[6, 4, 4], "torch");
                    let expected = (0..2).flat_map(|g| (0..3).map(move |d| ((g * 3 + d) * 4 + d) * 4 + tap));
                    assert_eq!(ones(&found, 1.0), expected.collect::<Vec<_>>());
                }
                assert_eq!(ones(&values::<T>("dirac", &[6, 4, 4], "conv(torch, groups=3)"), 1.0).len(), 6);
            }
            "orthogonal" => {
                for (shape, layout, cols) in
                    [(&[96, 64][..], "torch", 64), (&[32, 16, 2, 2], "torch", 64), (&[40, 128], "torch", 128)]
                {
                    let found = values::<T>("orthogonal(1.5)", shape, layout);
                    let off = off_orthogonal(&found, cols, 1.5);
                    assert!(off <= 2.25 * epsilon, "{shape:?} {}: {off:e}", T::NAME);
                    // The sum of squares follows from the norms of the columns; this sum itself rounds by up to 1e-14.
                    let square = found.iter().map(|x| x * x).sum::<f64>();
                    let rank = cols.min(found.len() / cols) as f64;
                    assert!((square / (2.25 * rank) - 1.0).abs() < epsilon + 1e-14, "{shape:?}: {square}");
                }
            }
            "delta_orthogonal" => {
                for (text, tap) in [("delta_orthogonal", 2), ("delta_orthogonal(centre=lower)", 1)] {
                    let found = values::<T>(text, &[48, 32, 4], "torch");
                    let middle: Vec<f64> = found.iter().skip(tap).step_by(4).copied().collect();
                    assert!(off_orthogonal(&middle, 32, 1.0) <= epsilon, "{}", T::NAME);
                    assert_eq!(
                        found.iter().filter(|&&x| x != 0.0).count(),
                        middle.iter().filter(|&&x| x != 0.0).count()
                    );
                }
            }
            "sparse" => {
                let found = values::<T>("sparse(0.3, std=0.02)", &[401, 500], "torch");
                for col in 0..500 {
                    assert_eq!((0..401).filter(|row| found[row * 500 + col] == 0.0).count(), 121, "column {col}");
                }
                let drawn: Vec<f64> = found.into_iter().filter(|&x| x != 0.0).collect();
                follows(&drawn, &Distribution::Normal { mean: 0.0, std: 0.02 }, "sparse");
            }
            "bilinear" => {
                // By hand: f = 2 and c = 3/4 for 4 and 3, f = 1 and c = 0 for 2.
                for (size, weights) in [(4, &[0.25, 0.75, 0.75, 0.25][..]), (3, &[0.25, 0.75, 0.75]), (2, &[1.0, 0.0])]
                {
                    let found = values::<T>("bilinear(diagonal)", &[3, 2, size, size], "torch");
                    for (at, &x) in found.iter().enumerate() {
                        let (out, input, tap) = (at / size / size / 2, at / size / size % 2, at % (size * size));
                        let weight = if out == input { weights[tap / size] * weights[tap % size] } else { 0.0 };
                        assert_eq!(x, weight, "{size}: {at}");
                    }
                }
            }
            "icnr" => {
                let found = values::<T>("icnr(2, init=normal(std=0.1))", &[512, 32, 2, 2], "torch");
                let filters: Vec<&[f64]> = found.chunks(128).collect();
                assert!(filters.chunks(4).all(|four| four.iter().all(|one| one == &four[0])));
                let drawn = filters.iter().step_by(4).copied().flatten().copied().collect::<Vec<_>>();
                follows(&drawn, &Distribution::Normal { mean: 0.0, std: 0.1 }, "icnr");
            }
            "stft" => {
                let found = values::<T>("stft(window=none, scaling=none)", &[8, 1, 5], "keras");
                for (at, x) in found.iter().enumerate() {
                    let exact =
                        [1.0, 0.5_f64.sqrt(), 0.0, -(0.5_f64.sqrt()), -1.0, -(0.5_f64.sqrt()), 0.0, 0.5_f64.sqrt()];
                    let expected = exact[at / 5 * (at % 5) % 8];
                    assert!(
                        (x - round(expected)).abs() <= 2.0 * f64::EPSILON && (expected != 0.0 || *x == 0.0),
                        "{at}: {x}"
                    );
                }
            }
            "padded_identity" => {
                let found = values::<T>("padded_identity", &[5, 2], "torch");
                assert_eq!(ones(&found, 1.0), [0, 3, 4, 7, 8]);
            }
            "hadamard" => {
                assert_eq!(ones(&values::<T>("hadamard", &[3, 5], "torch"), 1.0), [0, 6, 12]);
                let found = values::<T>("hadamard", &[64, 24, 2], "torch");
                let middle: Vec<f64> = found.iter().skip(1).step_by(2).copied().collect();
                assert!(middle.iter().all(|x| x.abs() == 0.125) && off_orthogonal(&middle, 24, 1.0) == 0.0);
                assert!(found.iter().step_by(2).all(|&x| x == 0.0));
                let cut = values::<T>("hadamard(2)", &[7, 3], "torch");
                assert!(cut.iter().all(|x| x.abs() == round(0.5_f64.sqrt())));
            }
            "embedding" => {
                let found = values::<T>("embedding(-2, init=uniform(-1, 1))", &[501, 400], "torch");
                assert!(found[499 * 400..500 * 400].iter().all(|&x| x == 0.0));
                let rest = [&found[..499 * 400], &found[500 * 400..]].concat();
                follows(&rest, &Distribution::Uniform { low: -1.0, high: 1.0 }, "embedding");
            }
            "gate_bias" => {
                let found = values::<T>("gate_bias(1.5, gate=2)", &[32], "torch");
                assert_eq!(ones(&found, 1.5), (16..24).collect::<Vec<_>>());
            }
            "chrono" => {
                let hidden = 100_000;
                let found = values::<T>("chrono(100)", &[4 * hidden], "torch");
                assert!(found[2 * hidden..].iter().all(|&x| x == 0.0));
                let (input, forget) = found[..2 * hidden].split_at(hidden);
                assert!(input.iter().zip(forget).all(|(a, b)| *a == -b || (*a == 0.0 && *b == 0.0)));
                let (minimum, maximum) = (0.0, round(99_f64.ln()));
                assert!(forget.iter().all(|x| (minimum..=maximum).contains(x)));
                // E ln u over [1, 99): (99·ln 99 − 98) / 98; its standard deviation is below 1.
                let mean = forget.iter().sum::<f64>() / hidden as f64;
                let expected = (99.0 * 99_f64.ln() - 98.0) / 98.0;
                assert!((mean - expected).abs() < STANDARD_ERRORS / (hidden as f64).sqrt(), "{mean} for {expected}");
            }
            other => panic!("{other} is a new initializer: add it here"),
        }
    }
}

/// One element, and none: filled, or refused with an error where a scheme divides by a fan of 0.
fn smallest<T: Both>() {
    for spec in Spec::all() {
        let (text, ndim) = match spec.name {
            "constant" => ("constant(0.5)", 2),
            "sparse" => ("sparse(0)", 2),
            "embedding" => ("embedding(0, init=ones)", 2),
            "icnr" => ("icnr(1)", 3),
            "chrono" => ("chrono(2, gates=2, forget=1, input=0)", 1),
            "gate_bias" => ("gate_bias(gate=0, gates=1)", 1),
            "dirac" | "bilinear" | "delta_orthogonal" => (spec.name, 3),
            "stft" => ("stft", 0),
            _ => (spec.examples[0], 2),
        };
        let one = match spec.name {
            // A window of one sample, with two frequencies; one value per gate.
            "stft" => vec![1, 1, 2],
            "chrono" => vec![2],
            _ => vec![1; ndim],
        };
        let found = values::<T>(text, &one, "torch");
        assert!(found.iter().all(|x| x.is_finite()), "{text}: {found:?}");
        match spec.name {
            "eye" | "dirac" | "padded_identity" | "hadamard" | "ones" | "gate_bias" => {
                assert_eq!(found, [1.0], "{text}");
            }
            "orthogonal" | "delta_orthogonal" => assert_eq!(found[0].abs(), 1.0, "{text}"),
            "embedding" | "zeros" => assert_eq!(found, [0.0], "{text}"),
            _ => {}
        }
        let none = match spec.name {
            "stft" => vec![0, 1, 2],
            "chrono" | "gate_bias" => vec![0],
            "embedding" => vec![1, 0],
            _ => [&[1; 3][..ndim - 1], &[0]].concat(),
        };
        let init: Initializer = text.parse().expect("an initializer");
        let shape = Shape::new(none.clone()).expect("a shape");
        match init.resolve(&shape, &Layout::Torch) {
            Ok(resolved) => {
                assert!(!spec.needs_fans, "{text} divides by a fan of 0");
                let mut nothing: [T; 0] = [];
                fill(&mut nothing, &resolved, Stream::new(0)).unwrap_or_else(|error| panic!("{text}: {error}"));
            }
            Err(error) => {
                assert!(spec.needs_fans || spec.name == "icnr", "{text}: {error}");
                assert!(error.to_string().contains("no elements"), "{text}: {error}");
            }
        }
    }
}
