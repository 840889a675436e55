//! The text form: what is read, what is printed, and what every error says and points at.

use init_core::ParseErrorKind::{self, *};
use init_core::{DefaultValue, Family, Gain, Initializer, Kind, Mode, Nonlinearity, ParseError, Spec};
use proptest::prelude::*;

fn parse(text: &str) -> Initializer {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn names_aliases_and_values_are_read() {
    let mode = Mode::FanOut;
    let nonlinearity = Nonlinearity::LeakyRelu;
    let kaiming = Initializer::KaimingNormal { a: 0.2, mode, nonlinearity };
    let half_open = Initializer::TruncatedNormal { mean: 0.0, std: 0.02, low: Some(f64::NEG_INFINITY), high: None };
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
            Initializer::XavierNormal { gain: steep },
            "xavier_normal(gain=leaky_relu, a=0.2)",
        ),
        (
            "glorot_normal(gain=leaky_relu)",
            Initializer::XavierNormal { gain: Gain::from(nonlinearity) },
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
        ("lecun_normal()", Initializer::LecunNormal, "lecun_normal"),
        ("variance_scaling(2, distribution=truncated)", scaled, "variance_scaling(scale=2)"),
    ] {
        let found = parse(text);
        assert_eq!(found, expected, "{text}");
        assert_eq!(found.to_string(), printed);
        assert_eq!(parse(printed), expected);
    }
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
    ("", MissingName, "", "an initializer is needed, but the end of the text was found: possible are zeros, ones"),
    ("  ", MissingName, "", "the end of the text"),
    ("(1)", MissingName, "(", "but `(` was found"),
    ("xavier_unifrom", UnknownInitializer, "xavier_unifrom", "unknown initializer `xavier_unifrom`: did you mean `xavier_uniform`? possible are zeros,"),
    ("glorot_norml(2)", UnknownInitializer, "glorot_norml", "did you mean `glorot_normal`?"),
    ("orthogonality", UnknownInitializer, "orthogonality", "unknown initializer `orthogonality`: possible are zeros,"),
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
    ("normal(std=-)", BadNumber, "-", "`-` is no number: `std` of `normal` must be a finite number of at least 0"),
    ("normal(0, 1_0)", BadNumber, "1_0", "`1_0` is no number"),
    ("constant(relu)", BadNumber, "relu", "`relu` is no number"),
    ("truncated_normal(low=minus)", BadNumber, "minus", "must be a number or -inf"),
    ("xavier_normal(gain=leaky_relu, a=true)", BadNumber, "true", "`true` is no number"),
    ("normal(std=-1)", OutOfRange, "-1", "`std` of `normal` must be a finite number of at least 0, but -1 was given"),
    ("normal(std=nan)", OutOfRange, "nan", "but NaN was given"),
    ("normal(inf)", OutOfRange, "inf", "`mean` of `normal` must be a finite number, but inf was given"),
    ("constant(1e999)", OutOfRange, "1e999", "but inf was given"),
    ("uniform(low=-inf)", OutOfRange, "-inf", "`low` of `uniform` must be a finite number"),
    ("uniform(2)", OutOfRange, "2", "`low` of `uniform` is 2, above its `high`, 1: swap them, or give both"),
    ("uniform(high=-2)", OutOfRange, "-2", "`low` of `uniform` is 0, above its `high`, -2"),
    ("truncated_normal(low=5)", OutOfRange, "5", "is 5, above its `high`, 2"),
    ("truncated_normal(high=-inf)", OutOfRange, "-inf", "a number or inf"),
    ("truncated_normal(std=0)", OutOfRange, "0", "must be a finite number above 0"),
    ("variance_scaling(0)", OutOfRange, "0", "`scale` of `variance_scaling` must be a finite number above 0"),
    ("xavier_uniform(gain=-1)", OutOfRange, "-1", "a finite number of at least 0 or a nonlinearity"),
    ("kaiming_normal(mode=fan)", UnknownWord, "fan", "unknown mode `fan`"),
    ("kaiming_normal(nonlinearity=gelu)", UnknownWord, "gelu", "unknown nonlinearity `gelu`: did you mean `relu`? possible are linear,"),
    ("variance_scaling(distribution=gaussian)", UnknownWord, "gaussian", "unknown distribution `gaussian`: possible are uniform, normal, truncated_normal"),
    ("xavier_uniform(gain=swish)", UnknownWord, "swish", "`swish` is no number and no nonlinearity: unknown nonlinearity `swish`: possible are linear"),
    ("xavier_uniform(gain=2, a=0.2)", Misfit, "0.2", "`a` of `xavier_uniform` is a slope and goes with a nonlinearity only"),
    ("xavier_uniform(a=0.2)", Misfit, "0.2", "as in `gain=leaky_relu, a=0.2`"),
    ("normal(0, 1", Unbalanced, "", "the parenthesis of `normal` is never closed"),
    ("normal(", Unbalanced, "", "never closed"),
    ("normal(std=", Unbalanced, "", "never closed"),
    ("normal(1,", Unbalanced, "", "never closed"),
    ("normal)", Unbalanced, ")", "`)` was found after the end of `normal`"),
    ("normal(1))", Unbalanced, ")", "nothing may follow"),
    ("normal(mean(1))", Unbalanced, "(", "values have no parentheses of their own"),
    ("normal((1))", MissingValue, "(", "`(` was found"),
    ("normal 1", Trailing, "1", "`1` was found after the end of `normal`"),
    ("normal(1) zeros", Trailing, "zeros", "nothing may follow it"),
    ("normal, zeros", Trailing, ",", "`,` was found after the end"),
    ("normal(0 1)", Trailing, "1", "`1` was found after `0`: a comma or `)` is needed there"),
    ("normal(std=1=2)", Trailing, "=", "`=` was found after `1`"),
];

