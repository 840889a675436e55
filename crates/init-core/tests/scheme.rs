//! Schemes by name: they resolve to the numbers of their papers, and their text form parses back.

use proptest::prelude::*;

use init_core::{
    Initializer, Layout, Shape,
    initializer::DefaultValue,
    scheme::{Multipliers, Optimizer, Role, Scheme},
    text::ParseErrorKind,
};

fn scheme(text: &str) -> Scheme {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The initializer, and forward, learning rate, weight decay, residual.
fn found(text: &str, dims: &[usize], layout: &str) -> (String, Multipliers) {
    let layout: Layout = layout.parse().unwrap();
    let found = scheme(text).parametrization(&Shape::new(dims).unwrap(), &layout).unwrap();
    (found.initializer.to_string(), found.multipliers)
}

fn multipliers(forward: f64, learning_rate: f64) -> Multipliers {
    Multipliers { forward, learning_rate, weight_decay: 1.0 / learning_rate, residual: None }
}

/// Table 8 of Yang et al. 2022, from width 64 to 256.
#[test]
fn mup_has_the_table_of_the_paper() {
    for (text, dims, init, expected) in [
        // The input grows in its outputs alone.
        ("mup(input)", [256, 16], "normal(std=0.25)", multipliers(1.0, 1.0)),
        ("mup(input, base_fan_out=64, optimizer=sgd)", [256, 16], "normal(std=0.25)", multipliers(1.0, 4.0)),
        ("mup(hidden, base_fan_in=64)", [256, 256], "normal(std=0.0625)", multipliers(1.0, 0.25)),
        ("mup(hidden, optimizer=sgd)", [256, 256], "normal(std=0.0625)", multipliers(1.0, 1.0)),
        ("mup(output, base_fan_in=64)", [10, 256], "normal(std=0.125)", multipliers(0.25, 1.0)),
        ("mup(output, base_fan_in=64, optimizer=sgd)", [10, 256], "normal(std=0.125)", multipliers(0.25, 4.0)),
        // The same from the standard deviation of the base model.
        ("mup(input, std=0.25)", [256, 16], "normal(std=0.25)", multipliers(1.0, 1.0)),
        ("mup(hidden, base_fan_in=64, std=0.125)", [256, 256], "normal(std=0.0625)", multipliers(1.0, 0.25)),
        ("mup(output, base_fan_in=64, std=0.125)", [10, 256], "normal(std=0.125)", multipliers(0.25, 1.0)),
    ] {
        assert_eq!(found(text, &dims, "torch"), (init.to_owned(), expected), "{text}");
        let swapped = [dims[1], dims[0]];
        assert_eq!(found(text, &swapped, "jax"), (init.to_owned(), expected), "{text}");
    }
}

/// Biases and the factors of norms are weights from a constant input.
#[test]
fn vectors_have_a_fan_in_of_one() {
    let bias = "mup(input, std=0, base_fan_out=64, optimizer=sgd)";
    let norm = "mup(input, mean=1, std=0, base_fan_out=64, optimizer=sgd)";
    for layout in ["torch", "jax", "keras"] {
        assert_eq!(found(bias, &[256], layout), ("constant(value=0)".to_owned(), multipliers(1.0, 4.0)));
        assert_eq!(found(norm, &[256], layout), ("constant(value=1)".to_owned(), multipliers(1.0, 4.0)));
        assert_eq!(found("ntk(0.1)", &[256], layout), ("normal".to_owned(), multipliers(0.1, 1.0)));
    }
    let packed = found("mup(input, base_fan_out=64, optimizer=sgd)", &[768], "packed(torch, blocks=3, axis=0)");
    assert_eq!(packed, ("normal".to_owned(), multipliers(1.0, 4.0)));
    let scalar = scheme("spectral").parametrization(&Shape::new([]).unwrap(), &Layout::Torch).unwrap();
    assert_eq!(scalar.multipliers, Multipliers::ONE);
}

#[test]
fn fans_are_those_of_the_layout() {
    let hidden = "mup(hidden, base_fan_in=64)";
    assert_eq!(found(hidden, &[768, 256], "packed(torch, blocks=3, axis=0)").1, multipliers(1.0, 0.25));
    assert_eq!(found(hidden, &[256, 768], "packed(jax, blocks=3, axis=-1)").1, multipliers(1.0, 0.25));
    assert_eq!(found(hidden, &[32, 64, 2, 2], "torch").1, multipliers(1.0, 0.25));
    assert_eq!(found(hidden, &[8, 32, 256], "axes(in=[2], out=[1], batch=[0])").1, multipliers(1.0, 0.25));
    assert_eq!(found("ntk", &[64, 1, 2, 2], "conv(torch, groups=64)").1, multipliers(0.5, 1.0));
    assert_eq!(found("spectral", &[768, 64], "packed(torch, blocks=3, axis=0)").1, multipliers(1.0, 4.0));
}

/// Wang et al. 2022, figure 2, with their values for the models of their table 1 and the numbers
/// worked out by hand.
#[test]
fn deep_norm_has_the_numbers_of_the_paper() {
    for (stack, alpha, beta) in [
        ("layers=6", 12_f64.powf(0.25), 48_f64.powf(-0.25)),
        ("layers=128", 4.0, 2_f64.powf(-2.5)),
        ("encoder=1, decoder=1", 0.81, 0.87),
        ("encoder=16, decoder=16", 0.81 * 2_f64.powf(1.25), 0.87 * 2_f64.powf(-1.25)),
        ("decoder=27", 3.0, 324_f64.powf(-0.25)),
    ] {
        let near = |a: f64, b: f64| (a / b - 1.0).abs() < 1e-15;
        for (part, gain) in [("scaled", beta), ("query_key", 1.0)] {
            let found = scheme(&format!("deep_norm({part}, {stack})"))
                .parametrization(&Shape::new([8, 8]).unwrap(), &Layout::Torch)
                .unwrap();
            assert!(near(found.multipliers.residual.unwrap(), alpha), "{stack}: {:?}", found.multipliers);
            assert_eq!(Multipliers { residual: None, ..found.multipliers }, Multipliers::ONE);
            let Initializer::XavierNormal { gain: found, .. } = found.initializer else { panic!("{stack}") };
            assert!(near(found.value(), gain), "{stack}");
        }
    }
}

#[test]
fn the_other_schemes_have_the_numbers_of_their_papers() {
    for (text, dims, init) in [
        ("t_fixup(query_key, 6)", [512, 512], "xavier_uniform".to_owned()),
        ("t_fixup(decoder, 6)", [512, 512], format!("xavier_uniform(gain={})", libm::pow(54.0, -0.25))),
        ("t_fixup(encoder, 16)", [512, 512], "xavier_uniform(gain=0.335)".to_owned()),
        ("t_fixup(embedding, 9)", [1000, 64], format!("normal(std={})", libm::pow(81.0, -0.25) / 8.0)),
        ("fixup(branch, 16)", [8, 8], "variance_scaling(scale=0.125, distribution=normal)".to_owned()),
        ("fixup(last, 64)", [8, 8], "zeros".to_owned()),
        ("fixup(multiplier, 64)", [8, 8], "ones".to_owned()),
        ("scaled_residual(16)", [8, 8], "normal(std=0.005)".to_owned()),
        ("scaled_residual(16, std=0.04)", [8, 8], "normal(std=0.01)".to_owned()),
        ("layer_scale(18)", [8, 8], "constant(value=0.1)".to_owned()),
        ("layer_scale(36)", [8, 8], "constant(value=1e-6)".to_owned()),
        ("zero_gamma", [8, 8], "zeros".to_owned()),
        ("rezero", [8, 8], "zeros".to_owned()),
        ("siren(first)", [8, 2], "uniform(low=-0.5, high=0.5)".to_owned()),
        ("self_normalizing", [8, 8], "lecun_normal".to_owned()),
        ("spectral", [100, 400], "normal(std=0.025)".to_owned()),
    ] {
        let (found, multipliers) = found(text, &dims, "torch");
        assert_eq!(found, init, "{text}");
        assert!(text == "spectral" || multipliers == Multipliers::ONE, "{text}");
    }
    let hidden = scheme("siren(hidden, omega=10)");
    let shape = Shape::new([8, 6]).unwrap();
    let init = hidden.parametrization(&shape, &Layout::Torch).unwrap().initializer;
    let (_, bound) = init.distribution(&shape, &Layout::Torch).unwrap().support();
    assert!((bound - 0.1).abs() < 1e-16, "{bound}"); // √(6 / 6) / 10
}

#[test]
fn every_default_written_out_is_the_default() {
    for spec in Scheme::all() {
        let required: Vec<_> = (spec.parameters.iter())
            .filter(|parameter| parameter.default == DefaultValue::Required)
            .map(|parameter| match parameter.kind.to_string().strip_prefix("one of ") {
                Some(words) => format!("{}={}", parameter.name, words.split(", ").next().unwrap()),
                None => format!("{}=3", parameter.name),
            })
            .chain((spec.name == "deep_norm").then(|| "layers=3".to_owned()))
            .collect();
        let plain = scheme(&format!("{}({})", spec.name, required.join(", ")));
        for parameter in spec.parameters {
            if let DefaultValue::Value(value) = &parameter.default {
                let given = format!(
                    "{}({}{}{}={value})",
                    spec.name,
                    required.join(", "),
                    if required.is_empty() { "" } else { ", " },
                    parameter.name
                );
                assert_eq!(scheme(&given), plain, "{given}");
            }
        }
        assert_eq!(scheme(&plain.to_string()), plain);
        assert_eq!((plain.name(), plain.values().len()), (spec.name, spec.parameters.len()));
    }
}

#[test]
fn errors_name_the_mistake_and_its_position() {
    use ParseErrorKind::*;
    for (text, word, kind, message) in [
        ("", "", MissingName, "a scheme is needed"),
        ("mupp(hidden)", "mupp", UnknownScheme, "did you mean `mup`?"),
        ("xavier_uniform", "xavier_uniform", InitializerNotScheme, "is an initializer, not a scheme"),
        ("mup", "mup", MissingValue, "needs its `role`: write `mup(role, base_fan_in=fan_in"),
        ("mup(role=hiden)", "hiden", UnknownWord, "did you mean `hidden`?"),
        ("mup(role=hidden)", "mup", Mismatch, "`base_fan_in` of `mup` is missing: give the fan_in"),
        ("mup(role=hidden, std=1, optimizer=sgd)", "mup", Mismatch, "`base_fan_in` of `mup` is missing"),
        ("mup(role=output, optimizer=sgd)", "mup", Mismatch, "`base_fan_in` of `mup` is missing"),
        ("mup(role=input, optimizer=sgd)", "mup", Mismatch, "`base_fan_out` of `mup` is missing"),
        ("mup(input, std=1, sigma=2)", "1", Mismatch, "give it or `sigma`, not both"),
        ("mup(input, sigma=-1)", "-1", OutOfRange, "at least 0, got -1"),
        ("mup(hidden, base_fan_in=1.5)", "1.5", OutOfRange, "a whole number from 1"),
        ("mup(hidden, base_fanin=64)", "base_fanin", UnknownParameter, "did you mean `base_fan_in`?"),
        ("mup(hidden, 64, optimizer=adamw)", "adamw", UnknownWord, "did you mean `adam`?"),
        ("deep_norm(layers=3)", "deep_norm", MissingValue, "needs its `part`"),
        (
            "deep_norm(part=query, layers=3)",
            "query",
            UnknownWord,
            "did you mean `query_key`? expected one of scaled, query_key",
        ),
        ("deep_norm(scaled)", "deep_norm", Mismatch, "`layers` of `deep_norm` is missing"),
        ("deep_norm(scaled, encoder=3)", "3", Mismatch, "needs `decoder` too"),
        ("deep_norm(scaled, 3, decoder=4)", "3", Mismatch, "is for a single stack"),
        ("t_fixup(part=encoder)", "t_fixup", MissingValue, "needs its `layers`"),
        ("fixup(branch)", "fixup", MissingValue, "needs its `branches`"),
        ("siren(first, omega=0)", "0", OutOfRange, "above 0"),
        ("spectral(1)", "1", TooManyValues, "takes no parameters"),
        ("ntk(sigma=1", "", Unbalanced, "never closed"),
    ] {
        let error = text.parse::<Scheme>().unwrap_err();
        assert_eq!((&text[error.span()], error.kind()), (word, kind), "{text}: {error}");
        assert!(error.to_string().contains(message) && !error.to_string().contains('\n'), "{text}: {error}");
    }
    let error = "mup(role=hidden)".parse::<Initializer>().unwrap_err();
    assert!(error.to_string().contains("`mup` is a scheme, not an initializer"), "{error}");
    assert_eq!(error.kind(), SchemeNotInitializer);
}

#[test]
fn a_shape_that_has_no_fans_is_refused() {
    let error = |text: &str, dims: &[usize], layout: &str| {
        let layout: Layout = layout.parse().unwrap();
        scheme(text).parametrization(&Shape::new(dims).unwrap(), &layout).unwrap_err().to_string()
    };
    assert!(error("ntk", &[0, 3], "torch").contains("`ntk` cannot be scaled to shape [0, 3]"));
    assert!(
        error("spectral", &[4, 4], "packed(torch, blocks=3, axis=0)").contains("`spectral` needs fan_in and fan_out")
    );
    let odd = Scheme::Ntk { sigma: f64::NAN };
    assert!(odd.parametrization(&Shape::new([2, 2]).unwrap(), &Layout::Torch).is_err());
}

proptest! {
    /// Two models, one `times` as wide as the other: the products of std and multipliers that the
    /// paper keeps.
    #[test]
    fn mup_scales_as_its_table_says_at_any_width(width in 1..2000usize, times in 1..40usize, out in 1..50usize) {
        let wide = width * times;
        let at = |role: Role, optimizer: Optimizer, dims: [usize; 2]| {
            let scheme = Scheme::Mup {
                role, optimizer, base_fan_in: Some(width), base_fan_out: Some(width), sigma: None, std: Some(0.02),
                mean: 0.0,
            };
            let found = scheme.parametrization(&Shape::new(dims).unwrap(), &Layout::Torch).unwrap();
            let Initializer::Normal { std, .. } = found.initializer else { panic!() };
            (std, found.multipliers)
        };
        let ratio = times as f64;
        for optimizer in [Optimizer::Adam, Optimizer::Sgd] {
            let bases = [(Role::Hidden, [width, width]), (Role::Output, [out, width]), (Role::Input, [width, out])];
            for (role, base) in bases {
                prop_assert_eq!(at(role, optimizer, base), (0.02, Multipliers::ONE));
            }
        }
        // 4 ε for a quotient, a root and a product.
        let near = |a: f64, b: f64| (a / b - 1.0).abs() < 1e-15;
        let (std, hidden) = at(Role::Hidden, Optimizer::Adam, [wide, wide]);
        prop_assert!(near(std, 0.02 / ratio.sqrt()) && near(hidden.learning_rate, 1.0 / ratio));
        prop_assert!(near(hidden.learning_rate * hidden.weight_decay, 1.0) && hidden.forward == 1.0);
        let (std, output) = at(Role::Output, Optimizer::Adam, [out, wide]);
        prop_assert!(std == 0.02 && near(output.forward, 1.0 / ratio) && output.learning_rate == 1.0);
        let (std, input) = at(Role::Input, Optimizer::Sgd, [wide, out]);
        prop_assert!(std == 0.02 && near(input.learning_rate, ratio) && input.forward == 1.0);
    }

    #[test]
    fn no_text_panics_and_what_parses_prints_and_parses_back(
        text in "(mup|ntk|deep_norm|fixup|siren|t_fixup)\\(?[a-z_=0-9., ()-]{0,40}\\)?|\\PC{0,40}"
    ) {
        if let Ok(scheme) = text.parse::<Scheme>() {
            prop_assert_eq!(scheme.to_string().parse::<Scheme>(), Ok(scheme));
        }
    }
}
