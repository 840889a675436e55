//! The text form: what parses, what is printed, and the message and position of every error.

use proptest::prelude::*;

use init_core::{
    Activation, Gain, Initializer, Mode, Nonlinearity, ParseError, Spec, Truncation,
    distribution::Family,
    gain::GainFamily,
    initializer::{DefaultValue, Kind, Value},
    scheme::Scheme,
    shape::Centre,
    stft::{Scaling, Side, Window},
    text::ParseErrorKind::{self, *},
};

fn parse(text: &str) -> Initializer {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn truncated(mean: f64, std: f64, [low, high, lower, upper]: [Option<f64>; 4]) -> Initializer {
    Initializer::TruncatedNormal { mean, std, low, high, lower, upper, corrected: false }
}

#[test]
fn truncations_and_exact_gains_parse() {
    for (text, printed) in [
        ("glorot_normal(truncated)", "xavier_normal(truncation=corrected)"),
        ("he_normal(uncorrected, a=0.1)", "kaiming_normal(a=0.1, truncation=uncorrected)"),
        ("kaiming_normal(0.1, corrected, fan_out)", "kaiming_normal(a=0.1, mode=fan_out, truncation=corrected)"),
        ("lecun_normal(truncation=truncated)", "lecun_normal(truncation=corrected)"),
        ("lecun_normal(none)", "lecun_normal"),
        ("truncated_normal(std=.02, corrected)", "truncated_normal(std=0.02, corrected=true)"),
        ("trunc_normal(lower=-3, upper=inf)", "truncated_normal(lower=-3, upper=inf)"),
        ("xavier_uniform(gain=exact(tanh))", "xavier_uniform(gain=exact(tanh))"),
        ("xavier_uniform( backward ( swish ) )", "xavier_uniform(gain=backward(silu))"),
        (
            "kaiming_normal(nonlinearity=centred(leaky_relu), a=0.2)",
            "kaiming_normal(a=0.2, nonlinearity=centred(leaky_relu))",
        ),
    ] {
        let init = parse(text);
        assert_eq!(init.to_string(), printed);
        assert_eq!(parse(printed), init);
    }
}

#[test]
fn structured_initializers_parse() {
    let normal = || Some(Box::new(Initializer::Normal { mean: 0.0, std: 0.1 }));
    for (text, expected, printed) in [
        ("identity(2)", Initializer::Eye { gain: 2.0 }, "eye(gain=2)"),
        ("dirac", Initializer::Dirac { groups: None, centre: Centre::Upper }, "dirac"),
        (
            "dirac(4, lower)",
            Initializer::Dirac { groups: Some(4), centre: Centre::Lower },
            "dirac(groups=4, centre=lower)",
        ),
        ("orthogonal", Initializer::Orthogonal { gain: Gain::Value(1.0), column_axis: None }, "orthogonal"),
        (
            "orthogonal(relu, column_axis=-1)",
            Initializer::Orthogonal { gain: Gain::from(Nonlinearity::Relu), column_axis: Some(-1) },
            "orthogonal(gain=relu, column_axis=-1)",
        ),
        (
            "delta_orthogonal(centre=lower)",
            Initializer::DeltaOrthogonal { gain: Gain::Value(1.0), centre: Centre::Lower },
            "delta_orthogonal(centre=lower)",
        ),
        ("sparse(0.9)", Initializer::Sparse { sparsity: 0.9, std: 0.01 }, "sparse(sparsity=0.9)"),
        ("bilinear(diagonal)", Initializer::Bilinear { diagonal: true }, "bilinear(diagonal=true)"),
        ("icnr(2)", Initializer::Icnr { r: 2, init: None, tiled: None }, "icnr(r=2)"),
        (
            "icnr(2, normal(std=0.1), tiled=false)",
            Initializer::Icnr { r: 2, init: normal(), tiled: Some(false) },
            "icnr(r=2, init=normal(std=0.1), tiled=false)",
        ),
        (
            "zero_init(2, centre=lower)",
            Initializer::Hadamard { gain: 2.0, centre: Centre::Lower },
            "hadamard(gain=2, centre=lower)",
        ),
        ("idinit(1e-6)", Initializer::PaddedIdentity { gain: 1e-6 }, "padded_identity(gain=1e-6)"),
        (
            "embedding(-1, init=normal(0, 0.1))",
            Initializer::Embedding { padding_idx: -1, init: normal() },
            "embedding(padding_idx=-1, init=normal(std=0.1))",
        ),
        ("forget_bias", Initializer::GateBias { value: 1.0, gate: 1, gates: 4 }, "gate_bias"),
        (
            "chrono(longest=100, gates=3, forget=2)",
            Initializer::Chrono { longest: 100.0, forget: 2, input: 0, gates: 3 },
            "chrono(longest=100, forget=2, gates=3)",
        ),
        (
            "stft(imag, window=hamming, periodic)",
            Initializer::Stft { side: Side::Imag, window: Window::Hamming, scaling: Scaling::Density, periodic: true },
            "stft(side=imag, window=hamming, periodic=true)",
        ),
    ] {
        let found = parse(text);
        assert_eq!(found, expected, "{text}");
        assert!(found.spec().structured);
        assert_eq!(found.to_string(), printed);
        assert_eq!(parse(printed), expected);
    }
}

#[test]
fn names_aliases_and_values_parse() {
    let mode = Mode::FanOut;
    let nonlinearity = Nonlinearity::LeakyRelu;
    let truncation = Truncation::None;
    let kaiming = Initializer::KaimingNormal { a: 0.2, mode, nonlinearity, truncation };
    let half_open = truncated(0.0, 0.02, [Some(f64::NEG_INFINITY), None, None, None]);
    let relu = Initializer::XavierUniform { gain: Gain::from(Nonlinearity::Relu) };
    let steep = Gain::Of { nonlinearity, a: 0.2 };
    let scaled = Initializer::VarianceScaling { scale: 2.0, mode: Mode::FanIn, distribution: Family::TruncatedNormal };
    for (text, expected, printed) in [
        ("zeros", Initializer::Zeros, "zeros"),
        (" ones ( ) ", Initializer::Ones, "ones"),
        ("constant(-0)", Initializer::Constant { value: -0.0 }, "constant(value=-0)"),
        ("uniform()", Initializer::Uniform { low: 0.0, high: 1.0 }, "uniform"),
        ("uniform(-1)", Initializer::Uniform { low: -1.0, high: 1.0 }, "uniform(low=-1)"),
        ("normal(0, 0.02)", Initializer::Normal { mean: 0.0, std: 0.02 }, "normal(std=0.02)"),
        ("normal(0,std=2e-2)", Initializer::Normal { mean: 0.0, std: 0.02 }, "normal(std=0.02)"),
        ("truncated_normal(std=.02,low=-inf)", half_open, "truncated_normal(std=0.02, low=-inf)"),
        ("glorot_uniform(gain = relu)", relu.clone(), "xavier_uniform(gain=relu)"),
        ("xavier_uniform(relu)", relu, "xavier_uniform(gain=relu)"),
        (
            "xavier_normal(leaky_relu, 0.2)",
            Initializer::XavierNormal { gain: steep, truncation },
            "xavier_normal(gain=leaky_relu, a=0.2)",
        ),
        (
            "glorot_normal(gain=leaky_relu)",
            Initializer::XavierNormal { gain: Gain::from(nonlinearity), truncation },
            "xavier_normal(gain=leaky_relu)",
        ),
        (
            "kaiming_normal(mode=fan_out, nonlinearity=leaky_relu, a=0.2)",
            kaiming.clone(),
            "kaiming_normal(a=0.2, mode=fan_out)",
        ),
        ("\the_normal\n(0.2,\nfan_out)", kaiming, "kaiming_normal(a=0.2, mode=fan_out)"),
        (
            "he_uniform(nonlinearity=conv2d)",
            Initializer::KaimingUniform { a: 0.0, mode: Mode::FanIn, nonlinearity: Nonlinearity::Linear },
            "kaiming_uniform(nonlinearity=linear)",
        ),
        ("lecun_uniform", Initializer::LecunUniform, "lecun_uniform"),
        ("lecun_normal()", Initializer::LecunNormal { truncation }, "lecun_normal"),
        ("variance_scaling(2, distribution=truncated)", scaled, "variance_scaling(scale=2)"),
    ] {
        let found = parse(text);
        assert_eq!(found, expected, "{text}");
        assert_eq!(found.to_string(), printed);
        assert_eq!(parse(printed), expected);
    }
}

#[test]
fn numbers_may_be_arithmetic() {
    for (text, printed) in [
        ("kaiming_uniform(a=sqrt(5))", "kaiming_uniform(a=2.23606797749979)"),
        ("kaiming_uniform(a=math.sqrt(5))", "kaiming_uniform(a=2.23606797749979)"),
        ("normal(0, 0.02 / sqrt(2 * 12))", "normal(std=0.004082482904638631)"),
        ("normal(std=(1 + 2) * 3)", "normal(std=9)"),
        ("normal((1))", "normal(mean=1)"),
        ("uniform(-1/2, 1/2)", "uniform(low=-0.5, high=0.5)"),
        ("truncated_normal(std=1e-2*2, low=-inf)", "truncated_normal(std=0.02, low=-inf)"),
        ("xavier_uniform(gain=sqrt(2))", "xavier_uniform(gain=1.4142135623730951)"),
        ("xavier_uniform(gain=5/3)", "xavier_uniform(gain=1.6666666666666667)"),
        ("dirac(groups=8/2)", "dirac(groups=4)"),
        ("constant(pi)", "constant(value=3.141592653589793)"),
        ("icnr(2, init=normal(std=1/4))", "icnr(r=2, init=normal(std=0.25))"),
    ] {
        assert_eq!(parse(text).to_string(), printed, "{text}");
    }
}

#[test]
fn pytorchs_spellings_parse() {
    for (text, printed) in [
        ("xavier_uniform_", "xavier_uniform"),
        ("torch.nn.init.xavier_normal_(gain=2)", "xavier_normal(gain=2)"),
        ("nn.init.kaiming_normal_(a=0.1, mode=fan_out)", "kaiming_normal(a=0.1, mode=fan_out)"),
        ("init.zeros_", "zeros"),
        ("ones_()", "ones"),
        ("eye_", "eye"),
        ("dirac_(groups=2)", "dirac(groups=2)"),
        ("orthogonal_(gain=1.5)", "orthogonal(gain=1.5)"),
        ("sparse_(sparsity=0.1)", "sparse(sparsity=0.1)"),
        ("constant_(val=0.3)", "constant(value=0.3)"),
        ("uniform_(a=-1, b=2)", "uniform(low=-1, high=2)"),
        ("normal_(mean=0, std=0.02)", "normal(std=0.02)"),
        ("trunc_normal(std=0.02, a=-0.04, b=0.04)", "truncated_normal(std=0.02, low=-0.04, high=0.04)"),
        // PyTorch's default bounds are absolute.
        ("trunc_normal_", "truncated_normal(low=-2, high=2)"),
        ("trunc_normal_(std=0.02)", "truncated_normal(std=0.02, low=-2, high=2)"),
        ("trunc_normal_(std=0.02, a=-0.1)", "truncated_normal(std=0.02, low=-0.1, high=2)"),
        ("trunc_normal_(lower=-3)", "truncated_normal(lower=-3)"),
        ("trunc_normal_(0, 1, lower=-1, upper=1)", "truncated_normal(lower=-1, upper=1)"),
        ("kaiming_uniform_(nonlinearity=ReLU)", "kaiming_uniform(nonlinearity=relu)"),
        ("xavier_uniform(gain=LeakyReLU, a=0.2)", "xavier_uniform(gain=leaky_relu, a=0.2)"),
        ("kaiming_normal_(mode='fan_out', nonlinearity=\"relu\")", "kaiming_normal(mode=fan_out, nonlinearity=relu)"),
        ("xavier_uniform(exact(nn.GELU))", "xavier_uniform(gain=exact(gelu))"),
    ] {
        assert_eq!(parse(text).to_string(), printed, "{text}");
    }
    assert_eq!(error("uniform(a=0, low=1)").kind(), DuplicateParameter);
    assert_eq!(error("xavier_unifrom_").to_string().matches("did you mean `xavier_uniform`").count(), 1);
}

fn error(text: &str) -> ParseError {
    match text.parse::<Initializer>() {
        Ok(init) => panic!("{text} was read as {init}"),
        Err(error) => error,
    }
}

/// The text, the kind of error, the words it points at, and a part of the message.
#[rustfmt::skip]
const ERRORS: &[(&str, ParseErrorKind, &str, &str)] = &[
    (
        "",
        MissingName,
        "",
        "an initializer is needed, but the end of the text was found: common ones are xavier_uniform, kaiming_normal",
    ),
    ("  ", MissingName, "", "the end of the text"),
    ("(1)", MissingName, "(", "but `(` was found"),
    (
        "xavier_unifrom",
        UnknownInitializer,
        "xavier_unifrom",
        "unknown initializer `xavier_unifrom`: did you mean `xavier_uniform`?",
    ),
    ("glorot_norml(2)", UnknownInitializer, "glorot_norml", "did you mean `glorot_normal` or `glorot_uniform`?"),
    (
        "random_walk",
        UnknownInitializer,
        "random_walk",
        "unknown initializer `random_walk`: common ones are xavier_uniform, kaiming_normal, orthogonal and normal",
    ),
    ("xavier", UnknownInitializer, "xavier", "did you mean `xavier_uniform` or `xavier_normal`?"),
    ("orthogonality", UnknownInitializer, "orthogonality", "did you mean `orthogonal`?"),
    ("Zeros", UnknownInitializer, "Zeros", "did you mean `zeros`?"),
    ("нормальный", UnknownInitializer, "нормальный", "`нормальный`"),
    ("normal(sdt=1)", UnknownParameter, "sdt", "unknown parameter `sdt`: did you mean `std`? `normal` takes mean, std"),
    ("normal(scale=1)", UnknownParameter, "scale", "unknown parameter `scale`: `normal` takes mean, std"),
    ("zeros(value=1)", UnknownParameter, "value", "`zeros` takes no parameters"),
    ("normal(std=1, std=2)", DuplicateParameter, "std", "`std` of `normal` is given twice"),
    ("normal(1, mean=2)", DuplicateParameter, "mean", "`mean` of `normal` is given twice"),
    ("normal(1, 2, 3)", TooManyValues, "3", "`3` is one value too many: `normal` takes mean, std"),
    ("ones(1)", TooManyValues, "1", "`ones` takes no parameters"),
    ("normal(mean=1, 2)", PositionalAfterNamed, "2", "`2` follows a named value, so it needs a name too"),
    ("constant", MissingValue, "constant", "`constant` needs its `value`: write `constant(value)`"),
    ("constant()", MissingValue, "constant", "`constant` needs its `value`"),
    ("normal(std=)", MissingValue, ")", "a value is missing for `std` of `normal`: `)` was found"),
    ("normal(1,)", MissingValue, ")", "a value is missing for the next value of `normal`"),
    ("normal(,1)", MissingValue, ",", "`,` was found"),
    ("normal(=1)", MissingValue, "=", "`=` was found"),
    ("normal(std=-)", BadNumber, "-", "`-` is not a number: `std` of `normal` must be a finite number of at least 0"),
    ("normal(0, 1_0)", BadNumber, "1_0", "`1_0` is not a number"),
    ("constant(relu)", BadNumber, "relu", "`relu` is not a number"),
    ("truncated_normal(low=minus)", BadNumber, "minus", "must be a number or -inf"),
    ("xavier_normal(gain=leaky_relu, a=true)", BadNumber, "true", "`true` is not a number"),
    ("normal(std=-1)", OutOfRange, "-1", "`std` of `normal` must be a finite number of at least 0, got -1"),
    ("normal(std=nan)", OutOfRange, "nan", "got NaN"),
    ("normal(inf)", OutOfRange, "inf", "`mean` of `normal` must be a finite number, got inf"),
    ("constant(1e999)", OutOfRange, "1e999", "got inf"),
    ("uniform(low=-inf)", OutOfRange, "-inf", "`low` of `uniform` must be a finite number"),
    ("uniform(2)", OutOfRange, "2", "`low` of `uniform` is 2, above its `high`, 1: swap them, or give both"),
    ("uniform(high=-2)", OutOfRange, "-2", "`low` of `uniform` is 0, above its `high`, -2"),
    ("truncated_normal(low=5)", OutOfRange, "5", "is 5, above its `high`, 2"),
    ("truncated_normal(high=-inf)", OutOfRange, "-inf", "a number or inf"),
    ("truncated_normal(std=0)", OutOfRange, "0", "must be a finite number above 0"),
    ("variance_scaling(0)", OutOfRange, "0", "`scale` of `variance_scaling` must be a finite number above 0"),
    ("xavier_uniform(gain=-1)", OutOfRange, "-1", "a finite number of at least 0 or a nonlinearity"),
    ("kaiming_normal(mode=fan)", UnknownWord, "fan", "unknown mode `fan`"),
    (
        "kaiming_normal(nonlinearity=gelu)",
        UnknownWord,
        "gelu",
        "unknown nonlinearity `gelu`: did you mean `relu`? expected one of linear,",
    ),
    (
        "variance_scaling(distribution=gaussian)",
        UnknownWord,
        "gaussian",
        "unknown distribution `gaussian`: expected one of uniform, normal, truncated_normal",
    ),
    (
        "xavier_uniform(gain=swish)",
        UnknownWord,
        "swish",
        "`swish` is not a number or a nonlinearity: unknown nonlinearity `swish`: expected one of linear",
    ),
    (
        "xavier_uniform(gain=2, a=0.2)",
        Mismatch,
        "0.2",
        "`a` of `xavier_uniform` is a slope, which only a nonlinearity has",
    ),
    ("xavier_uniform(a=0.2)", Mismatch, "0.2", "as in `gain=leaky_relu, a=0.2`"),
    ("normal(0, 1", Unbalanced, "", "the parenthesis of `normal` is never closed"),
    ("normal(", Unbalanced, "", "never closed"),
    ("normal(std=", Unbalanced, "", "never closed"),
    ("normal(1,", Unbalanced, "", "never closed"),
    ("normal)", Unbalanced, ")", "`)` was found after the end of `normal`"),
    ("normal(1))", Unbalanced, ")", "nothing may follow"),
    ("normal(mean(1))", BadNumber, "mean(1)", "`mean(1)` is not a number: `mean` of `normal` must be a finite number"),
    ("normal((1)", Unbalanced, "", "never closed"),
    ("normal(2*)", BadNumber, "2*", "`2*` is not a number (it ends where a number"),
    ("normal(1/0)", BadNumber, "1/0", "its value is inf"),
    ("normal(std=sqrt(-1))", BadNumber, "sqrt(-1)", "its value is NaN"),
    ("normal 1", Trailing, "1", "`1` was found after the end of `normal`"),
    ("normal(1) zeros", Trailing, "zeros", "nothing may follow it"),
    ("normal, zeros", Trailing, ",", "`,` was found after the end"),
    ("normal(0 1)", Trailing, "1", "`1` was found after `0`: a comma or `)` is needed there"),
    ("normal(std=1=2)", Trailing, "=", "`=` was found after `1`"),
    (
        "xavier_uniform(gain=exakt(tanh))",
        UnknownWord,
        "exakt(tanh)",
        "unknown gain family `exakt`: did you mean `exact`?",
    ),
    ("xavier_uniform(gain=exact(tan))", UnknownWord, "exact(tan)", "unknown activation `tan`: did you mean `tanh`?"),
    ("xavier_uniform(gain=exact(tanh)", Unbalanced, "", "never closed"),
    ("truncated_normal(low=-1, lower=-1)", Mismatch, "-1", "give it or `low`, not both"),
    (
        "truncated_normal(high=1, corrected)",
        Mismatch,
        "corrected",
        "`corrected` of `truncated_normal` needs bounds in standard deviations",
    ),
    ("truncated_normal(corrected=yes)", UnknownWord, "yes", "unknown corrected `yes`: expected one of true, false"),
    (
        "dirac(groups=0)",
        OutOfRange,
        "0",
        "`groups` of `dirac` must be a whole number from 1 to 2147483647, got 0",
    ),
    ("dirac(groups=2.5)", OutOfRange, "2.5", "must be a whole number"),
    ("dirac(centre=middle)", UnknownWord, "middle", "unknown centre `middle`: expected one of upper, lower"),
    ("orthogonal(column_axis=0.5)", OutOfRange, "0.5", "a whole number, negative to count from the end"),
    ("sparse", MissingValue, "sparse", "`sparse` needs its `sparsity`: write `sparse(sparsity, std=0.01)`"),
    ("sparse(1.5)", OutOfRange, "1.5", "`sparsity` of `sparse` must be a number from 0 to 1"),
    ("icnr(2, orthogonal)", Mismatch, "orthogonal", "`init` of `icnr` must resolve to a distribution"),
    ("icnr(2, icnr(2, icnr(2)))", Mismatch, "icnr(2, icnr(2))", "must resolve to a distribution"),
    ("icnr(2, normal(std=x))", BadNumber, "x", "`x` is not a number: `std` of `normal`"),
    ("icnr(2, kaiming_normall)", UnknownInitializer, "kaiming_normall", "did you mean `kaiming_normal`?"),
    ("gate_bias(gate=4)", Mismatch, "4", "`gate` of `gate_bias` must be below `gates`"),
    ("chrono(1)", OutOfRange, "1", "`longest` of `chrono` must be a finite number of at least 2"),
    ("chrono(9, forget=0)", Mismatch, "chrono", "`input` of `chrono` must be another gate than `forget`"),
    (
        "stft(window=kaiser)",
        UnknownWord,
        "kaiser",
        "unknown window `kaiser`: expected one of hann, hamming, blackman, boxcar, none",
    ),
];

#[test]
fn errors_point_at_the_word_and_say_what_would_work() {
    for &(text, kind, word, message) in ERRORS {
        let error = error(text);
        assert_eq!(error.kind(), kind, "{text}: {error}");
        assert_eq!(&text[error.span()], word, "{text}: {error}");
        let said = error.to_string();
        assert!(said.contains(message), "{text}: {said}");
        assert!(said.len() < 330 && !said.contains('\n') && !said.ends_with('.'), "{said}");
    }
}

/// Returns the words that a parameter of this kind takes, or 2 for a number.
fn words_of(kind: Kind) -> Vec<String> {
    let nonlinearities = || Nonlinearity::ALL.map(|word| word.to_string()).to_vec();
    let texts = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    match kind {
        Kind::Mode => texts(&["fan_in", "fan_out", "fan_avg", "fan_geo_avg"]),
        Kind::Nonlinearity | Kind::Gain => [nonlinearities(), texts(&["exact(gelu)", "ReLU"])].concat(),
        Kind::Family => texts(&["uniform", "normal", "truncated_normal", "uncorrected_truncated_normal"]),
        Kind::Truncation => texts(&["none", "truncated"]),
        Kind::Centre => Centre::ALL.map(|word| word.to_string()).to_vec(),
        Kind::Side => Side::ALL.map(|word| word.to_string()).to_vec(),
        Kind::Window => Window::ALL.map(|word| word.to_string()).to_vec(),
        Kind::Scaling => Scaling::ALL.map(|word| word.to_string()).to_vec(),
        Kind::Flag => texts(&["true", "false"]),
        Kind::Initializer => texts(&["xavier_uniform", "kaiming_normal(mode=fan_out)"]),
        Kind::OneOf(words) => texts(words),
        _ => texts(&["2"]),
    }
}

/// Gives each word of each parameter alone, without a name, to every initializer and every scheme:
/// it is accepted, or the message has the spelling with a name.
#[test]
fn a_value_in_the_wrong_position_is_told_its_name() {
    let initializers = Spec::all().iter().map(|spec| (spec.name, spec.parameters));
    let schemes = Scheme::all().iter().map(|spec| (spec.name, spec.parameters));
    let mut corrected = 0;
    for (name, parameters) in initializers.chain(schemes) {
        let parsed = |text: &str| match Spec::find(name) {
            Some(_) => text.parse::<Initializer>().map(drop),
            None => text.parse::<Scheme>().map(drop),
        };
        for parameter in parameters {
            for word in words_of(parameter.kind) {
                let Err(error) = parsed(&format!("{name}({word})")) else { continue };
                if matches!(error.kind(), MissingValue | OutOfRange | Mismatch) {
                    continue; // the word has its position; something else is wrong
                }
                let message = error.to_string();
                let (_, rest) = message.rsplit_once("; did you mean `").unwrap_or_else(|| panic!("{message}"));
                let suggested = rest.strip_suffix("`?").unwrap();
                let takes = |key: &str| suggested == format!("{name}({key}={word})");
                assert!(parameters.iter().any(|parameter| takes(parameter.name)), "{name}({word}): {message}");
                match parsed(suggested).map_err(|error| error.kind()) {
                    Ok(()) | Err(MissingValue | Mismatch) => {}
                    Err(kind) => panic!("{suggested}: {kind:?}"),
                }
                corrected += 1;
            }
        }
    }
    assert!(corrected > 60, "{corrected}");
}

#[test]
fn several_values_in_wrong_positions_are_told_their_names() {
    for (text, suggested) in [
        ("kaiming_normal(relu)", "kaiming_normal(nonlinearity=relu)"),
        ("kaiming_normal('fan_out', 'relu')", "kaiming_normal(mode=fan_out, nonlinearity=relu)"),
        ("kaiming_normal(0.2, relu)", "kaiming_normal(0.2, nonlinearity=relu)"),
        ("kaiming_normal(mode=fan_out, relu)", "kaiming_normal(mode=fan_out, nonlinearity=relu)"),
        ("kaiming_normal(relu, truncated)", "kaiming_normal(nonlinearity=relu, truncated)"),
        ("variance_scaling(fan_avg, 2, uniform)", "variance_scaling(mode=fan_avg, scale=2, distribution=uniform)"),
        ("normal(mean=0, 1)", "normal(mean=0, std=1)"),
        ("he_uniform_(relu)", "kaiming_uniform(nonlinearity=relu)"),
    ] {
        let message = error(text).to_string();
        assert!(message.ends_with(&format!("; did you mean `{suggested}`?")), "{text}: {message}");
        parse(suggested);
    }
    for text in ["normal(relu)", "kaiming_normal(0, fan_inn)", "kaiming_normal(mode=relu)", "normal(1, mean=2)"] {
        assert!(!error(text).to_string().contains("; did you mean"), "{text}");
    }
    let long = format!("kaiming_normal({}relu)", " ".repeat(4000));
    assert!(error(&long).to_string().ends_with("did you mean `kaiming_normal(nonlinearity=relu)`?"));
}

#[test]
fn the_second_of_two_values_is_the_duplicate() {
    assert_eq!(error("normal(std=1, std=2)").span(), 14..17);
    assert_eq!(error("normal(0, 1, mean=2)").span(), 13..17);
}

#[test]
fn long_and_deep_texts_are_refused() {
    let error_of = |text: String| error(&text);
    assert_eq!(error_of("(".repeat(1 << 20)).kind(), TooLong);
    assert_eq!(error_of(format!("normal({})", "(".repeat(4000))).kind(), MissingValue);
    assert_eq!(error_of(format!("normal({}1)", "1,".repeat(2000))).kind(), TooManyValues);
    let wide = error_of("é".repeat(2000));
    assert!(wide.kind() == UnknownInitializer && wide.to_string().chars().count() < 330);
    let digits = format!("constant({})", "1".repeat(300));
    assert!(parse(&digits).to_string().len() < 40);
}

#[test]
fn the_table_is_consistent() {
    let mut words = Vec::new();
    for spec in Spec::all() {
        words.push(spec.name);
        words.extend(spec.aliases);
        for name in spec.aliases.iter().chain([&spec.name]) {
            assert!(std::ptr::eq(Spec::find(name).unwrap(), *spec));
        }
        for example in spec.examples {
            assert_eq!(parse(example).name(), spec.name, "{example}");
        }
        let text = spec.examples.first().expect("an example");
        let init = parse(text);
        assert_eq!((init.name(), init.needs_fans()), (spec.name, spec.needs_fans));
        assert_eq!(init.values().len(), spec.parameters.len());
        for (parameter, value) in spec.parameters.iter().zip(init.values()) {
            match &parameter.default {
                DefaultValue::Value(default) => assert_eq!(value.as_ref(), Some(default), "{spec}"),
                DefaultValue::Computed(_) => assert_eq!(value, None, "{spec}"),
                _ => assert!(value.is_some(), "{spec}"),
            }
            let is_number = matches!(value, Some(Value::Number(_)));
            let is_word = !parameter.kind.allows(1.0) && !parameter.kind.allows(2.0);
            assert!(value.is_none() || is_number != is_word, "{spec}");
        }
        assert!(!spec.summary.is_empty());
    }
    let count = words.len();
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), count, "a name or an alias twice");
    assert_eq!(Spec::find("gaussian").map(|spec| spec.name), None);
    let signature = Spec::find("truncated_normal").unwrap().to_string();
    assert_eq!(
        signature,
        "truncated_normal(mean=0, std=1, low=mean + lower*std, high=mean + upper*std, lower=-2, upper=2, \
         corrected=false)"
    );
    assert_eq!(Spec::find("zeros").unwrap().to_string(), "zeros");
    assert_eq!(
        Spec::find("he_normal").unwrap().to_string(),
        "kaiming_normal(a=0, mode=fan_in, nonlinearity=leaky_relu, truncation=none)"
    );
}

