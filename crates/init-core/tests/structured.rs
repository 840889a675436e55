//! Structured initializers resolved for shapes and layouts, and the shapes that they do not fit.

use init_core::{
    Axes, Distribution, Initializer, Layout, Resolved, Shape, Structured,
    shape::{Filters, Matrix, Order},
};

fn try_resolve(text: &str, dims: &[usize], layout: &str) -> Result<Structured, String> {
    let init: Initializer = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
    let shape = Shape::new(dims).unwrap();
    match init.resolve(&shape, &layout.parse::<Layout>().unwrap()) {
        Ok(Resolved::Structured(structured)) => {
            assert_eq!(structured.len(), shape.numel(), "{text}");
            assert_eq!(structured.name() == "zero_row", text.starts_with("embedding"));
            assert!(structured.to_string().starts_with(structured.name()));
            Ok(structured)
        }
        Ok(other) => panic!("{text}: {other}"),
        Err(error) => Err(error.to_string()),
    }
}

fn resolve(text: &str, dims: &[usize], layout: &str) -> Structured {
    try_resolve(text, dims, layout).unwrap_or_else(|error| panic!("{text} {dims:?} {layout}: {error}"))
}

fn matrix(text: &str, dims: &[usize], layout: &str) -> Matrix {
    match resolve(text, dims, layout) {
        Structured::Orthogonal { matrix, .. } | Structured::PaddedIdentity { matrix, .. } => matrix,
        other => panic!("{other}"),
    }
}

#[test]
fn an_orthogonal_matrix_has_the_layout_of_the_framework() {
    assert_eq!(matrix("orthogonal", &[16, 3, 5, 5], "torch"), Matrix::row_major(16, 75).unwrap());
    assert_eq!(matrix("orthogonal", &[5, 5, 3, 16], "jax"), Matrix::transposed(16, 75).unwrap());
    assert_eq!(matrix("orthogonal", &[5, 5, 3, 16], "keras"), Matrix::transposed(16, 75).unwrap());
    assert_eq!(matrix("orthogonal(column_axis=0)", &[16, 3], "jax"), Matrix::row_major(16, 3).unwrap());
    assert_eq!(matrix("orthogonal(column_axis=-2)", &[4, 5, 6], "jax"), Matrix::between(4, 5, 6).unwrap());
    // Stacked experts, einsum kernels and packed gates.
    let experts = matrix("orthogonal", &[8, 32, 64], "axes(in=[1], out=[2], batch=[0])");
    assert_eq!(experts, Matrix::stacked(8, 32, 64, 1).unwrap());
    let heads = matrix("orthogonal", &[96, 12, 8], "axes(in=[0], out=[1, 2])");
    assert_eq!((heads.rows(), heads.cols(), heads.index(0, 5, 7)), (96, 96, 7 * 96 + 5));
    let gates = matrix("orthogonal", &[4 * 32, 16], "packed(torch, blocks=4, axis=0)");
    assert_eq!((gates, gates.is_row_major()), (Matrix::stacked(4, 1, 32, 16).unwrap(), true));
    let gates = matrix("orthogonal", &[16, 4 * 32], "packed(keras, blocks=4, axis=-1)");
    assert_eq!(gates, Matrix::packed(16, 4, 32, 1).unwrap());
    let Structured::Orthogonal { gain, .. } = resolve("orthogonal(gain=relu)", &[2, 2], "torch") else {
        unreachable!()
    };
    assert_eq!(gain, 2_f64.sqrt());
}

#[test]
fn filters_have_both_orders() {
    let torch = Filters::new(Order::OutFirst, 8, 2, [3, 4]).unwrap();
    let dirac = resolve("dirac(groups=4)", &[8, 2, 3, 4], "torch");
    assert_eq!(dirac, Structured::Dirac { filters: torch.clone(), groups: 4, centre: 6 });
    // The layout's groups, and the other middle.
    let dirac = resolve("dirac(centre=lower)", &[8, 2, 3, 4], "conv(torch, groups=4)").to_string();
    assert_eq!(dirac, "dirac(out=8, inputs=2, groups=4, centre=5)");
    let jax = Filters::new(Order::OutLast, 8, 2, [3, 4]).unwrap();
    let delta = resolve("delta_orthogonal(centre=lower)", &[3, 4, 2, 8], "jax");
    assert_eq!(delta, Structured::DeltaOrthogonal { filters: jax.clone(), centre: 5, gain: 1.0 });
    let by_axes = resolve("bilinear", &[3, 4, 2, 8], "axes(in=[-2], out=[-1])");
    assert_eq!(by_axes, Structured::Bilinear { filters: jax, diagonal: false });
    let by_axes = resolve("bilinear(diagonal)", &[8, 2, 3, 4], "axes(in=[1], out=[0])");
    assert_eq!(by_axes, Structured::Bilinear { filters: torch, diagonal: true });
}

