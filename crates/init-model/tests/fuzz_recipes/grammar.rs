//! Recipes from a grammar, valid and nearly valid.

use init_core::{Spec, scheme::Scheme};
use proptest::{prelude::*, sample::Index};

/// Words with a separator between them.
fn joined(
    words: impl Strategy<Value = String> + 'static,
    count: std::ops::Range<usize>,
    between: &'static str,
) -> BoxedStrategy<String> {
    prop::collection::vec(words, count).prop_map(move |words| words.join(between)).boxed()
}

pub(crate) fn one_of(words: &'static [&'static str]) -> BoxedStrategy<String> {
    prop::sample::select(words).prop_map(str::to_owned).boxed()
}

/// Numbers of every size and kind, valid and invalid.
pub(crate) fn number() -> BoxedStrategy<String> {
    const ODD: &[&str] = &[
        "0",
        "1",
        "2",
        "3",
        "8",
        "64",
        "-1",
        "-0",
        "+3",
        "0.5",
        "1e-3",
        "nan",
        "inf",
        "-inf",
        "1e400",
        "1e-400",
        "1_000",
        "0x10",
        "0b1",
        "0o7",
        "4294967296",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "99999999999999999999999999",
        "-9223372036854775809",
        "1.",
        ".5",
        "0.1.2",
        "1e",
        "5e-324",
        "1.7976931348623157e308",
    ];
    prop_oneof![one_of(ODD), (0..100i64).prop_map(|n| n.to_string()), any::<f64>().prop_map(|x| format!("{x:?}"))]
        .boxed()
}

/// Formulas over the fields, with balanced parentheses or not.
fn formula() -> BoxedStrategy<String> {
    const LEAVES: &[&str] = &["n_layer", "n_embd", "width", "слой", "2", "0", "0.02", "1e308", "", "1e", ".", "∞", "𝟛"];
    let leaf = one_of(LEAVES);
    let tree = leaf.prop_recursive(5, 30, 3, |inner| {
        prop_oneof![
            (inner.clone(), one_of(&["+", "-", "*", "/", "^", " - ", "**", "%", "", " "]), inner.clone())
                .prop_map(|(a, sign, b)| format!("{a}{sign}{b}")),
            inner.clone().prop_map(|a| format!("({a})")),
            inner.clone().prop_map(|a| format!("-{a}")),
            (one_of(&["sqrt", "ln", "exp", "pow", "min", "max", "tan", "sqrt ", ""]), inner.clone(), inner)
                .prop_map(|(call, a, b)| format!("{call}({a},{b})")),
        ]
    });
    let deep =
        (0..400usize, one_of(&["(", "-", "sqrt(", "2^", "((", "1+("])).prop_map(|(n, word)| word.repeat(n) + "1");
    prop_oneof![8 => tree, 1 => deep].boxed()
}

/// Initializers and schemes of the tables, with any values.
fn init() -> BoxedStrategy<String> {
    const WORDS: &[&str] = &[
        "relu",
        "tanh",
        "fan_in",
        "fan_out",
        "fan_avg",
        "exact(gelu)",
        "exact(",
        "truncated",
        "true",
        "normal",
        "uniform(-1,1)",
        "hidden",
        "input",
        "output",
        "adam",
        "sgd",
        "scaled",
        "query_key",
        "branch",
        "first",
        "embedding",
        "upper",
        "hann",
        "orthogonal",
        "icnr(2, init=icnr(2))",
    ];
    let mut parts: Vec<(&str, Vec<&str>)> = Vec::new();
    for spec in Spec::all() {
        parts.push((spec.name, spec.parameters.iter().map(|parameter| parameter.name).collect()));
    }
    for spec in Scheme::all() {
        parts.push((spec.name, spec.parameters.iter().map(|parameter| parameter.name).collect()));
    }
    let value = prop_oneof![3 => one_of(WORDS), 3 => number(), 3 => formula()];
    let given = prop::collection::vec((any::<Index>(), prop_oneof![4 => Just(true), 1 => Just(false)], value), 0..4);
    let good = (prop::sample::select(parts), given).prop_map(|((name, parameters), given)| {
        let values: Vec<_> = given
            .into_iter()
            .map(|(index, named, value)| match parameters.get(index.index(parameters.len().max(1))) {
                Some(parameter) if named => format!("{parameter}={value}"),
                _ => value,
            })
            .collect();
        if values.is_empty() { name.to_owned() } else { format!("{name}({})", values.join(", ")) }
    });
    let plain = one_of(&[
        "zeros",
        "ones",
        "normal",
        "xavier_uniform",
        "kaiming_normal(mode=fan_out)",
        "orthogonal",
        "normal(std=0.02/sqrt(2*n_layer))",
        "mup(role=input, std=0.02)",
        "mup(role=hidden, base_fan_in=n_embd/4)",
        "deep_norm(part=scaled, layers=n_layer)",
        "constant(n_embd)",
        "ntk",
        "spectral",
    ]);
    prop_oneof![3 => plain, 5 => good, 1 => text()].boxed()
}

