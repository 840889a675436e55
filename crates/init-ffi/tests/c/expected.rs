//! Prints the same as equality.c from Rust's own functions, without the C library. With
//! `--examples` or `--models`, prints the examples or models for equality.c; with `--overhead`, the cost of calls.

use std::{fmt::Write, hint::black_box, time::Instant};

use half::{bf16, f16};
use init_core::{
    DType, Distribution, Gain, Initializer, Layout, Mode, Nonlinearity, Resolved, Shape, Spec, Truncation,
    distribution::Family,
};
use init_kernels::{Element, Filler, Level, Shard, Stream, check_dtype, fill, fill_at, fill_shard};
use init_model::{Config, Entry, Plan, Recipe, preset};

const LEN: usize = 70_000;
const WEIGHT: [usize; 4] = [24, 16, 3, 3];
const DTYPES: [DType; 4] = [DType::F32, DType::F64, DType::Bf16, DType::F16];

/// Computes the 64-bit FNV-1a hash, as in check.h.
fn hash_of<T: Element>(values: &[T]) -> u64 {
    // SAFETY: the element types have no padding.
    let bytes = unsafe { std::slice::from_raw_parts(values.as_ptr().cast::<u8>(), size_of_val(values)) };
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn line<T: Element>(out: &mut String, name: &str, values: &[T]) {
    let _ = writeln!(out, "{name} {} {:016x}", T::DTYPE, hash_of(values));
}

fn bits(out: &mut String, name: &str, value: f64) {
    let _ = writeln!(out, "{name} {:016x}", value.to_bits());
}

fn distributions() -> [Distribution; 4] {
    [
        Distribution::Constant(0.1),
        Distribution::Uniform { low: -0.0759555, high: 0.0759555 },
        Distribution::Normal { mean: 0.25, std: 0.02 },
        Distribution::TruncatedNormal { mean: 0.0, std: 0.02, low: -0.03, high: 0.05 },
    ]
}

fn schemes() -> [Initializer; 10] {
    let (one, half) = (Gain::Value(1.0), Gain::Value(0.5));
    let (none, corrected) = (Truncation::None, Truncation::Corrected);
    [
        Initializer::XavierUniform { gain: half },
        Initializer::XavierNormal { gain: half, truncation: none },
        Initializer::KaimingUniform { a: 0.0, mode: Mode::FanAvg, nonlinearity: Nonlinearity::Tanh },
        Initializer::KaimingNormal {
            a: 0.0,
            mode: Mode::FanGeoAvg,
            nonlinearity: Nonlinearity::Selu,
            truncation: none,
        },
        Initializer::LecunUniform,
        Initializer::LecunNormal { truncation: none },
        Initializer::VarianceScaling {
            scale: 2.0,
            mode: Mode::FanIn,
            distribution: Family::UncorrectedTruncatedNormal,
        },
        Initializer::Orthogonal { gain: half, column_axis: None },
        Initializer::Eye { gain: 0.5 },
        Initializer::XavierNormal { gain: one, truncation: corrected },
    ]
}

/// An initializer, a layout and a shape.
type Example = (&'static str, &'static str, &'static [usize]);

/// Initializers with layouts and shapes that are worth a test.
const EXAMPLES: [Example; 27] = [
    ("zeros", "torch", &[30, 20]),
    ("ones", "torch", &[30]),
    ("constant(0.5)", "torch", &[]),
    ("uniform(-1, 1)", "jax", &[30, 20]),
    ("normal(0, 0.02)", "keras", &[30, 20]),
    ("truncated_normal(std=0.02)", "torch", &[30, 20]),
    ("xavier_uniform(gain=relu)", "torch", &[256, 784]),
    ("xavier_normal", "jax", &[256, 78]),
    ("kaiming_uniform", "conv(torch, groups=4)", &[16, 8, 3, 3]),
    ("kaiming_normal(mode=fan_out, truncated)", "keras", &[3, 3, 8, 16]),
    ("lecun_uniform", "axes(in=[1], out=[2], batch=[0])", &[4, 30, 20]),
    ("lecun_normal", "packed(torch, blocks=3, axis=0)", &[96, 32]),
    ("variance_scaling(2, fan_avg, uniform)", "jax", &[30, 20]),
    ("eye(2)", "torch", &[2, 30, 20]),
    ("dirac(groups=2)", "torch", &[16, 8, 3, 3]),
    ("orthogonal(gain=exact(tanh))", "torch", &[300, 200]),
    ("orthogonal", "packed(torch, blocks=4, axis=0)", &[128, 32]),
    ("delta_orthogonal", "torch", &[16, 8, 3, 3]),
    ("sparse(0.1)", "torch", &[40, 30]),
    ("bilinear", "torch", &[8, 1, 4, 4]),
    ("icnr(2, init=lecun_normal)", "torch", &[12, 4, 2, 2]),
    ("stft(side=imag)", "keras", &[256, 1, 129]),
    ("padded_identity", "torch", &[40, 16]),
    ("hadamard", "torch", &[40, 16, 3]),
    ("embedding(padding_idx=-1)", "torch", &[100, 16]),
    ("forget_bias", "torch", &[256]),
    ("chrono(longest=100)", "torch", &[256]),
];

/// Returns [`EXAMPLES`], and one of every other initializer, in the first shape that it fits.
fn examples() -> Vec<Example> {
    const SHAPES: [&[usize]; 5] = [&[30, 20], &[16, 8, 3, 3], &[256], &[12, 4, 2, 2], &[256, 1, 129]];
    let mut examples = EXAMPLES.to_vec();
    let parsed = |text: &str| text.parse::<Initializer>().unwrap();
    for spec in Spec::all() {
        if examples.iter().any(|(text, ..)| parsed(text).name() == spec.name) {
            continue;
        }
        let text = spec.examples[0];
        let fits = |shape: &&&[usize]| parsed(text).resolve(&Shape::new(**shape).unwrap(), &Layout::Torch).is_ok();
        let shape = SHAPES.iter().find(fits).unwrap_or_else(|| panic!("add a shape for `{text}` to EXAMPLES"));
        examples.push((text, "torch", shape));
    }
    examples
}

/// Prints the examples as the elements of an array in C.
fn print_examples() {
    for (text, layout, shape) in examples() {
        let sizes = if shape.is_empty() { &[0] } else { shape };
        let sizes: Vec<_> = sizes.iter().map(usize::to_string).collect();
        println!("{{{text:?}, {layout:?}, {}, {{{}}}}},", shape.len(), sizes.join(", "));
    }
}

fn resolved(initializer: &Initializer, shape: &[usize], layout: &str) -> Resolved {
    initializer.resolve(&Shape::new(shape).unwrap(), &layout.parse().unwrap()).unwrap()
}

fn typed<T: Element>(out: &mut String, stream: Stream, zero: T) {
    let mut buffer = vec![zero; LEN];
    for distribution in &distributions() {
        fill(&mut buffer, distribution, stream).unwrap();
        (0..3).for_each(|_| line(out, "fill", &buffer));
        fill_at(&mut buffer[..5000], 123_456_789, distribution, stream).unwrap();
        (0..2).for_each(|_| line(out, "fill_at", &buffer[..5000]));
        let shard = Shard::new(&[50, 40, 35], &[3, 10, 5], &[40, 20, 7]).unwrap();
        fill_shard(&mut buffer[..5600], &shard, distribution, stream).unwrap();
        (0..2).for_each(|_| line(out, "fill_shard", &buffer[..5600]));
    }
    let weight = &mut buffer[..WEIGHT.iter().product()];
    for text in [
        "xavier_uniform(1.5)",
        "xavier_normal(1.5)",
        "kaiming_uniform(0.2, fan_out)",
        "kaiming_normal(0.2, fan_out)",
        "lecun_uniform",
        "lecun_normal",
        "orthogonal(1.5)",
    ] {
        fill(weight, &resolved(&text.parse().unwrap(), &WEIGHT, "torch"), stream).unwrap();
        line(out, text.split('(').next().unwrap(), weight);
    }
    for scheme in &schemes() {
        for layout in ["torch", "jax", "keras"] {
            fill(weight, &resolved(scheme, &WEIGHT, layout), stream).unwrap();
            line(out, &format!("init_{layout}"), weight);
        }
    }
    for (initializer, layout, shape) in examples() {
        let what = resolved(&initializer.parse().unwrap(), shape, layout);
        let len = shape.iter().product();
        let mut tensor = vec![zero; len];
        fill(&mut tensor, &what, stream).unwrap();
        line(out, initializer, &tensor);
        let local: Vec<usize> = shape.iter().map(|size| size.div_ceil(2)).collect();
        let offsets: Vec<usize> = shape.iter().zip(&local).map(|(size, len)| size - len).collect();
        let shard = Shard::new(shape, &offsets, &local).unwrap();
        fill_shard(&mut tensor[..shard.len()], &shard, &what, stream).unwrap();
        line(out, "shard of it", &tensor[..shard.len()]);
    }
}

fn resolutions(out: &mut String) {
    for word in ["relu", "tanh", "leaky_relu", "selu", "exact(gelu)", "backward(silu)"] {
        bits(out, word, word.parse::<Nonlinearity>().unwrap().gain(0.01));
    }
    for (initializer, layout, shape) in examples() {
        let what = resolved(&initializer.parse().unwrap(), shape, layout);
        let _ = writeln!(out, "{what}");
        match layout.parse::<Layout>().unwrap().fans(&Shape::new(shape).unwrap()) {
            Ok(fans) => {
                bits(out, "fan_in", fans.fan_in);
                bits(out, "fan_out", fans.fan_out);
            }
            Err(error) => {
                let _ = writeln!(out, "{error}");
            }
        }
        if let Some(distribution) = what.distribution() {
            let (low, high) = distribution.support();
            let (mean, std) = (distribution.mean(), distribution.std());
            for (name, value) in [("mean", mean), ("std", std), ("low", low), ("high", high)] {
                bits(out, name, value);
            }
            bits(out, "mean", mean);
            bits(out, "std", std);
        }
    }
    for scheme in schemes() {
        let _ = writeln!(out, "{scheme}");
    }
}

fn choices(out: &mut String) {
    use Nonlinearity::{LeakyRelu, Linear, Relu, Selu, Sigmoid, Tanh};
    for mode in [Mode::FanIn, Mode::FanOut, Mode::FanAvg, Mode::FanGeoAvg] {
        for nonlinearity in [Linear, Sigmoid, Tanh, Relu, LeakyRelu, Selu] {
            for truncation in [Truncation::None, Truncation::Corrected, Truncation::Uncorrected] {
                let he = Initializer::KaimingNormal { a: 0.5, mode, nonlinearity, truncation };
                let _ = writeln!(out, "{he}");
            }
        }
        for distribution in
            [Family::Uniform, Family::Normal, Family::TruncatedNormal, Family::UncorrectedTruncatedNormal]
        {
            let _ = writeln!(out, "{}", Initializer::VarianceScaling { scale: 2.0, mode, distribution });
        }
    }
    let _ = writeln!(out, "{}", Level::active().unwrap());
    for level in Level::ALL {
        let _ = writeln!(out, "{level} {}", u8::from(level.is_available()));
    }
    for dtype in DTYPES {
        let _ = writeln!(out, "{} bytes", dtype.size());
    }
}

const RECIPE: &str = include_str!("plan.toml");
const CONFIG: &str = include_str!("plan.json");
const RULES: &str = include_str!("plan_rules.toml");

/// Prints the models as texts in C.
fn print_models() {
    for (name, text) in [("recipe", RECIPE), ("config", CONFIG), ("rules", RULES)] {
        println!("static const char plan_{name}[] =");
        for line in text.lines() {
            println!("    {:?}", format!("{line}\n"));
        }
        println!("    ;");
    }
}

fn multipliers(out: &mut String, multipliers: init_core::scheme::Multipliers) {
    bits(out, "forward", multipliers.forward);
    bits(out, "learning_rate", multipliers.learning_rate);
    bits(out, "weight_decay", multipliers.weight_decay);
    if let Some(residual) = multipliers.residual {
        bits(out, "residual", residual);
    }
}

/// Fills the whole parameter, and copies the slice and the shard from it.
fn parameter<T: Element>(out: &mut String, plan: &Plan, entry: &Entry, zero: T) {
    let dims = entry.shape.dims();
    let len = dims.iter().product::<usize>();
    let mut whole = vec![zero; len];
    plan.fill_at(&mut whole, 0, entry, Filler::new()).unwrap();
    line(out, "plan", &whole);
    line(out, "plan at", &whole[len / 3..][..len / 2]);
    let local: Vec<usize> = dims.iter().map(|size| size.div_ceil(2)).collect();
    let first: Vec<usize> = dims.iter().zip(&local).map(|(size, len)| (size - len) / 2).collect();
    let inside = |flat: &usize| {
        let mut rest = *flat;
        (0..dims.len()).rev().all(|axis| {
            let index = rest % dims[axis];
            rest /= dims[axis];
            (first[axis]..first[axis] + local[axis]).contains(&index)
        })
    };
    let shard: Vec<T> = (0..len).filter(inside).map(|flat| whole[flat]).collect();
    line(out, "plan shard", &shard);
}

fn plan_of(out: &mut String, recipe: &Recipe) {
    let plan = recipe.plan().unwrap();
    let _ = writeln!(out, "{} {} {} {}", plan.digest(), plan.seed(), plan.elements(), plan.bytes());
    for entry in plan.entries() {
        let scheme = entry.scheme.as_ref().map_or("-".to_owned(), ToString::to_string);
        let _ = write!(out, "{} {} {scheme} {} {}", entry.name, entry.initializer, entry.resolved, entry.dtype.size());
        for size in entry.shape.dims() {
            let _ = write!(out, " {size}");
        }
        let _ = writeln!(out);
        if let Some(fans) = entry.fans {
            bits(out, "fan_in", fans.fan_in);
        }
        multipliers(out, entry.multipliers);
        parameter(out, &plan, entry, 0f32);
        parameter(out, &plan, entry, 0f64);
        parameter(out, &plan, entry, bf16::ZERO);
        parameter(out, &plan, entry, f16::ZERO);
    }
}

fn plans(out: &mut String) {
    let mut recipe = Recipe::parse(RECIPE, "recipe").unwrap();
    let config = Config::parse(CONFIG, "config.json").unwrap();
    plan_of(out, &recipe);
    plan_of(out, config.recipe());
    let (seed, dtype, layout) = (Some(99), Some(DType::F16), Some(Layout::Jax));
    plan_of(out, &Recipe { seed, dtype, ..preset("lenet-300-100").unwrap() });
    (recipe.seed, recipe.dtype, recipe.layout) = (seed, dtype, layout.clone());
    plan_of(out, &recipe);
    let model = config.into_recipe();
    let rules = Recipe::parse_with(RULES, "rules", model.fields).unwrap();
    plan_of(out, &Recipe { parameters: model.parameters, seed, dtype, layout, ..rules });
    let shape = Shape::new([48, 20]).unwrap();
    for text in [
        "mup(role=hidden, base_fan_in=7)",
        "deep_norm(part=scaled, layers=12)",
        "spectral",
        "siren(part=hidden)",
        "zero_gamma",
    ] {
        let found = text.parse::<init_core::scheme::Scheme>().unwrap().parametrization(&shape, &Layout::Jax).unwrap();
        let _ = writeln!(out, "{}", found.initializer);
        multipliers(out, found.multipliers);
    }
}

fn refusals(out: &mut String) {
    let distributions = [
        Distribution::Constant(1e-30),
        Distribution::Constant(1e6),
        Distribution::Uniform { low: -1.0, high: 1.0 },
        Distribution::Uniform { low: -1e300, high: 1.0 },
        Distribution::Normal { mean: 0.0, std: 1e-300 },
        Distribution::Normal { mean: 0.0, std: -1.0 },
        Distribution::Normal { mean: 70000.0, std: 1.0 },
        Distribution::TruncatedNormal { mean: 0.0, std: 1.0, low: 3.0, high: 2.0 },
    ];
    for dtype in DTYPES {
        for distribution in &distributions {
            let message =
                check_dtype(dtype, distribution).map_or_else(|error| error.to_string(), |()| "fine".to_owned());
            let _ = writeln!(out, "{message}");
        }
    }
    let shape = Shape::new([30, 20]).unwrap();
    for text in ["xavier_unifrom", "normal(0, -1)", "uniform(1, 0)", "sparse", "eye(1", "normal(std=x)"] {
        let message = match text.parse::<Initializer>() {
            Err(error) => error.to_string(),
            Ok(initializer) => initializer.resolve(&shape, &Layout::Torch).unwrap_err().to_string(),
        };
        let _ = writeln!(out, "{message}");
    }
    for text in ["trch", "conv(torch, groups=0)", "axes(in=[9])"] {
        let message = match text.parse::<Layout>() {
            Err(error) => error.to_string(),
            Ok(layout) => layout.fans(&shape).unwrap_err().to_string(),
        };
        let _ = writeln!(out, "{message}");
    }
    let xavier: Initializer = "xavier_uniform".parse().unwrap();
    let _ = writeln!(out, "{}", xavier.resolve(&Shape::new([30]).unwrap(), &Layout::Torch).unwrap_err());
}

fn key(out: &mut String, name: &str, stream: Stream) {
    let (k0, k1) = stream.key();
    let _ = writeln!(out, "{name} {k0:016x} {k1:016x}");
}

/// Prints the nanoseconds per call, the median of many rounds, as in overhead.c.
fn measure(name: &str, mut call: impl FnMut()) {
    let mut taken: Vec<f64> = (0..101)
        .map(|_| {
            let start = Instant::now();
            (0..500).for_each(|_| call());
            start.elapsed().as_nanos() as f64 / 500.0
        })
        .collect();
    taken.sort_by(f64::total_cmp);
    println!("{name} {:.1}", taken[50]);
}

fn overhead() {
    let (mut values, normal, shape, mut stream) = ([0f32; 16], distributions()[2], [4, 4], Stream::new(42));
    let filler = Filler::new().threads(1);
    for name in ["fill_f32", "fill"] {
        measure(name, || filler.fill(black_box(&mut values), black_box(&normal), black_box(stream)).unwrap());
    }
    measure("xavier_uniform_f32", || {
        let initializer = Initializer::XavierUniform { gain: Gain::Value(black_box(1.0)) };
        let shape = Shape::new(black_box(shape)).unwrap();
        let what = initializer.resolve(&shape, &Layout::Torch).unwrap();
        filler.fill(black_box(&mut values), &what, black_box(stream)).unwrap();
    });
    measure("init", || {
        let initializer: Initializer = black_box("xavier_uniform(gain=2)").parse().unwrap();
        let shape = Shape::new(black_box(shape)).unwrap();
        let what = initializer.resolve(&shape, &Layout::Torch).unwrap();
        filler.fill(black_box(&mut values), &what, black_box(stream)).unwrap();
    });
    measure("stream_child", || stream = stream.child(black_box("h.0.attn.c_attn.weight")));
    black_box(stream);
}

fn main() {
    if std::env::args().any(|argument| argument == "--overhead") {
        overhead();
        return;
    }
    if std::env::args().any(|argument| argument == "--models") {
        print_models();
        return;
    }
    if std::env::args().any(|argument| argument == "--examples") {
        print_examples();
        return;
    }
    let mut out = String::new();
    let root = Stream::new(42);
    let child = root.child("fc.weight");
    key(&mut out, "root", root);
    key(&mut out, "root", Stream::new(0));
    key(&mut out, "root", Stream::new(u64::MAX));
    key(&mut out, "child", child);
    key(&mut out, "child", child);
    key(&mut out, "unicode", root.child("σ"));
    key(&mut out, "empty", root.child(""));
    key(&mut out, "index", child.child_index(u64::MAX));
    choices(&mut out);
    refusals(&mut out);
    resolutions(&mut out);
    plans(&mut out);
    typed(&mut out, child, 0f32);
    typed(&mut out, child, 0f64);
    typed(&mut out, child, bf16::ZERO);
    typed(&mut out, child, f16::ZERO);
    print!("{out}");
    println!("{} {}", env!("CARGO_PKG_VERSION"), init_kernels::VALUE_FORMAT);
}