fn finite() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>().prop_filter("finite", |x| x.is_finite()),
        -2.0..2.0,
        Just(0.0),
        Just(-0.0),
        Just(1.0),
        Just(0.01),
    ]
}

fn positive() -> impl Strategy<Value = f64> {
    finite().prop_map(f64::abs).prop_filter("above 0", |x| *x > 0.0)
}

fn bounds() -> impl Strategy<Value = (f64, f64)> {
    (finite(), finite()).prop_map(|(a, b)| if a <= b { (a, b) } else { (b, a) })
}

fn nonlinearity() -> impl Strategy<Value = Nonlinearity> {
    let (family, activation) = (prop::sample::select(&GainFamily::ALL[..]), prop::sample::select(&Activation::ALL[..]));
    let by_quadrature =
        (family, activation).prop_map(|(family, activation)| Nonlinearity::ByQuadrature { family, activation });
    prop_oneof![prop::sample::select(&Nonlinearity::ALL[..]), by_quadrature]
}

fn gain() -> impl Strategy<Value = Gain> {
    prop_oneof![
        finite().prop_map(|x| Gain::Value(x.abs())),
        nonlinearity().prop_map(Gain::from),
        (nonlinearity(), finite()).prop_map(|(nonlinearity, a)| Gain::Of { nonlinearity, a }),
    ]
}

