//! One element of a structured tensor of any valid shape, filled alone: the value that the whole
//! tensor has there, at once, however large the tensor is.

use std::{
    fmt::Debug,
    time::{Duration, Instant},
};

use init_kernels::{
    Element, FillError, Filler, Shard, Stream, fill_shard,
    init_core::{Initializer, Layout, Resolved, Shape},
};

fn stream() -> Stream {
    Stream::new(3).child("weight")
}

fn resolve(text: &str, layout: &str, dims: &[usize]) -> Resolved {
    let initializer: Initializer = text.parse().unwrap();
    let layout: Layout = layout.parse().unwrap();
    let resolved = initializer.resolve(&Shape::new(dims).unwrap(), &layout);
    resolved.unwrap_or_else(|error| panic!("{text}, {layout}, {dims:?}: {error}"))
}

/// Structured tensors of few elements, all kinds in several layouts.
const SMALL: &[(&str, &str, &[usize])] = &[
    ("orthogonal", "torch", &[37, 23]),
    ("orthogonal", "torch", &[23, 37]),
    ("orthogonal", "jax", &[37, 23]),
    ("orthogonal", "jax", &[5, 7, 11]),
    ("orthogonal", "packed(torch, blocks=3, axis=0)", &[39, 17]),
    ("orthogonal", "packed(jax, blocks=3, axis=-1)", &[17, 39]),
    ("orthogonal", "axes(in=[-2], out=[-1], batch=[0])", &[3, 20, 9]),
    ("orthogonal", "torch", &[130, 120]),
    ("delta_orthogonal", "torch", &[19, 7, 3, 4]),
    ("delta_orthogonal", "jax", &[3, 4, 7, 19]),
    ("eye", "torch", &[11, 17]),
    ("eye", "torch", &[17, 11]),
    ("eye", "jax", &[17, 11]),
    ("padded_identity", "torch", &[11, 29]),
    ("padded_identity", "torch", &[29, 11]),
    ("dirac", "torch", &[8, 5, 3]),
    ("dirac(groups=2)", "torch", &[8, 5, 3]),
    ("dirac(groups=2)", "jax", &[3, 5, 8]),
    ("hadamard", "torch", &[6, 9, 3, 3]),
    ("hadamard", "torch", &[9, 6, 3, 3]),
    ("sparse(sparsity=0.3)", "torch", &[23, 31]),
    ("sparse(sparsity=0.3)", "jax", &[23, 31]),
    ("embedding(padding_idx=2)", "torch", &[23, 11]),
    ("bilinear", "torch", &[3, 4, 5, 6]),
    ("bilinear", "jax", &[5, 6, 3, 4]),
    ("bilinear(diagonal)", "torch", &[3, 4, 5, 6]),
    ("bilinear(diagonal)", "jax", &[5, 6, 3, 4]),
    ("icnr(2)", "torch", &[12, 3, 3, 3]),
    ("icnr(2)", "jax", &[3, 3, 3, 12]),
    ("stft", "keras", &[20, 1, 11]),
    ("stft(side=imag, window=hamming, scaling=spectrum)", "keras", &[20, 1, 11]),
    ("stft(window=none)", "keras", &[3, 2, 30]),
    ("stft(window=blackman, periodic)", "keras", &[30, 2, 3]),
    ("gate_bias(1, gate=1, gates=4)", "torch", &[40]),
    ("chrono(100)", "torch", &[40]),
];

