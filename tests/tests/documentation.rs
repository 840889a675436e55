//! `docs/initializers.md` is what the table of initializers says. To write it anew after a change of the table:
//! `FANIN_WRITE_DOCS=1 cargo test -p fanin-tests --test documentation`.

use std::fmt::Write;
use std::fs;

use init_core::scheme::Scheme;
use init_core::{Activation, Initializer, Nonlinearity, Parameter, Spec, gain::GainFamily, initializer::DefaultValue};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/initializers.md");

const HEAD: &str = "\
# Initializers

Every initializer that fanin reads, on the command line (`fanin resolve`, `fanin init`), in recipes and in Rust (`\"…\".parse::<Initializer>()`).
`fanin list` prints the same. The documentation of `init_core::Initializer` has the formula, the source and the use of each. This page is
written by `tests/tests/documentation.rs`.

Values without a name are taken in the order of the parameters. A parameter of yes or no needs only its name (`bilinear(diagonal)`), and the normal
schemes take `truncated` for `truncation=corrected`, which is what JAX and Keras have under their names.

";

/// As a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn page() -> String {
    let mut page = String::from(HEAD);
    for (structured, title, needs) in [
        (false, "Independent elements", "Each comes to one distribution, from which every element is drawn."),
        (true, "Structured", "Their elements depend on their place or on each other."),
    ] {
        let _ = write!(page, "## {title}\n\n{needs}\n\n");
        page += "| initializer | what it gives | from |\n|---|---|---|\n";
        for spec in Spec::all().iter().filter(|spec| spec.structured == structured) {
            let mut names = format!("`{spec}`");
            for alias in spec.aliases {
                let _ = write!(names, ", `{alias}`");
            }
            let _ = writeln!(page, "| {} | {} | {} |", cell(&names), cell(spec.summary), cell(spec.source));
        }
        page.push('\n');
    }

    page += "## Parameters\n\n| initializer | parameter | takes | default |\n|---|---|---|---|\n";
    for spec in Spec::all() {
        parameters(&mut page, spec.name, spec.parameters);
    }
    page += &schemes();

    page += "
## Gains

A `gain` or `nonlinearity` is a word of PyTorch's `calculate_gain`, for reproducing what was trained with it, or an exact gain by quadrature:
`exact(…)` keeps the second moment in the forward pass, `centred(…)` the variance with standardised weights, `backward(…)` the gradients. `fanin
gain tanh` prints them. The slope of `leaky_relu` is 0.01 here.

| activation | PyTorch | `exact(…)` | `centred(…)` | `backward(…)` |
|---|---|---|---|---|
";
    for activation in Activation::ALL {
        let slope = Nonlinearity::DEFAULT_SLOPE;
        let torch = activation.name().parse::<Nonlinearity>().map(|word| format!("{:.6}", word.gain(slope)));
        let _ = write!(page, "| `{activation}` | {} |", torch.unwrap_or("–".to_owned()));
        for family in GainFamily::ALL {
            let _ = write!(page, " {:.6} |", family.gain(activation, slope));
        }
        page.push('\n');
    }

    page += "
## Layouts

| text | shapes are |
|---|---|
| `torch` | `(out, in / groups, *kernel)`, fans as PyTorch counts them |
| `jax`, `keras` | `(*kernel, in, out)`, fans as JAX and Keras count them |
| `axes(in=[1], out=[2], batch=[0])` | axes one by one, those in no list being the receptive field |
| `conv(torch, groups=8, stride=2, transposed)`, `conv(keras, depthwise)` | convolutions, with the fans of one connected part |
| `packed(torch, blocks=3, axis=0)` | several weights side by side, with the fans that each has alone |

On the command line `--layout` takes each of these; `--in-axis`, `--out-axis` and `--batch-axis` put `axes(…)` together, `--groups` makes a
convolution of the layout, and `--blocks` with `--block-axis` packs it. In a recipe `layout` stands at the top or in a rule, and a rule for packed
weights has `blocks`:

```toml
[[rule]]
match = \"*.in_proj.weight\"
init = \"xavier_uniform\"
blocks = { in_proj = [\"q_proj\", \"k_proj\", \"v_proj\"] }
axis = 0 # along the outputs, as without it
```

Each block then has the law and, bit for bit, the values of the parameter that a model without packing has under its name:
`h.0.in_proj.weight` those of `h.0.q_proj.weight`, `h.0.k_proj.weight` and `h.0.v_proj.weight`, structured initializers included. `blocks = 3`
gives each the law of the separate parameter, and draws all from the one stream of the packed one.
";
    page
}

/// A row a parameter.
fn parameters(page: &mut String, name: &str, parameters: &[Parameter]) {
    for parameter in parameters {
        let default = match &parameter.default {
            DefaultValue::Required => "must be given".to_owned(),
            DefaultValue::Computed(formula) => (*formula).to_owned(),
            value => format!("`{value}`"),
        };
        let _ = writeln!(page, "| `{name}` | `{}` | {} | {default} |", parameter.name, parameter.kind);
    }
}