#[test]
fn zeros_are_rounded_as_in_pytorch() {
    for (sparsity, rows, expected) in [(0.1, 10, 1), (0.1, 11, 2), (0.0, 7, 0), (1.0, 7, 7), (0.3, 10, 3), (0.9, 1, 1)]
    {
        let Structured::Sparse { zeros, .. } = resolve(&format!("sparse({sparsity})"), &[rows, 3], "torch") else {
            unreachable!()
        };
        assert_eq!(zeros, expected, "{sparsity} of {rows}");
    }
    let Structured::Sparse { matrix, zeros, std } = resolve("sparse(0.5)", &[3, 10], "keras") else { unreachable!() };
    assert_eq!((matrix, zeros, std), (Matrix::transposed(10, 3).unwrap(), 5, 0.01));
}

#[test]
fn icnr_draws_the_smaller_tensor() {
    let Structured::Icnr { matrix, repeats, tiled, source, distribution } = resolve("icnr(2)", &[12, 5, 3, 3], "torch")
    else {
        unreachable!()
    };
    assert_eq!((repeats, tiled), (4, false));
    assert_eq!((matrix, source), (Matrix::row_major(12, 45).unwrap(), Matrix::row_major(3, 45).unwrap()));
    assert_eq!(distribution, Distribution::Normal { mean: 0.0, std: 2_f64.sqrt() / 45_f64.sqrt() });
    // fan_out is that of the smaller one.
    let Structured::Icnr { source, distribution, tiled, .. } =
        resolve("icnr(3, init=lecun_normal)", &[3, 3, 5, 18], "keras")
    else {
        unreachable!()
    };
    assert_eq!((source, tiled), (Matrix::transposed(2, 45).unwrap(), true));
    assert_eq!(distribution, Distribution::Normal { mean: 0.0, std: (1.0_f64 / 45.0).sqrt() });
}

#[test]
fn embeddings_gates_and_stacks_have_their_sizes() {
    let row = |text| match resolve(text, &[10, 4], "torch") {
        Structured::ZeroRow { row, distribution, .. } => (row, distribution),
        other => panic!("{other}"),
    };
    assert_eq!(row("embedding(0)"), (0, Distribution::Normal { mean: 0.0, std: 1.0 }));
    assert_eq!(row("embedding(-1, uniform(-0.05, 0.05))"), (9, Distribution::Uniform { low: -0.05, high: 0.05 }));
    assert_eq!(resolve("gate_bias", &[32], "torch"), Structured::GateBias { hidden: 8, gates: 4, gate: 1, value: 1.0 });
    let chrono = Structured::Chrono { hidden: 8, gates: 4, forget: 1, input: 0, longest: 50.0 };
    assert_eq!(resolve("chrono(50)", &[32], "keras"), chrono);
    let Structured::Eye { matrix, gain } = resolve("eye(2)", &[2, 3, 4, 5], "torch") else { unreachable!() };
    assert_eq!((matrix, gain), (Matrix::stacked(6, 1, 4, 5).unwrap(), 2.0));
    let stft = resolve("stft(imag)", &[128, 1, 65], "keras");
    assert_eq!(stft.to_string(), "stft(frame=128, bins=65, side=imag)");
    assert!(!stft.is_random() && chrono.is_random());
}

