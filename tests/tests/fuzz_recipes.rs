//! Recipes and configurations with every mistake at once: an error that names its line, or a plan that can be filled, and never a panic.
//!
//! A few hundred cases of each kind run in seconds; `PROPTEST_CASES=100000 cargo test -p fanin-tests --test fuzz_recipes` runs more.

use std::{
    env, fs,
    path::Path,
    time::{Duration, Instant},
};

use half::{bf16, f16};
use init_core::{DType, Spec, Structured, scheme::Scheme};
use init_kernels::Filler;
use init_model::{Config, PRESETS, Plan, PlanError, Recipe};
use proptest::{prelude::*, sample::Index, test_runner::Config as Cases};
use serde_json::Value;

/// More than any recipe of these lengths takes by a hundred times, and far less than one that explodes.
const LIMIT: Duration = Duration::from_secs(5);

fn cases(default: u32) -> Cases {
    let cases = env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(default);
    // What fails becomes a test with a name.
    Cases { cases, failure_persistence: None, ..Cases::default() }
}

/// One or two lines that begin with the origin, and hold nothing that a terminal would obey.
fn check_message(message: &str, origin: &str, text: &str) {
    assert!(message.starts_with(origin), "{message:?}\n{text}");
    assert!((1..=2).contains(&message.lines().count()) && !message.ends_with('\n'), "{message:?}\n{text}");
    let control = |c: char| c.is_control() && c != '\n';
    assert!(!message.contains(control), "{message:?}\n{text}");
    assert!(message.chars().count() < 2000, "{message:?}\n{text}");
}

/// The line that a message names is one of the text's, or the one after its end.
fn check_line(message: &str, origin: &str, text: &str) {
    let rest = message.strip_prefix(origin).and_then(|rest| rest.strip_prefix(':'));
    let line: Option<usize> = rest.and_then(|rest| rest.split(':').next()?.parse().ok());
    let lines = text.split('\n').count();
    assert!(line.is_some_and(|line| (1..=lines).contains(&line)), "{message:?}\n{text}");
}

/// A plan can be filled: the first elements of each parameter are tried.
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
        // These are made as a whole.
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

