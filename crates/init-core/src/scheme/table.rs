//! The rows of the table of schemes.

use super::{
    deep_norm::{DeepNormPart, Stack},
    fixup::FixupPart,
    mup::{Optimizer, Role},
    named::Scheme,
    siren::SirenPart,
    spec::SchemeSpec,
    t_fixup::TFixupPart,
};
use crate::initializer::{
    spec::{Kind, Parameter, Value},
    values::{Mismatch, Values, computed, number, required, take, value},
};

pub(super) static ALL: &[&SchemeSpec] = &[
    &MUP,
    &NTK,
    &SPECTRAL,
    &DEEP_NORM,
    &T_FIXUP,
    &FIXUP,
    &SCALED_RESIDUAL,
    &LAYER_SCALE,
    &ZERO_GAMMA,
    &REZERO,
    &SIREN,
    &SELF_NORMALIZING,
];

/// Returns a word of an enum. The parser has accepted no other.
fn word<T: core::str::FromStr + Default>(values: &Values, i: usize) -> T {
    take!(values, i, Word).and_then(|word| word.parse().ok()).unwrap_or_default()
}

/// Returns a whole number that must be given, or has a default.
fn count(values: &Values, i: usize) -> usize {
    values.whole(i).unwrap_or(1)
}

const LAYERS: Parameter = required("layers", Kind::Count);

pub(super) static MUP: SchemeSpec = SchemeSpec {
    name: "mup",
    summary: "normal, so that the best learning rate does not depend on the width: at the base fans every multiplier \
              is 1 and the standard deviation is sigma/sqrt(fan_in) or std; hidden and output weights need \
              base_fan_in, input weights with sgd base_fan_out",
    source: "Yang et al. 2022, arXiv:2203.03466, table 8",
    parameters: &[
        required("role", Kind::OneOf(&[Role::Input.name(), Role::Hidden.name(), Role::Output.name()])),
        computed("base_fan_in", Kind::Count, "fan_in"),
        computed("base_fan_out", Kind::Count, "fan_out"),
        computed("sigma", Kind::NonNegative, "1"),
        computed("std", Kind::NonNegative, "sigma/sqrt(base_fan_in)"),
        number("mean", Kind::Finite, 0.0),
        value(
            "optimizer",
            Kind::OneOf(&[Optimizer::Adam.name(), Optimizer::Sgd.name()]),
            Value::Word(Optimizer::Adam.name()),
        ),
    ],
    build: |v| {
        Ok(Scheme::Mup {
            role: word(v, 0),
            base_fan_in: v.whole(1),
            base_fan_out: v.whole(2),
            sigma: v.optional(3),
            std: v.optional(4),
            mean: v.number(5),
            optimizer: word(v, 6),
        })
    },
};

pub(super) static NTK: SchemeSpec = SchemeSpec {
    name: "ntk",
    summary: "normal of std 1, and sigma/sqrt(fan_in) in the forward pass",
    source: "Jacot et al. 2018, arXiv:1806.07572, section 2",
    parameters: &[number("sigma", Kind::Positive, 1.0)],
    build: |v| Ok(Scheme::Ntk { sigma: v.number(0) }),
};

pub(super) static SPECTRAL: SchemeSpec = SchemeSpec {
    name: "spectral",
    summary: "normal, std min(1, sqrt(fan_out/fan_in))/sqrt(fan_in); with SGD fan_out/fan_in times the learning rate",
    source: "Yang, Simon and Bernstein 2023, arXiv:2310.17813, section 3",
    parameters: &[],
    build: |_| Ok(Scheme::Spectral),
};

pub(super) static DEEP_NORM: SchemeSpec = SchemeSpec {
    name: "deep_norm",
    summary: "xavier_normal, times beta for feed-forward weights, values and outputs (scaled), and alpha on the \
              residual stream: give layers for a single stack, encoder and decoder for the encoder of a pair, decoder \
              for its decoder",
    source: "Wang et al. 2022, arXiv:2203.00555, figure 2",
    parameters: &[
        required("part", Kind::OneOf(&[DeepNormPart::Scaled.name(), DeepNormPart::QueryKey.name()])),
        computed("layers", Kind::Count, "none"),
        computed("encoder", Kind::Count, "none"),
        computed("decoder", Kind::Count, "none"),
    ],
    build: |v| {
        let mismatch = |parameter, reason| Err(Mismatch { parameter, reason });
        let stack = match (v.whole(1), v.whole(2), v.whole(3)) {
            (Some(layers), None, None) => Stack::Alone { layers },
            (None, Some(encoder), Some(decoder)) => Stack::Encoder { encoder, decoder },
            (None, None, Some(decoder)) => Stack::Decoder { decoder },
            (None, None, None) => {
                return mismatch(
                    1,
                    "is missing: give the number of layers, or `decoder` and, for an encoder, `encoder` too",
                );
            }
            (None, Some(_), None) => {
                return mismatch(2, "needs `decoder` too: for an encoder alone give `layers`");
            }
            (Some(_), ..) => {
                return mismatch(1, "is for a single stack: leave out `encoder` and `decoder`, or `layers`");
            }
        };
        Ok(Scheme::DeepNorm { part: word(v, 0), stack })
    },
};