fn each_element_alone<T: Element + Default + Debug>() {
    for &(text, layout, dims) in SMALL {
        let what = resolve(text, layout, dims);
        let len = dims.iter().product::<usize>();
        let mut whole = vec![T::default(); len];
        Filler::new().fill(&mut whole, &what, stream()).unwrap();
        // Every element of the small ones, and every seventh or so of the others.
        for (at, expected) in whole.iter().enumerate().step_by(1 + len / 1000 * 7) {
            let mut rest = at;
            let mut offsets = vec![0; dims.len()];
            for (offset, &size) in offsets.iter_mut().zip(dims).rev() {
                (*offset, rest) = (rest % size, rest / size);
            }
            let shard = Shard::new(dims, &offsets, &vec![1; dims.len()]).unwrap();
            let mut found = [T::default(); 2];
            fill_shard(&mut found[..1], &shard, &what, stream()).unwrap();
            Filler::new().threads(1).fill_at(&mut found[1..], at as u64, &what, stream()).unwrap();
            assert_eq!(format!("{found:?}"), format!("[{expected:?}, {expected:?}]"), "{text}, {dims:?}: {offsets:?}");
        }
    }
}

#[test]
fn each_f32_alone_is_that_of_the_whole() {
    each_element_alone::<f32>();
}

#[test]
fn each_f64_alone_is_that_of_the_whole() {
    each_element_alone::<f64>();
}

/// Fills the element of a tensor at one index alone.
fn one(text: &str, layout: &str, dims: &[usize], at: &[usize]) -> Result<f32, FillError> {
    let what = resolve(text, layout, dims);
    let start = Instant::now();
    let shard = Shard::new(dims, at, &vec![1; dims.len()]).unwrap();
    let mut value = [f32::NAN];
    let result = fill_shard(&mut value, &shard, &what, stream());
    let taken = start.elapsed();
    assert!(taken < Duration::from_secs(5), "{text}, {dims:?} at {at:?} took {taken:?}");
    result.map(|()| value[0])
}

const HUGE: usize = 1 << 40;
const LARGE: usize = 1 << 20;

#[test]
fn an_element_of_a_huge_identity_is_filled_at_once() {
    for text in ["eye", "padded_identity"] {
        let tall = |row: usize, col: usize| one(text, "torch", &[HUGE, LARGE], &[row, col]).unwrap();
        assert_eq!(tall(LARGE - 1, LARGE - 1), 1.0);
        assert_eq!(tall(HUGE - 2, LARGE - 1), 0.0);
        assert_eq!(tall(HUGE - 1, LARGE - 1), if text == "eye" { 0.0 } else { 1.0 });
        let wide = |row: usize, col: usize| one(text, "jax", &[LARGE, HUGE], &[row, col]).unwrap();
        assert_eq!((wide(7, 7), wide(7, 8), wide(LARGE - 1, LARGE - 1)), (1.0, 0.0, 1.0));
    }
    let dirac = |groups: usize, out: usize, input: usize| {
        one(&format!("dirac(groups={groups})"), "torch", &[HUGE, LARGE, 3], &[out, input, 1]).unwrap()
    };
    assert_eq!((dirac(1, 5, 5), dirac(1, HUGE - 1, LARGE - 1), dirac(LARGE, HUGE - 1, LARGE - 1)), (1.0, 0.0, 1.0));
    assert_eq!(one("hadamard", "torch", &[LARGE, HUGE, 3], &[LARGE - 1, LARGE - 1, 1]), Ok(1.0));
    assert_eq!(one("hadamard", "torch", &[HUGE, LARGE, 3], &[HUGE - 1, LARGE - 1, 1]), Ok(9.536743e-7));
    assert_eq!(one("hadamard", "torch", &[HUGE, LARGE, 3], &[HUGE - 1, LARGE - 1, 2]), Ok(0.0));
}

#[test]
fn an_element_of_other_huge_patterns_is_filled_at_once() {
    assert_eq!(one("embedding(padding_idx=-1)", "torch", &[HUGE, LARGE], &[HUGE - 1, LARGE - 1]), Ok(0.0));
    assert_ne!(one("embedding(padding_idx=-1)", "torch", &[HUGE, LARGE], &[HUGE - 2, LARGE - 1]), Ok(0.0));
    assert_eq!(one("gate_bias(0.5, gate=3, gates=4)", "torch", &[1 << 60], &[(1 << 60) - 1]), Ok(0.5));
    assert_eq!(one("gate_bias(0.5, gate=3, gates=4)", "torch", &[1 << 60], &[5]), Ok(0.0));
    assert!(one("chrono(100)", "torch", &[1 << 60], &[1 << 59]).is_ok());
    let bilinear = |tap: usize| one("bilinear", "torch", &[64, 64, LARGE, LARGE], &[63, 62, tap, tap]).unwrap();
    assert!(bilinear(LARGE / 2) > 0.99 && bilinear(LARGE - 1) < 1e-5);
    assert!(one("icnr(2)", "torch", &[HUGE, 4, 64, 64], &[HUGE - 1, 3, 63, 63]).unwrap() != 0.0);
}

