//! The rows of the table that are structured fills.

use crate::filters::Centre;
use crate::initializer::Initializer;
use crate::spec::{Kind, Parameter, Spec, Value};
use crate::stft::{Scaling, Side, Window};
use crate::table::{GAIN, SLOPE, computed, number, required, take, value};

const CENTRE: Parameter = value("centre", Kind::Centre, Value::Centre(Centre::Upper));

const fn flag(name: &'static str) -> Parameter {
    value(name, Kind::Flag, Value::Flag(false))
}

pub(crate) static EYE: Spec = Spec {
    name: "eye",
    aliases: &["identity"],
    summary: "gain on the diagonal of the last two axes",
    source: "PyTorch eye_, Keras Identity; Le et al. 2015, arXiv:1504.00941",
    needs_fans: false,
    structured: true,
    parameters: &[number("gain", Kind::Finite, 1.0)],
    build: |v| Ok(Initializer::Eye { gain: v.number(0) }),
};

pub(crate) static DIRAC: Spec = Spec {
    name: "dirac",
    aliases: &[],
    summary: "a convolution that hands on its input channels",
    source: "PyTorch dirac_",
    needs_fans: false,
    structured: true,
    parameters: &[computed("groups", Kind::Count, "the layout's"), CENTRE],
    build: |v| Ok(Initializer::Dirac { groups: v.whole(0), centre: take!(v, 1, Centre).unwrap_or_default() }),
};

pub(crate) static ORTHOGONAL: Spec = Spec {
    name: "orthogonal",
    aliases: &[],
    summary: "gain times orthonormal rows or columns, evenly distributed; a is the slope of gain=leaky_relu",
    source: "Saxe et al. 2014, arXiv:1312.6120; Mezzadri 2007, arXiv:math-ph/0609050",
    needs_fans: false,
    structured: true,
    parameters: &[GAIN, SLOPE, computed("column_axis", Kind::Axis, "the outputs")],
    build: |v| Ok(Initializer::Orthogonal { gain: v.gain()?, column_axis: v.axis(2) }),
};

pub(crate) static DELTA_ORTHOGONAL: Spec = Spec {
    name: "delta_orthogonal",
    aliases: &[],
    summary: "a convolution that is orthogonal at its middle tap; centre=lower in JAX",
    source: "Xiao et al. 2018, arXiv:1806.05393, algorithm 2",
    needs_fans: false,
    structured: true,
    parameters: &[GAIN, SLOPE, CENTRE],
    build: |v| Ok(Initializer::DeltaOrthogonal { gain: v.gain()?, centre: take!(v, 2, Centre).unwrap_or_default() }),
};

pub(crate) static SPARSE: Spec = Spec {
    name: "sparse",
    aliases: &[],
    summary: "normal, but a part of the weights of each input is 0",
    source: "PyTorch sparse_; Martens 2010",
    needs_fans: false,
    structured: true,
    parameters: &[required("sparsity", Kind::Fraction), number("std", Kind::NonNegative, 0.01)],
    build: |v| Ok(Initializer::Sparse { sparsity: v.number(0), std: v.number(1) }),
};

pub(crate) static BILINEAR: Spec = Spec {
    name: "bilinear",
    aliases: &[],
    summary: "linear interpolation, for transposed convolutions that upsample",
    source: "Caffe, MXNet, Paddle; diagonal: Long et al. 2015, arXiv:1411.4038",
    needs_fans: false,
    structured: true,
    parameters: &[flag("diagonal")],
    build: |v| Ok(Initializer::Bilinear { diagonal: v.flag(0).unwrap_or(false) }),
};

pub(crate) static ICNR: Spec = Spec {
    name: "icnr",
    aliases: &[],
    summary: "filters repeated for a sub-pixel convolution of factor r",
    source: "Aitken et al. 2017, arXiv:1707.02937",
    needs_fans: false,
    structured: true,
    parameters: &[
        required("r", Kind::Count),
        computed("init", Kind::Initializer, "kaiming_normal"),
        computed("tiled", Kind::Flag, "the layout's"),
    ],
    build: |v| Ok(Initializer::Icnr { r: v.whole(0).unwrap_or(0), init: take!(v, 1, Initializer), tiled: v.flag(2) }),
};