/// Arbitrary text: other scripts, control characters, terminal escapes, long.
pub(crate) fn text() -> BoxedStrategy<String> {
    const ODD: &[&str] = &[
        "",
        " ",
        "\u{0}",
        "\u{1b}[31mred",
        "\r\n",
        "\t",
        "é",
        "слой",
        "🦀",
        "\u{202e}abc",
        "\u{feff}",
        "__metadata__",
        "\u{7f}",
        "\u{85}",
        "\u{2028}",
        "a\"b",
        "a'b",
        "\\",
        "#",
        "=",
    ];
    prop_oneof![
        4 => one_of(ODD),
        2 => "\\PC{0,12}".boxed(),
        1 => any::<String>(),
        1 => (0..3000usize).prop_map(|n| "x".repeat(n)),
    ]
    .boxed()
}

/// Globs and regular expressions, some malformed or exponential.
fn pattern() -> BoxedStrategy<String> {
    const PIECES: &[&str] = &[
        "*",
        "?",
        "[",
        "]",
        "{",
        "}",
        ",",
        "\\",
        "a",
        "weight",
        ".",
        "!",
        "-",
        "{a,b}",
        "[a-z]",
        "**",
        "(",
        ")",
        "|",
        "+",
        "\\d",
        "{2,3}",
        "(?x)",
        "(?i)",
        "\\p{L}",
        "^",
        "$",
        "é",
        "#",
        "[[:alpha:]]",
        "(?P<n>a)",
        "[^a]",
    ];
    let explosive =
        (1..200usize, one_of(&["*a", "{a,b}", "(a*)*", "(a|aa)+", "{a,{b,", "[", "(", "a{99}", "(a{9}){9}", "*?"]))
            .prop_map(|(n, word)| word.repeat(n));
    prop_oneof![
        4 => one_of(&["*", "a.weight", "*.weight", "*.bias", "?.weight", "b*", ".*", ".*weight"]),
        3 => joined(one_of(PIECES), 0..12, ""),
        1 => explosive,
        1 => text(),
    ]
    .boxed()
}

/// TOML strings, quoted correctly or not.
fn quoted(text: BoxedStrategy<String>) -> BoxedStrategy<String> {
    (text, 0..12u8)
        .prop_map(|(text, how)| match how {
            0 => format!("'{text}'"),
            1 => format!("\"{text}\""),
            2 => format!("\"\"\"\n{text}\"\"\""),
            3 => format!("'''{text}'''"),
            4 => text,
            _ => {
                let escaped: String = text
                    .chars()
                    .map(|c| match c {
                        '"' | '\\' => format!("\\{c}"),
                        c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
                        c => c.to_string(),
                    })
                    .collect();
                format!("\"{escaped}\"")
            }
        })
        .boxed()
}

pub(crate) fn shape() -> BoxedStrategy<String> {
    let small = (1..9u32).prop_map(|n| n.to_string());
    let dim = prop_oneof![6 => small, 1 => one_of(&["64", "1000000", "4294967296"]), 1 => number()];
    joined(dim, 0..5, ", ").prop_map(|dims| format!("[{dims}]")).boxed()
}

/// Values of TOML, valid and nearly valid.
fn value() -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        number(),
        quoted(text()),
        quoted(init()),
        quoted(pattern()),
        quoted(formula()),
        shape(),
        one_of(&[
            "true",
            "false",
            "1979-05-27",
            "07:32:00",
            "[]",
            "{}",
            "",
            "[1,",
            "{a=1",
            "{a=1,}",
            "nul",
            "\"f32\"",
            "\"bf16\"",
            "\"torch\""
        ]),
    ];
    let tree = leaf.prop_recursive(4, 20, 3, |inner| {
        prop_oneof![
            joined(inner.clone(), 0..3, ", ").prop_map(|values| format!("[{values}]")),
            (quoted(text()), inner).prop_map(|(key, value)| format!("{{ {key} = {value} }}")),
        ]
    });
    let deep = (1..300usize, one_of(&["[", "{a=", "[{a="])).prop_map(|(n, open)| open.repeat(n));
    prop_oneof![12 => tree, 1 => deep].boxed()
}

/// `key = value`, mostly with the right kind of value.
fn line(key: &'static str, right: BoxedStrategy<String>) -> BoxedStrategy<String> {
    prop_oneof![9 => right, 1 => value()].prop_map(move |value| format!("{key} = {value}")).boxed()
}