/// What holds for any text as a recipe. Says whether it came to a plan.
fn check_recipe(text: &str) -> bool {
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
                // The one mistake that stands on no line: there are no parameters.
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

/// What holds for any text as a configuration, which has no lines of its own: JSON is often on one.
fn check_config(text: &str) -> bool {
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

/// Words one after the other.
fn joined(
    words: impl Strategy<Value = String> + 'static,
    count: std::ops::Range<usize>,
    between: &'static str,
) -> BoxedStrategy<String> {
    prop::collection::vec(words, count).prop_map(move |words| words.join(between)).boxed()
}

fn one_of(words: &'static [&'static str]) -> BoxedStrategy<String> {
    prop::sample::select(words).prop_map(str::to_owned).boxed()
}

/// A number of every size and kind, right and wrong.
fn number() -> BoxedStrategy<String> {
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

/// A formula over the fields, balanced or not.
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

/// An initializer or a scheme of the tables, with values that may be anything.
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

/// Text without sense: other scripts, controls, escapes of terminals, long.
fn text() -> BoxedStrategy<String> {
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

/// A glob or a regular expression, broken or explosive.
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

/// A string of TOML: quoted well, or hardly.
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

fn shape() -> BoxedStrategy<String> {
    let dim = prop_oneof![6 => (1..9u32).prop_map(|n| n.to_string()), 1 => one_of(&["64", "1000000", "4294967296"]), 1 => number()];
    joined(dim, 0..5, ", ").prop_map(|dims| format!("[{dims}]")).boxed()
}

/// Any value of TOML, and what is nearly one.
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

fn rule() -> BoxedStrategy<String> {
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
    let matching = prop_oneof![8 => line("match", quoted(pattern())), 1 => line("regex", quoted(pattern())), 1 => Just(String::new())];
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

/// A whole recipe: its sections in any order.
fn recipe() -> BoxedStrategy<String> {
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
    let sections = (
        prop_oneof![1 => Just(String::new()), 1 => joined(top, 0..3, "\n")],
        joined(field, 0..4, "\n").prop_map(|lines| format!("[fields]\n{lines}")),
        prop_oneof![2 => Just(String::new()), 1 => joined(multiplier, 0..3, "\n").prop_map(|lines| format!("[multipliers]\n{lines}"))],
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

/// What edits put in: words that matter to a parser.
const WORDS: &[&str] = &[
    "\"",
    "'",
    "[",
    "]",
    "[[",
    "{",
    "}",
    "=",
    ".",
    "#",
    ",",
    "-",
    "0",
    "\n",
    "\\",
    "\\u0000",
    "e",
    "*",
    "(",
    ")",
    "\u{0}",
    "\u{1b}[2J",
    "é",
    "nan",
    "inf",
    "true",
    "9999999999999999999",
    "[[rule]]\n",
    "[parameters]\n",
    "[fields]\n",
    "init = ",
    "scheme = \"mup(",
    "match = \"*\"\n",
    "blocks = 3\n",
    "null",
    "{}",
    ":",
];

/// A change at a place of a text: so many characters taken out, words put in, a line moved.
#[derive(Clone, Debug)]
enum Edit {
    Cut(Index, usize),
    Insert(Index, String),
    Double(Index, usize),
    SwapLines(Index, Index),
}

fn edits() -> BoxedStrategy<Vec<Edit>> {
    let place = any::<Index>();
    let length = prop_oneof![3 => 1..3usize, 1 => 1..60usize];
    let edit = prop_oneof![
        (place.clone(), length.clone()).prop_map(|(at, count)| Edit::Cut(at, count)),
        (place.clone(), prop_oneof![3 => one_of(WORDS), 1 => number(), 1 => text()])
            .prop_map(|(at, word)| Edit::Insert(at, word)),
        (place.clone(), length).prop_map(|(at, count)| Edit::Double(at, count)),
        (place.clone(), place).prop_map(|(a, b)| Edit::SwapLines(a, b)),
    ];
    prop::collection::vec(edit, 1..5).boxed()
}

fn edited(text: &str, edits: &[Edit]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for edit in edits {
        let place = |at: &Index| at.index(chars.len() + 1);
        match edit {
            Edit::Cut(at, count) => {
                let start = place(at);
                chars.drain(start..(start + count).min(chars.len()));
            }
            Edit::Insert(at, word) => {
                let at = place(at);
                chars.splice(at..at, word.chars());
            }
            Edit::Double(at, count) => {
                let start = place(at);
                let piece = chars[start..(start + count).min(chars.len())].to_vec();
                chars.splice(start..start, piece);
            }
            Edit::SwapLines(a, b) => {
                let text: String = chars.iter().collect();
                let mut lines: Vec<_> = text.split('\n').collect();
                let (a, b) = (a.index(lines.len()), b.index(lines.len()));
                lines.swap(a, b);
                chars = lines.join("\n").chars().collect();
            }
        }
    }
    chars.into_iter().collect()
}

/// The recipes among the examples; one that is rules alone gets the fields and names of a small GPT-2.
fn examples() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let recipes = files.filter(|path| path.extension().is_some_and(|ending| ending == "toml"));
    let recipes: Vec<_> = recipes
        .map(|path| {
            let text = fs::read_to_string(path).unwrap();
            if text.contains("[parameters]") {
                return text;
            }
            let fields = "[fields]\nn_layer = 1\nn_head = 2\nn_embd = 16";
            let names = [
                ("wte.weight", "[50, 16]"),
                ("wpe.weight", "[8, 16]"),
                ("h.0.ln_1.weight", "[16]"),
                ("h.0.attn.c_attn.weight", "[16, 48]"),
                ("h.0.attn.c_proj.weight", "[16, 16]"),
                ("h.0.mlp.c_fc.weight", "[16, 64]"),
                ("h.0.mlp.c_proj.weight", "[64, 16]"),
                ("h.0.mlp.c_proj.bias", "[16]"),
            ];
            let lines = names.map(|(name, shape)| format!("\"{name}\" = {shape}\n"));
            format!("layout = \"jax\"\n{}\n[parameters]\n{}", text.replace("[fields]", fields), lines.concat())
        })
        .collect();
    assert!(recipes.len() >= 3 && recipes.iter().all(|text| check_recipe(text)));
    recipes
}

/// The configurations of the presets.
fn configurations() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/init-model/presets");
    let texts: Vec<_> =
        PRESETS.iter().map(|name| fs::read_to_string(folder.join(format!("{name}.json"))).unwrap()).collect();
    assert!(texts.iter().all(|text| check_config(text)));
    texts
}

/// A value that a field of a configuration might have, by mistake. A million tensors, which are allowed, take seconds: no number makes so many.
fn json() -> BoxedStrategy<Value> {
    const TEXTS: &[&str] = &[
        "null",
        "true",
        "false",
        "0",
        "1",
        "2",
        "3",
        "-1",
        "0.5",
        "1e300",
        "-0.0",
        "7",
        "64",
        "1000",
        "4294967296",
        "18446744073709551615",
        "1e400",
        "\"\"",
        "\"8\"",
        "\"gelu\"",
        "\"bfloat16\"",
        "\"\\u001b[31m\"",
        "[]",
        "[1, 2]",
        "[0]",
        "[3, 4, 6, 3]",
        "[300, 1]",
        "[\"GPT2LMHeadModel\"]",
        "[null]",
        "{}",
        "{\"rope_type\": \"llama3\"}",
    ];
    prop::sample::select(TEXTS).prop_map(|text| serde_json::from_str(text).unwrap_or(Value::Null)).boxed()
}

proptest! {
    #![proptest_config(cases(1500))]

    #[test]
    fn recipes_of_a_grammar(text in recipe()) {
        check_recipe(&text);
    }

    #[test]
    fn rules_over_parameters_that_are_right(rules in prop::collection::vec(rule(), 1..4), dims in shape()) {
        let rules = rules.join("\n").replace("[rule]\n", "[[rule]]\n").replace("[[[", "[[").replace("]]]", "]]");
        let text = format!(
            "[fields]\nn_layer = 2\nn_embd = 64\nwidth = 8\n[parameters]\n\"a.weight\" = [8, 4]\n\"b.weight\" = [6, 2, 3, 3]\n\"a.bias\" = [8]\nc = {dims}\n\
             {rules}\n[[rule]]\nmatch = \"*\"\ninit = \"normal\"\noptional = true\n"
        );
        check_recipe(&text);
    }

    #[test]
    fn any_text_as_a_recipe(text in text()) {
        check_recipe(&text);
    }
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn examples_with_several_edits(edits in edits()) {
        thread_local!(static EXAMPLES: Vec<String> = examples());
        EXAMPLES.with(|examples| {
            for text in examples {
                check_recipe(&edited(text, &edits));
            }
        });
    }
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn configurations_with_several_edits(edits in edits()) {
        thread_local!(static CONFIGURATIONS: Vec<String> = configurations());
        CONFIGURATIONS.with(|texts| {
            for text in texts {
                check_config(&edited(text, &edits));
            }
        });
    }

    #[test]
    fn configurations_with_other_values(changes in prop::collection::vec((any::<Index>(), json(), any::<bool>()), 1..4)) {
        thread_local!(static CONFIGURATIONS: Vec<String> = configurations());
        CONFIGURATIONS.with(|texts| {
            for text in texts {
                let Ok(Value::Object(mut fields)) = serde_json::from_str(text) else { unreachable!() };
                for (index, value, removed) in &changes {
                    let Some(name) = fields.keys().nth(index.index(fields.len())).cloned() else { continue };
                    // The family stays: without it nothing else is looked at.
                    match (name == "model_type", removed) {
                        (true, _) => continue,
                        (_, true) => fields.remove(&name),
                        (_, false) => fields.insert(name, value.clone()),
                    };
                }
                check_config(&Value::Object(fields).to_string());
            }
        });
    }
}
