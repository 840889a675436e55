//! Initializers resolved for shapes, and the shapes and parameters that are refused.

use init_core::{
    Axes, Distribution, Gain, Initializer, Layout, Mode, Nonlinearity, ResolveError, Shape, Truncation,
    distribution::Family,
};

fn resolve(text: &str, dims: &[usize]) -> Result<Distribution, ResolveError> {
    let init: Initializer = text.parse().unwrap();
    init.distribution(&Shape::new(dims).unwrap(), &Layout::Torch)
}

#[test]
fn a_linear_layer_784_to_256_has_its_bound() {
    let found = resolve("xavier_uniform", &[256, 784]).unwrap();
    let (low, high) = found.support();
    assert!((high - 0.075_955_5).abs() < 5e-8 && low == -high);
    assert!((high - (6.0 / 1040.0_f64).sqrt()).abs() < 1e-16);
    assert_eq!(found, resolve("glorot_uniform(1)", &[256, 784]).unwrap());
}

#[test]
fn lecun_is_a_case_of_variance_scaling() {
    for (lecun, scaling) in [
        ("lecun_normal", "variance_scaling(distribution=normal)"),
        ("lecun_uniform", "variance_scaling(distribution=uniform)"),
    ] {
        let [a, b] = [lecun, scaling].map(|text| resolve(text, &[64, 3, 7, 7]).unwrap());
        assert!((a.std() - 1.0 / (147.0_f64).sqrt()).abs() < 1e-16);
        assert!((a.std() - b.std()).abs() < 1e-16);
    }
}

#[test]
fn truncated_scaling_has_the_requested_variance() {
    let found = resolve("variance_scaling(2, fan_out)", &[50, 10]).unwrap();
    assert!((found.std() - 0.2).abs() < 1e-15);
    let (low, high) = found.support();
    assert!((high - 0.4 / 0.879_625_661_034_239_8).abs() < 1e-15 && low == -high);
}

#[test]
fn only_leaky_relu_uses_the_slope() {
    let dims = &[7, 5];
    let plain = resolve("kaiming_normal(nonlinearity=relu)", dims);
    assert_eq!(resolve("kaiming_normal(a=3, nonlinearity=relu)", dims), plain);
    assert_eq!(resolve("kaiming_normal", dims), plain);
    assert_ne!(resolve("kaiming_normal(a=3)", dims), plain);
    let Ok(Distribution::Normal { std, .. }) = resolve("xavier_normal(gain=leaky_relu)", dims) else { unreachable!() };
    assert_eq!(std, Nonlinearity::LeakyRelu.gain(0.01) * (2.0 / 12.0_f64).sqrt());
}

#[test]
fn shapes_that_cannot_be_scaled_are_refused() {
    for text in ["xavier_uniform", "kaiming_normal", "lecun_normal", "variance_scaling"] {
        for (dims, word) in [
            (&[][..], "shape [] has too few dimensions"),
            (&[5], "shape [5] has too few dimensions"),
            (&[0, 4], "shape [0, 4], which has no elements; use `zeros`"),
            (&[4, 0], "shape [4, 0], which has no elements"),
        ] {
            let error = resolve(text, dims).unwrap_err().to_string();
            assert!(error.contains(word) && error.contains(text), "{error}");
            assert!(!error.contains('\n') && error.len() < 220, "{error}");
        }
    }
    for text in ["zeros", "ones", "constant(2)", "uniform", "normal", "truncated_normal"] {
        for dims in [&[][..], &[5], &[0, 4]] {
            assert!(resolve(text, dims).is_ok());
        }
    }
}

fn truncated(std: f64, low: Option<f64>) -> Initializer {
    Initializer::TruncatedNormal { mean: 0.0, std, low, high: None, lower: None, upper: None, corrected: false }
}

#[test]
fn invalid_parameters_are_refused_without_a_parser() {
    let shape = Shape::new([3, 4]).unwrap();
    let mode = Mode::FanIn;
    let nonlinearity = Nonlinearity::LeakyRelu;
    for (init, word) in [
        (Initializer::Constant { value: f64::NAN }, "`value`"),
        (Initializer::Uniform { low: f64::NEG_INFINITY, high: 0.0 }, "got -inf"),
        (Initializer::Uniform { low: 2.0, high: 1.0 }, "above its `high`, 1"),
        (
            Initializer::Normal { mean: 0.0, std: -1.0 },
            "`std` of `normal` must be a finite number of at least 0, got -1",
        ),
        (truncated(0.0, None), "above 0, got 0"),
        (truncated(1.0, Some(5.0)), "is 5, above its `high`, 2"),
        (truncated(1.0, Some(f64::INFINITY)), "a number or -inf"),
        (Initializer::XavierUniform { gain: Gain::Value(-1.0) }, "`gain`"),
        (
            Initializer::XavierNormal { gain: Gain::Of { nonlinearity, a: f64::NAN }, truncation: Truncation::None },
            "`a`",
        ),
        (Initializer::KaimingUniform { a: f64::INFINITY, mode, nonlinearity }, "`a`"),
        (Initializer::VarianceScaling { scale: 0.0, mode, distribution: Family::Normal }, "`scale`"),
    ] {
        let error = init.distribution(&shape, &Layout::Torch).unwrap_err().to_string();
        assert!(error.contains(word) && error.contains(init.name()), "{error}");
        let _ = init.to_string();
    }
}