fn distribution() -> impl Strategy<Value = Initializer> {
    let mode = || prop::sample::select(&Mode::ALL[..]);
    let family = prop::sample::select(&Family::ALL[..]);
    let cut = (finite(), positive(), bounds(), any::<(bool, bool)>(), any::<bool>());
    prop_oneof![
        Just(Initializer::Zeros),
        Just(Initializer::Ones),
        finite().prop_map(|value| Initializer::Constant { value }),
        bounds().prop_map(|(low, high)| Initializer::Uniform { low, high }),
        (finite(), positive()).prop_map(|(mean, std)| Initializer::Normal { mean, std }),
        cut.prop_map(|(mean, std, (low, high), given, infinite)| {
            let low = if infinite { f64::NEG_INFINITY } else { low };
            let high = if infinite { f64::INFINITY } else { high };
            let (low, high) = (given.0.then_some(low), given.1.then_some(high));
            truncated(mean, std, [low, high, None, None])
        })
        .prop_filter("valid", |init| init.validate().is_ok()),
        gain().prop_map(|gain| Initializer::XavierUniform { gain }),
        (gain(), truncation()).prop_map(|(gain, truncation)| Initializer::XavierNormal { gain, truncation }),
        (finite(), mode(), nonlinearity())
            .prop_map(|(a, mode, nonlinearity)| { Initializer::KaimingUniform { a, mode, nonlinearity } }),
        (finite(), mode(), nonlinearity(), truncation()).prop_map(|(a, mode, nonlinearity, truncation)| {
            Initializer::KaimingNormal { a, mode, nonlinearity, truncation }
        }),
        Just(Initializer::LecunUniform),
        truncation().prop_map(|truncation| Initializer::LecunNormal { truncation }),
        (positive(), mode(), family)
            .prop_map(|(scale, mode, distribution)| { Initializer::VarianceScaling { scale, mode, distribution } }),
    ]
}