fn schemes() -> String {
    let mut page = String::from(
        "
## Schemes

A rule of a recipe may have one of these as `scheme`, in the place of `init`: what one parameter gets in a scheme for whole models, and beside its
first values the factors by which training has to multiply. Fans are those of the rule's layout, of a block where it has `blocks`; vectors have a
fan_in of 1 and a fan_out of their size. `fanin list --schemes` prints the same.

```toml
[[rule]]
match = \"h.*.mlp.c_fc.weight\"
scheme = \"mup(role=hidden, base_fan_in=256, std=0.02)\"
```

| scheme | what it gives | from |
|---|---|---|
",
    );
    for spec in Scheme::all() {
        let _ = writeln!(page, "| `{}` | {} | {} |", cell(&spec.to_string()), cell(spec.summary), cell(spec.source));
    }
    page += "\n| scheme | parameter | takes | default |\n|---|---|---|---|\n";
    for spec in Scheme::all() {
        parameters(&mut page, spec.name, spec.parameters);
    }
    page += "
`fanin init … --multipliers by.json`, or `fanin plan` with it, writes the factors for a training script, whatever the seed:

```json
{
  \"digest\": \"51a24f161286a1007f618a3d169b701a\",
  \"model\": {\"attention\": 0.125},
  \"residual\": 4.0,
  \"parameters\": {
    \"h.0.mlp.c_fc.weight\": {
      \"scheme\": \"mup(role=hidden, base_fan_in=256, std=0.02)\",
      \"forward\": 1.0, \"learning_rate\": 0.5, \"weight_decay\": 2.0
    }
  }
}
```

| key | is |
|---|---|
| `digest` | what the file was made of, seed apart: two files of multipliers of one digest are for the same model |
| `model` | the recipe's `[multipliers]`, numbers or formulas over its fields, such as `attention = \"sqrt(64)*n_head/n_embd\"` |
| `residual` | DeepNorm's α, where one is for all: x ← LayerNorm(α·x + f(x)); with an encoder and a decoder each parameter has its own |
| `parameters` | every parameter in the order of the model, with factors of 1 where its rule has no scheme |
| `forward` | the factor on the layer's product |
| `learning_rate` | the factor on its learning rate |
| `weight_decay` | the factor on a decoupled weight decay (AdamW), 1 / `learning_rate`, which keeps their product |

[`examples/mup-gpt2.toml`](../examples/mup-gpt2.toml) is μP for GPT-2 of any width, to lay over its `config.json`.
";
    page
}

#[test]
fn the_page_of_initializers_is_up_to_date() {
    let expected = page();
    if std::env::var_os("FANIN_WRITE_DOCS").is_some() {
        fs::write(PAGE, &expected).unwrap();
    }
    let found = fs::read_to_string(PAGE).unwrap_or_default();
    let first = expected.lines().zip(found.lines()).position(|(a, b)| a != b);
    assert!(expected == found, "docs/initializers.md is out of date from line {first:?}: see the head of this file");
}

#[test]
fn every_default_and_example_of_the_page_is_read() {
    let rows = page().lines().filter(|line| line.starts_with("| `")).count();
    let parameters: usize = Spec::all().iter().map(|spec| spec.parameters.len()).sum();
    let schemes: usize = Scheme::all().iter().map(|spec| 1 + spec.parameters.len()).sum();
    assert_eq!(rows, Spec::all().len() + parameters + schemes + 7 + Activation::ALL.len() + 5);
    for spec in Spec::all() {
        assert!(spec.source.is_empty() == matches!(spec.name, "zeros" | "ones" | "constant"), "{spec}");
        for parameter in spec.parameters {
            // The default, written out, is the default.
            if let DefaultValue::Value(value) = &parameter.default {
                let required = spec.parameters.iter().filter(|other| other.default == DefaultValue::Required);
                let given: Vec<_> =
                    required.map(|other| format!("{}=2", other.name).replace("sparsity=2", "sparsity=1")).collect();
                let text = format!(
                    "{}({})",
                    spec.name,
                    [&given[..], &[format!("{}={value}", parameter.name)]].concat().join(", ")
                );
                let plain = format!("{}({})", spec.name, given.join(", "));
                let [a, b] = [&text, &plain]
                    .map(|text| text.parse::<Initializer>().unwrap_or_else(|error| panic!("{text}: {error}")));
                assert_eq!(a, b, "{text}");
            }
        }
    }
}

/// Its page has the signature, an example that reads it, and its source.
#[test]
fn every_initializer_has_a_page() {
    for spec in Spec::all() {
        let page = format!("{}/../crates/init-core/docs/{}.md", env!("CARGO_MANIFEST_DIR"), spec.name);
        let page = fs::read_to_string(&page).unwrap_or_else(|error| panic!("{page}: {error}"));
        assert!(page.starts_with(&format!("`{}", spec.name)), "{spec}");
        assert!(page.matches("```").count() == 2 && page.contains(".parse()"), "{spec} has no example");
        for alias in spec.aliases {
            assert!(page.contains(&format!("`{alias}")), "{spec}: {alias}");
        }
        for parameter in spec.parameters.iter().filter(|parameter| !matches!(parameter.name, "a" | "column_axis")) {
            assert!(page.contains(parameter.name), "{spec}: {}", parameter.name);
        }
        // When to use it, and whom it is from.
        assert!(page.contains("For ") || page.contains("For\n") || page.contains(" for "), "{spec} says not what for");
        let from = spec.source.split([' ', ',']).next().unwrap_or_default();
        assert!(page.contains(from), "{spec}: {from}");
        if let Some(arxiv) = spec.source.split("arXiv:").nth(1).and_then(|rest| rest.split([',', ';', ' ']).next()) {
            assert!(page.contains(arxiv), "{spec}: {arxiv}");
        }
    }
}