#[test]
fn a_scale_that_overflows_is_an_error() {
    let error = resolve("xavier_uniform(gain=1.7e308)", &[1, 1]).unwrap_err().to_string();
    assert!(error.contains("gives no valid distribution for shape [1, 1]"), "{error}");
    let error = resolve("variance_scaling(scale=5e-324)", &[9, 9]).unwrap_err().to_string();
    assert!(
        error.contains("`std` of a truncated_normal distribution must be a finite number above 0, got 0"),
        "{error}"
    );
}

#[test]
fn a_stacked_weight_has_the_fans_of_one_layer() {
    let init: Initializer = "lecun_normal".parse().unwrap();
    let stacked = Layout::Axes(Axes::new([-1], [-2], [0]));
    let found = init.distribution(&Shape::new([8, 256, 784]).unwrap(), &stacked).unwrap();
    assert_eq!(Ok(found), resolve("lecun_normal", &[256, 784]));
}

#[test]
fn truncations_have_their_standard_deviation() {
    let dims = &[64, 3, 7, 7][..];
    let cut = 0.879_625_661_034_239_8;
    for scheme in ["xavier_normal", "kaiming_normal", "lecun_normal"] {
        let found = |text: &str| resolve(text, dims).unwrap();
        let plain = found(scheme).std();
        let corrected = found(&format!("{scheme}(truncated)"));
        assert!((corrected.std() / plain - 1.0).abs() < 1e-14, "{scheme}");
        assert_eq!(corrected.support(), (-2.0 * (plain / cut), 2.0 * (plain / cut)));
        let uncorrected = found(&format!("{scheme}(uncorrected)"));
        assert!((uncorrected.std() / plain - cut).abs() < 1e-14, "{scheme}");
        assert_eq!(uncorrected.support(), (-2.0 * plain, 2.0 * plain));
    }
    let [jax, keras] = ["he_normal(truncated)", "variance_scaling(2, fan_in, truncated_normal)"];
    let [a, b] = [jax, keras].map(|text| resolve(text, dims).unwrap().std());
    assert!((a / b - 1.0).abs() < 1e-15);
    for (lower, upper) in [("-2", "2"), ("-1", "3"), ("0.5", "inf"), ("-inf", "-4")] {
        let text = format!("truncated_normal(mean=1, std=0.02, lower={lower}, upper={upper}, corrected)");
        assert!((resolve(&text, dims).unwrap().std() / 0.02 - 1.0).abs() < 1e-12, "{text}");
    }
    // One bound absolute, the other in standard deviations.
    let found = resolve("truncated_normal(mean=1, std=0.5, low=-2, upper=3)", dims).unwrap();
    assert_eq!(found.support(), (-2.0, 2.5));
    let torch = resolve("trunc_normal(std=0.02, low=-2, high=2)", dims).unwrap();
    assert!((torch.std() - 0.02).abs() < 1e-17);
}

#[test]
fn fans_are_those_of_one_connected_part() {
    let std = |layout: &str, dims: &[usize]| {
        let layout: Layout = layout.parse().unwrap();
        let init: Initializer = "xavier_normal".parse().unwrap();
        init.distribution(&Shape::new(dims).unwrap(), &layout).unwrap().std()
    };
    let xavier = |fan_in: f64, fan_out: f64| (2.0 / (fan_in + fan_out)).sqrt();
    // Packed Q, K and V count as one matrix each, stacked experts too.
    assert_eq!(std("packed(torch, blocks=3, axis=0)", &[192, 64]), xavier(64.0, 64.0));
    assert_eq!(std("torch", &[192, 64]), xavier(64.0, 192.0));
    assert_eq!(std("packed(keras, blocks=4, axis=-1)", &[32, 128]), xavier(32.0, 32.0));
    assert_eq!(std("axes(in=[2], out=[1], batch=[0])", &[8, 256, 784]), xavier(784.0, 256.0));
    // Grouped, depthwise and transposed convolutions.
    assert_eq!(std("conv(torch, groups=4)", &[64, 8, 3, 3]), xavier(72.0, 144.0));
    assert_eq!(std("conv(keras, depthwise)", &[3, 3, 64, 2]), xavier(9.0, 18.0));
    assert_eq!(std("conv(torch, stride=2, transposed)", &[64, 32, 4, 4]), xavier(256.0, 512.0));
}