fn structured() -> impl Strategy<Value = Initializer> {
    let centre = || prop::sample::select(&Centre::ALL[..]);
    let nested = || prop::option::of(distribution().prop_map(Box::new));
    let window = (prop::sample::select(&Side::ALL[..]), prop::sample::select(&Window::ALL[..]));
    let whole = 1_usize..i32::MAX as usize;
    prop_oneof![
        finite().prop_map(|gain| Initializer::Eye { gain }),
        (prop::option::of(whole.clone()), centre()).prop_map(|(groups, centre)| Initializer::Dirac { groups, centre }),
        (gain(), prop::option::of(-64_isize..64))
            .prop_map(|(gain, column_axis)| Initializer::Orthogonal { gain, column_axis }),
        (gain(), centre()).prop_map(|(gain, centre)| Initializer::DeltaOrthogonal { gain, centre }),
        (0.0..=1.0, positive()).prop_map(|(sparsity, std)| Initializer::Sparse { sparsity, std }),
        any::<bool>().prop_map(|diagonal| Initializer::Bilinear { diagonal }),
        (whole.clone(), nested(), any::<Option<bool>>()).prop_map(|(r, init, tiled)| Initializer::Icnr {
            r,
            init,
            tiled
        }),
        (window, prop::sample::select(&Scaling::ALL[..]), any::<bool>())
            .prop_map(|((side, window), scaling, periodic)| { Initializer::Stft { side, window, scaling, periodic } }),
        finite().prop_map(|gain| Initializer::PaddedIdentity { gain }),
        (finite(), centre()).prop_map(|(gain, centre)| Initializer::Hadamard { gain, centre }),
        (-9_isize..9, nested()).prop_map(|(padding_idx, init)| Initializer::Embedding { padding_idx, init }),
        (finite(), 0_usize..4).prop_map(|(value, gate)| Initializer::GateBias { value, gate, gates: 4 }),
        (2.0..1e9, 0_usize..3, 3_usize..4)
            .prop_map(|(longest, forget, input)| { Initializer::Chrono { longest, forget, input, gates: 4 } }),
    ]
}