pub(crate) static STFT: Spec = Spec {
    name: "stft",
    aliases: &[],
    summary: "cosines or sines of a short-time Fourier transform, for (frame, 1, bins)",
    source: "Keras STFTInitializer",
    needs_fans: false,
    structured: true,
    parameters: &[
        value("side", Kind::Side, Value::Side(Side::Real)),
        value("window", Kind::Window, Value::Window(Window::Hann)),
        value("scaling", Kind::Scaling, Value::Scaling(Scaling::Density)),
        flag("periodic"),
    ],
    build: |v| {
        let (side, window) = (take!(v, 0, Side).unwrap_or_default(), take!(v, 1, Window).unwrap_or_default());
        let scaling = take!(v, 2, Scaling).unwrap_or_default();
        Ok(Initializer::Stft { side, window, scaling, periodic: v.flag(3).unwrap_or(false) })
    },
};

pub(crate) static PADDED_IDENTITY: Spec = Spec {
    name: "padded_identity",
    aliases: &["idinit"],
    summary: "an identity that is repeated where the matrix is not square",
    source: "Pan et al. 2025, arXiv:2503.04626 (IDInit)",
    needs_fans: false,
    structured: true,
    parameters: &[number("gain", Kind::Finite, 1.0)],
    build: |v| Ok(Initializer::PaddedIdentity { gain: v.number(0) }),
};

pub(crate) static HADAMARD: Spec = Spec {
    name: "hadamard",
    aliases: &["zero_init"],
    summary: "an identity, or part of a Hadamard matrix where there are more outputs than inputs; at the middle tap",
    source: "Zhao et al. 2021, arXiv:2110.12661 (ZerO), algorithms 1 and 2",
    needs_fans: false,
    structured: true,
    parameters: &[number("gain", Kind::Finite, 1.0), CENTRE],
    build: |v| Ok(Initializer::Hadamard { gain: v.number(0), centre: take!(v, 1, Centre).unwrap_or_default() }),
};

pub(crate) static EMBEDDING: Spec = Spec {
    name: "embedding",
    aliases: &[],
    summary: "any distribution, but for one row of zeros",
    source: "PyTorch nn.Embedding(padding_idx)",
    needs_fans: false,
    structured: true,
    parameters: &[required("padding_idx", Kind::Axis), computed("init", Kind::Initializer, "normal")],
    build: |v| Ok(Initializer::Embedding { padding_idx: v.axis(0).unwrap_or(0), init: take!(v, 1, Initializer) }),
};

pub(crate) static GATE_BIAS: Spec = Spec {
    name: "gate_bias",
    aliases: &["forget_bias"],
    summary: "a recurrent layer's bias: value in one gate, 0 in the others",
    source: "Gers et al. 2000; Jozefowicz et al. 2015",
    needs_fans: false,
    structured: true,
    parameters: &[
        number("value", Kind::Finite, 1.0),
        number("gate", Kind::Index, 1.0),
        number("gates", Kind::Count, 4.0),
    ],
    build: |v| {
        Ok(Initializer::GateBias { value: v.number(0), gate: v.whole(1).unwrap_or(0), gates: v.whole(2).unwrap_or(0) })
    },
};

pub(crate) static CHRONO: Spec = Spec {
    name: "chrono",
    aliases: &[],
    summary: "an LSTM's bias for memories of up to longest steps",
    source: "Tallec and Ollivier 2018, arXiv:1804.11188, equation 16",
    needs_fans: false,
    structured: true,
    parameters: &[
        required("longest", Kind::Steps),
        number("forget", Kind::Index, 1.0),
        number("input", Kind::Index, 0.0),
        number("gates", Kind::Count, 4.0),
    ],
    build: |v| {
        let (forget, input) = (v.whole(1).unwrap_or(0), v.whole(2).unwrap_or(0));
        Ok(Initializer::Chrono { longest: v.number(0), forget, input, gates: v.whole(3).unwrap_or(0) })
    },
};