pub(crate) fn rule() -> BoxedStrategy<String> {
    let dtype = quoted(one_of(&["f32", "f64", "bf16", "f16", "f8", "F32"]));
    let blocks = one_of(&[
        "1",
        "2",
        "3",
        "0",
        "-1",
        "{ a = [\"b\", \"c\"] }",
        "{ weight = [\"x\", \"y\"] }",
        "{ a = [] }",
        "{ a = [\"b\", \"b\"] }",
        "{ \"\" = [\"b\"] }",
        "{}",
    ]);
    let other = prop_oneof![
        line("dtype", dtype),
        line("layout", quoted(layout())),
        line("scale", prop_oneof![number(), quoted(formula())].boxed()),
        line("optional", one_of(&["true", "false"])),
        line("blocks", blocks),
        line("axis", number()),
        line("init", quoted(init())),
        line("scheme", quoted(init())),
        line("regex", quoted(pattern())),
        line("match", quoted(pattern())),
        line("initializer", quoted(init())),
        line("\"\\u001b[31m\"", value()),
        line("a.b.c", value()),
    ];
    let (glob, regex) = (line("match", quoted(pattern())), line("regex", quoted(pattern())));
    let matching = prop_oneof![8 => glob, 1 => regex, 1 => Just(String::new())];
    let values =
        prop_oneof![5 => line("init", quoted(init())), 4 => line("scheme", quoted(init())), 1 => Just(String::new())];
    let head =
        prop_oneof![12 => Just("[[rule]]"), 1 => Just("[rule]"), 1 => Just("[[rules]]"), 1 => Just("[[ rule ]]")];
    let optional = prop_oneof![3 => Just("optional = true"), 1 => Just("")];
    (head, matching, values, optional, joined(other, 0..2, "\n"))
        .prop_map(|(head, matching, values, optional, other)| {
            format!("{head}\n{matching}\n{values}\n{optional}\n{other}")
        })
        .boxed()
}

fn layout() -> BoxedStrategy<String> {
    one_of(&[
        "torch",
        "jax",
        "keras",
        "pytorch",
        "",
        "axes(in=[0], out=[1])",
        "axes(in=[9], out=[-9])",
        "axes(in=[0,0])",
        "axes(",
        "conv(torch, groups=2)",
        "conv(torch, groups=0)",
        "conv(jax, stride=2)",
        "packed(torch, blocks=2, axis=0)",
        "packed(torch, blocks=0, axis=0)",
        "packed(packed(torch, blocks=2, axis=0), blocks=2, axis=0)",
        "conv(keras, depthwise)",
    ])
}

/// Whole recipes, with their sections in any order.
pub(crate) fn recipe() -> BoxedStrategy<String> {
    let name = prop_oneof![
        8 => one_of(&["\"a.weight\"", "\"b.weight\"", "\"a.bias\"", "b", "\"c.d.e\""]),
        1 => quoted(text()),
        1 => one_of(&["a.weight", "a", "\"\"", "__metadata__"]),
    ];
    let parameter =
        (name, prop_oneof![9 => shape(), 1 => value()]).prop_map(|(name, shape)| format!("{name} = {shape}"));
    let field = (
        one_of(&["n_layer", "n_embd", "width", "слой", "\"a b\""]),
        prop_oneof![5 => (1..99u32).prop_map(|n| n.to_string()), 1 => value()],
    )
        .prop_map(|(name, value)| format!("{name} = {value}"));
    let multiplier =
        (one_of(&["attention", "logits", "\"\\u001b\""]), prop_oneof![number(), quoted(formula()), value()])
            .prop_map(|(name, value)| format!("{name} = {value}"));
    let top = prop_oneof![
        line("seed", number()),
        line("dtype", quoted(one_of(&["f32", "f64", "bf16", "f16", "f8", ""]))),
        line("layout", quoted(layout())),
        line("skip", joined(quoted(pattern()), 0..3, ", ").prop_map(|globs| format!("[{globs}]")).boxed()),
        line("skipp", value()),
    ];
    let multipliers = joined(multiplier, 0..3, "\n").prop_map(|lines| format!("[multipliers]\n{lines}"));
    let sections = (
        prop_oneof![1 => Just(String::new()), 1 => joined(top, 0..3, "\n")],
        joined(field, 0..4, "\n").prop_map(|lines| format!("[fields]\n{lines}")),
        prop_oneof![2 => Just(String::new()), 1 => multipliers],
        joined(parameter, 0..4, "\n").prop_map(|lines| format!("[parameters]\n{lines}")),
        prop::collection::vec(rule(), 0..4),
        prop_oneof![3 => Just("[[rule]]\nmatch = \"*\"\ninit = \"normal\"\noptional = true\n"), 1 => Just("")],
        prop_oneof![12 => Just(String::new()), 1 => value(), 1 => text()],
        any::<bool>(),
    );
    sections
        .prop_flat_map(|(top, fields, multipliers, parameters, rules, last, odd, ordered)| {
            let mut tables = vec![fields, multipliers, parameters];
            tables.extend(rules);
            let tables = if ordered { Just(tables).boxed() } else { Just(tables).prop_shuffle().boxed() };
            tables.prop_map(move |tables| format!("{top}\n{}\n{last}\n{odd}", tables.join("\n")))
        })
        .boxed()
}