#[test]
fn an_element_of_a_huge_stft_is_filled_at_once() {
    let spectrum = "stft(window=hann, scaling=spectrum)";
    for (dims, at) in [
        ([HUGE, 2, LARGE + 1], [HUGE / 2, 1, 0]),
        ([LARGE, 2, HUGE], [LARGE / 2, 1, 0]),
        ([1 << 24, 1, 1 << 30], [1 << 23, 0, 0]),
    ] {
        for text in ["stft", spectrum, "stft(window=none)", "stft(side=imag, scaling=none)"] {
            let value = one(text, "keras", &dims, &at).unwrap();
            match text {
                "stft(window=none)" => assert_eq!(value, 1.0, "{dims:?}"),
                // The middle of the window over its sum, which is half the frame.
                _ if text == spectrum => assert!((value * dims[0] as f32 / 2.0 - 1.0).abs() < 1e-5, "{dims:?}"),
                "stft" => assert!(value > 0.0, "{dims:?}"),
                _ => assert_eq!(value, 0.0, "{dims:?}"),
            }
        }
    }
}

#[test]
fn an_element_of_a_sparse_matrix_costs_its_column() {
    let dims = [1000, 1 << 50];
    let zeros = (0..40).filter(|i| one("sparse(sparsity=0.5)", "torch", &dims, &[i * 25, dims[1] - 1]) == Ok(0.0));
    assert!((5..35).contains(&zeros.count()));
    let refused = one("sparse(sparsity=0.5)", "torch", &[1 << 58, 4], &[0, 0]);
    assert!(matches!(refused, Err(FillError::NoMemory { .. })), "{refused:?}");
}

#[test]
fn an_element_of_an_orthogonal_matrix_costs_the_reflections_before_its_column() {
    let tall = |col: usize| one("orthogonal", "torch", &[20_000, LARGE / 64], &[19_999, col]);
    assert!(tall(0).unwrap() != 0.0 && tall(40).unwrap() != 0.0);
    // A wide matrix is the transpose: its rows cost.
    assert!(one("orthogonal", "torch", &[LARGE / 64, 20_000], &[3, 19_999]).unwrap() != 0.0);
    // Of 2^40 copies, the last.
    assert!(one("orthogonal", "axes(in=[-2], out=[-1], batch=[0])", &[HUGE, 64, 64], &[HUGE - 1, 63, 63]).is_ok());
    assert!(one("delta_orthogonal", "torch", &[20_000, 10_000, 3], &[19_999, 0, 1]).unwrap() != 0.0);
    assert_eq!(one("delta_orthogonal", "torch", &[HUGE, LARGE, 3], &[HUGE - 1, LARGE - 1, 0]), Ok(0.0));
    for (text, dims, at) in [
        ("orthogonal", &[HUGE, LARGE][..], &[HUGE - 1, LARGE - 1][..]),
        ("orthogonal", &[LARGE, LARGE], &[0, LARGE - 1]),
        ("delta_orthogonal", &[HUGE, LARGE, 3], &[HUGE - 1, LARGE - 1, 1]),
    ] {
        let refused = one(text, "torch", dims, at);
        assert!(matches!(refused, Err(FillError::TooManyReflections { .. })), "{text}, {dims:?}: {refused:?}");
        let message = refused.unwrap_err().to_string();
        assert!(message.contains("reflections") && message.contains("2^38"), "{message}");
    }
}