pub(super) static T_FIXUP: SchemeSpec = SchemeSpec {
    name: "t_fixup",
    summary: "xavier_uniform, scaled by the number of layers of the encoder and of the decoder except for queries and \
              keys; normal for embeddings",
    source: "Huang et al. 2020, T-Fixup, section 3.2",
    parameters: &[
        required(
            "part",
            Kind::OneOf(&[
                TFixupPart::QueryKey.name(),
                TFixupPart::Encoder.name(),
                TFixupPart::Decoder.name(),
                TFixupPart::Embedding.name(),
            ]),
        ),
        LAYERS,
    ],
    build: |v| Ok(Scheme::TFixup { part: word(v, 0), layers: count(v, 1) }),
};

pub(super) static FIXUP: SchemeSpec = SchemeSpec {
    name: "fixup",
    summary: "for residual branches: kaiming_normal scaled by the number of branches (branch), 0 for the last layer \
              (last), 1 for the scalar multiplier (multiplier)",
    source: "Zhang et al. 2019, arXiv:1901.09321, section 3",
    parameters: &[
        required(
            "part",
            Kind::OneOf(&[FixupPart::Branch.name(), FixupPart::Last.name(), FixupPart::Multiplier.name()]),
        ),
        required("branches", Kind::Count),
        number("layers", Kind::Count, 2.0),
    ],
    build: |v| Ok(Scheme::Fixup { part: word(v, 0), branches: count(v, 1), layers: count(v, 2) }),
};

pub(super) static SCALED_RESIDUAL: SchemeSpec = SchemeSpec {
    name: "scaled_residual",
    summary: "normal, std/sqrt(writers) for matrices that write into the residual stream: 2 per layer of a transformer",
    source: "Radford et al. 2019, GPT-2, section 2.3",
    parameters: &[required("writers", Kind::Count), number("std", Kind::NonNegative, 0.02)],
    build: |v| Ok(Scheme::ScaledResidual { writers: count(v, 0), std: v.number(1) }),
};

pub(super) static LAYER_SCALE: SchemeSpec = SchemeSpec {
    name: "layer_scale",
    summary: "the factor on each channel of a branch: 0.1 up to 18 layers, 1e-5 up to 24, 1e-6 beyond",
    source: "Touvron et al. 2021, arXiv:2103.17239, section 2",
    parameters: &[LAYERS],
    build: |v| Ok(Scheme::LayerScale { layers: count(v, 0) }),
};

pub(super) static ZERO_GAMMA: SchemeSpec = SchemeSpec {
    name: "zero_gamma",
    summary: "0, for the scale of the last norm of each branch",
    source: "Goyal et al. 2017, arXiv:1706.02677, section 5.1",
    parameters: &[],
    build: |_| Ok(Scheme::ZeroGamma),
};

pub(super) static REZERO: SchemeSpec = SchemeSpec {
    name: "rezero",
    summary: "0, for the single factor on a whole branch",
    source: "Bachlechner et al. 2020, arXiv:2003.04887",
    parameters: &[],
    build: |_| Ok(Scheme::Rezero),
};

pub(super) static SIREN: SchemeSpec = SchemeSpec {
    name: "siren",
    summary: "uniform on +-1/fan_in in the first layer, on +-sqrt(6/fan_in)/omega in the others",
    source: "Sitzmann et al. 2020, arXiv:2006.09661, section 3.2",
    parameters: &[
        required("part", Kind::OneOf(&[SirenPart::First.name(), SirenPart::Hidden.name()])),
        number("omega", Kind::Positive, 30.0),
    ],
    build: |v| Ok(Scheme::Siren { part: word(v, 0), omega: v.number(1) }),
};

pub(super) static SELF_NORMALIZING: SchemeSpec = SchemeSpec {
    name: "self_normalizing",
    summary: "lecun_normal, for every weight before a selu",
    source: "Klambauer et al. 2017, arXiv:1706.02515, section 2",
    parameters: &[],
    build: |_| Ok(Scheme::SelfNormalizing),
};