#[test]
fn empty_and_single_shapes_resolve() {
    for text in ["orthogonal", "eye", "sparse(0.1)", "padded_identity", "hadamard", "embedding(0, uniform)"] {
        for dims in [[1, 1], [1, 7], [7, 1]] {
            resolve(text, &dims, "torch");
        }
        if !text.starts_with("embedding") {
            assert!(resolve(text, &[0, 3], "jax").is_empty());
            assert!(resolve(text, &[3, 0], "torch").is_empty());
        }
    }
    for text in ["dirac", "bilinear", "delta_orthogonal", "hadamard"] {
        resolve(text, &[1, 1, 1], "torch");
        assert!(resolve(text, &[4, 0, 3], "torch").is_empty());
        assert!(resolve(text, &[4, 4, 0], "torch").is_empty());
    }
}

#[test]
fn errors_say_what_does_not_fit() {
    for (text, dims, layout, part) in [
        ("hadamard", &[7][..], "torch", "it takes 2 to 5 dimensions, but shape [7] has 1"),
        ("orthogonal", &[7][..], "torch", "it takes at least 2 dimensions, but shape [7] has 1"),
        ("orthogonal(column_axis=2)", &[7, 3], "torch", "axis 2 is out of range for shape [7, 3]"),
        ("orthogonal", &[2, 3, 4], "axes(in=[1], out=[0, 2])", "output axes are not adjacent"),
        ("orthogonal", &[2, 3, 4], "axes(in=[0], out=[1], batch=[2])", "batch axes are not the first"),
        ("orthogonal", &[2, 3, 4], "axes(in=[0, 1], out=[1])", "input and output at once"),
        ("orthogonal", &[6, 4], "packed(torch, blocks=4, axis=0)", "4 blocks do not divide an axis of size 6"),
        ("orthogonal", &[6, 4], "packed(torch, blocks=4, axis=1)", "blocks must be along its outputs"),
        ("eye", &[5], "torch", "at least 2 dimensions"),
        ("dirac", &[5, 5], "torch", "3 to 5 dimensions, as a convolution has, but shape [5, 5] has 2"),
        ("dirac(groups=3)", &[8, 2, 3], "torch", "`groups` of `dirac` must divide 8, got 3"),
        ("delta_orthogonal", &[4, 8, 3], "torch", "`inputs` of `delta_orthogonal` must be below 5, got 8"),
        ("sparse(0.1)", &[4, 8, 3], "torch", "it takes 2 dimensions, but shape"),
        ("icnr(2)", &[6, 8, 3, 3], "torch", "`r^d` of `icnr` must divide 6, got 4"),
        ("icnr(2147483647)", &[6, 8, 3, 3, 3], "torch", "must divide 6, got "),
        ("icnr(1)", &[4, 0, 3], "torch", "has no elements"),
        (
            "embedding(10)",
            &[10, 4],
            "torch",
            "row 10 is out of range: rows of an embedding of 10 rows run from -10 to 9",
        ),
        ("embedding(-11)", &[10, 4], "torch", "row -11 is out of range"),
        ("gate_bias", &[30], "torch", "`gates` of `gate_bias` must divide 30, got 4"),
        ("chrono(9)", &[4, 8], "torch", "it takes 1 dimension, but shape"),
        ("stft", &[128, 65], "keras", "(frame, 1, bins)"),
        ("stft", &[128, 1, 1], "keras", "at least 2 frequency bins"),
    ] {
        let error = try_resolve(text, dims, layout).unwrap_err();
        assert!(error.contains(part), "{text}: {error}");
    }
    let error = "dirac".parse::<Initializer>().unwrap();
    let error = error.distribution(&Shape::new([3, 3, 3]).unwrap(), &Layout::Torch).unwrap_err().to_string();
    assert!(error.contains("not a distribution of independent elements"), "{error}");
}

#[test]
fn invalid_einsum_equations_are_refused() {
    for (equation, part) in [
        ("btd,dhk", "no `->`"),
        ("btd->bt", "does not have two operands"),
        ("btd,ddk->btk", "is in its weight twice"),
        ("btd,dxk->btk", "in its weight alone"),
        ("btd,...dk->btk", "has `...`"),
        ("b1d,dk->b1k", "not single letters"),
    ] {
        let error = Axes::einsum(equation).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
    assert_eq!(Axes::einsum("...d,dk->...k"), Ok(Axes::new([0], [1], [])));
}