fn initializer() -> impl Strategy<Value = Initializer> {
    prop_oneof![distribution(), structured()]
}

fn truncation() -> impl Strategy<Value = Truncation> {
    prop::sample::select(&Truncation::ALL[..])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn what_is_printed_parses_back_equal(init in initializer()) {
        prop_assert_eq!(init.validate(), Ok(()));
        let text = init.to_string();
        prop_assert!(text.len() < 410, "{}", text);
        let back: Initializer = text.parse()?;
        // Debug tells −0 from 0, which == does not.
        prop_assert_eq!(format!("{:?}", &back), format!("{:?}", init));
        prop_assert_eq!(back.to_string(), text);
    }

    #[test]
    fn any_text_gives_an_initializer_or_a_span_within_it(
        text in concat!(
            "(normal|he_normal|truncated_normal|xavier_uniform|icnr|dirac|chrono|é|)[ (]?([a-z_]{0,5}|[(),= é\n]|mean|",
            "gain|std|low|relu|exact\\(|init|truncated|corrected|-?[0-9.]{1,3}|inf|nan|[+*/^-]|sqrt\\(|pi){0,12}\\)?"
        )
    ) {
        match text.parse::<Initializer>() {
            Ok(init) => prop_assert_eq!(init.validate(), Ok(())),
            Err(error) => prop_assert!(text.get(error.span()).is_some(), "{:?}", error),
        }
    }
}