#[test]
fn errors_point_at_the_word_and_say_what_is_possible() {
    for &(text, kind, word, message) in ERRORS {
        let error = error(text);
        assert_eq!(error.kind(), kind, "{text}: {error}");
        assert_eq!(&text[error.span()], word, "{text}: {error}");
        let said = error.to_string();
        assert!(said.contains(message), "{text}: {said}");
        assert!(said.len() < 330 && !said.contains('\n') && !said.ends_with('.'), "{said}");
    }
}

#[test]
fn the_second_of_two_is_the_duplicate() {
    assert_eq!(error("normal(std=1, std=2)").span(), 14..17);
    assert_eq!(error("normal(0, 1, mean=2)").span(), 13..17);
}

#[test]
fn long_and_deep_texts_are_refused_at_once() {
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
fn the_table_agrees_with_itself() {
    let mut words = Vec::new();
    for spec in Spec::all() {
        words.push(spec.name);
        words.extend(spec.aliases);
        for name in spec.aliases.iter().chain([&spec.name]) {
            assert!(std::ptr::eq(Spec::find(name).unwrap(), *spec));
        }
        let needed = spec.parameters.iter().filter(|p| p.default == DefaultValue::Required);
        let text = match needed.count() {
            0 => spec.name.to_string(),
            _ => format!("{}(3)", spec.name),
        };
        let init = parse(&text);
        assert_eq!((init.name(), init.needs_fans()), (spec.name, spec.needs_fans));
        assert_eq!(init.values().len(), spec.parameters.len());
        for (parameter, value) in spec.parameters.iter().zip(init.values()) {
            match parameter.default {
                DefaultValue::Value(default) => assert_eq!(value, Some(default), "{spec}"),
                DefaultValue::Computed(_) => assert_eq!(value, None, "{spec}"),
                _ => assert!(value.is_some(), "{spec}"),
            }
            let is_number = matches!(value, Some(init_core::Value::Number(_)) | None);
            let is_word = matches!(parameter.kind, Kind::Mode | Kind::Nonlinearity | Kind::Family);
            assert!(is_number != is_word, "{spec}");
        }
        assert!(!spec.summary.is_empty());
    }
    let count = words.len();
    words.sort_unstable();
    words.dedup();
    assert_eq!((Spec::all().len(), count, words.len()), (13, 17, 17));
    assert_eq!(Spec::find("gaussian").map(|spec| spec.name), None);
    let signature = Spec::find("truncated_normal").unwrap().to_string();
    assert_eq!(signature, "truncated_normal(mean=0, std=1, low=mean - 2*std, high=mean + 2*std)");
    assert_eq!(Spec::find("zeros").unwrap().to_string(), "zeros");
    assert_eq!(
        Spec::find("he_normal").unwrap().to_string(),
        "kaiming_normal(a=0, mode=fan_in, nonlinearity=leaky_relu)"
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
    prop::sample::select(&Nonlinearity::ALL[..])
}

fn gain() -> impl Strategy<Value = Gain> {
    prop_oneof![
        finite().prop_map(|x| Gain::Value(x.abs())),
        nonlinearity().prop_map(Gain::from),
        (nonlinearity(), finite()).prop_map(|(nonlinearity, a)| Gain::Of { nonlinearity, a }),
    ]
}

fn initializer() -> impl Strategy<Value = Initializer> {
    let mode = || prop::sample::select(&Mode::ALL[..]);
    let family = prop::sample::select(&Family::ALL[..]);
    let truncated = (finite(), positive(), bounds(), any::<(bool, bool)>(), any::<bool>());
    prop_oneof![
        Just(Initializer::Zeros),
        Just(Initializer::Ones),
        finite().prop_map(|value| Initializer::Constant { value }),
        bounds().prop_map(|(low, high)| Initializer::Uniform { low, high }),
        (finite(), positive()).prop_map(|(mean, std)| Initializer::Normal { mean, std }),
        truncated
            .prop_map(|(mean, std, (low, high), given, infinite)| {
                let low = if infinite { f64::NEG_INFINITY } else { low };
                let high = if infinite { f64::INFINITY } else { high };
                let (low, high) = (given.0.then_some(low), given.1.then_some(high));
                Initializer::TruncatedNormal { mean, std, low, high }
            })
            .prop_filter("valid", |init| init.validate().is_ok()),
        gain().prop_map(|gain| Initializer::XavierUniform { gain }),
        gain().prop_map(|gain| Initializer::XavierNormal { gain }),
        (finite(), mode(), nonlinearity())
            .prop_map(|(a, mode, nonlinearity)| { Initializer::KaimingUniform { a, mode, nonlinearity } }),
        (finite(), mode(), nonlinearity())
            .prop_map(|(a, mode, nonlinearity)| { Initializer::KaimingNormal { a, mode, nonlinearity } }),
        Just(Initializer::LecunUniform),
        Just(Initializer::LecunNormal),
        (positive(), mode(), family)
            .prop_map(|(scale, mode, distribution)| { Initializer::VarianceScaling { scale, mode, distribution } }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn what_is_printed_reads_back_equal(init in initializer()) {
        prop_assert_eq!(init.validate(), Ok(()));
        let text = init.to_string();
        prop_assert!(text.len() < 410, "{}", text);
        let back: Initializer = text.parse()?;
        // Debug tells −0 from 0, which == does not.
        prop_assert_eq!(format!("{:?}", &back), format!("{:?}", init));
        prop_assert_eq!(back.to_string(), text);
    }

    #[test]
    fn any_text_gives_a_value_or_a_span_within_it(
        text in r"(normal|he_normal|truncated_normal|xavier_uniform|é|)[ (]?([a-z_]{0,5}|[(),= é\n]|mean|gain|std|low|relu|-?[0-9.]{1,3}|inf|nan){0,12}\)?"
    ) {
        match text.parse::<Initializer>() {
            Ok(init) => prop_assert_eq!(init.validate(), Ok(())),
            Err(error) => prop_assert!(text.get(error.span()).is_some(), "{:?}", error),
        }
    }
}
