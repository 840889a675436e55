//! The sizes and offsets that callers are compiled with, which never change. `tests/c/layout.c`
//! checks the same in C.
#![cfg(target_pointer_width = "64")]

use std::mem::offset_of;

use crate::{
    distribution::Distribution,
    error::Error,
    initializer::Initializer,
    options::Options,
    plan::{Parameter, PlanOptions},
    resolution::{Fans, Resolution},
    scheme::{Multipliers, Parametrization},
    stream::Stream,
};

const _: () = {
    assert!(size_of::<Stream>() == 16 && align_of::<Stream>() == 8 && offset_of!(Stream, k1) == 8);

    assert!(size_of::<Error>() == 1024 && align_of::<Error>() == 4);
    assert!(offset_of!(Error, status) == 0 && offset_of!(Error, length) == 4 && offset_of!(Error, message) == 8);

    assert!(size_of::<Distribution>() == 40 && align_of::<Distribution>() == 8);
    assert!(offset_of!(Distribution, kind) == 0 && offset_of!(Distribution, reserved) == 4);
    assert!(offset_of!(Distribution, mean) == 8 && offset_of!(Distribution, std) == 16);
    assert!(offset_of!(Distribution, low) == 24 && offset_of!(Distribution, high) == 32);

    assert!(size_of::<Initializer>() == 40 && align_of::<Initializer>() == 8);
    assert!(offset_of!(Initializer, kind) == 0 && offset_of!(Initializer, mode) == 4);
    assert!(offset_of!(Initializer, nonlinearity) == 8 && offset_of!(Initializer, truncation) == 12);
    assert!(offset_of!(Initializer, family) == 16 && offset_of!(Initializer, reserved) == 20);
    assert!(offset_of!(Initializer, gain) == 24 && offset_of!(Initializer, a) == 32);

    // Options may grow at their end.
    assert!(size_of::<Options>() == 16 && align_of::<Options>() == 8);
    assert!(offset_of!(Options, struct_size) == 0);
    assert!(offset_of!(Options, threads) == 8 && offset_of!(Options, level) == 12);

    assert!(size_of::<Fans>() == 16 && offset_of!(Fans, fan_in) == 0 && offset_of!(Fans, fan_out) == 8);

    assert!(size_of::<Resolution>() == 344 && align_of::<Resolution>() == 8);
    assert!(offset_of!(Resolution, distribution) == 0 && offset_of!(Resolution, fans) == 40);
    assert!(offset_of!(Resolution, mean) == 56 && offset_of!(Resolution, std) == 64);
    assert!(offset_of!(Resolution, low) == 72 && offset_of!(Resolution, high) == 80);
    assert!(offset_of!(Resolution, text) == 88);

    assert!(size_of::<Multipliers>() == 32 && offset_of!(Multipliers, forward) == 0);
    assert!(offset_of!(Multipliers, learning_rate) == 8 && offset_of!(Multipliers, weight_decay) == 16);
    assert!(offset_of!(Multipliers, residual) == 24);

    assert!(size_of::<Parametrization>() == 288 && align_of::<Parametrization>() == 8);
    assert!(offset_of!(Parametrization, multipliers) == 0 && offset_of!(Parametrization, initializer) == 32);

    // These options may grow at their end, too.
    assert!(size_of::<PlanOptions>() == 40 && align_of::<PlanOptions>() == 8);
    assert!(offset_of!(PlanOptions, struct_size) == 0 && offset_of!(PlanOptions, seed) == 8);
    assert!(offset_of!(PlanOptions, has_seed) == 16 && offset_of!(PlanOptions, dtype) == 20);
    assert!(offset_of!(PlanOptions, layout) == 24 && offset_of!(PlanOptions, rules) == 32);

    assert!(size_of::<Parameter>() == 112 && align_of::<Parameter>() == 8);
    assert!(offset_of!(Parameter, name) == 0 && offset_of!(Parameter, shape) == 8);
    assert!(offset_of!(Parameter, ndim) == 16 && offset_of!(Parameter, elements) == 24);
    assert!(offset_of!(Parameter, dtype) == 32 && offset_of!(Parameter, reserved) == 36);
    assert!(offset_of!(Parameter, initializer) == 40 && offset_of!(Parameter, scheme) == 48);
    assert!(offset_of!(Parameter, values) == 56 && offset_of!(Parameter, fans) == 64);
    assert!(offset_of!(Parameter, multipliers) == 80);
};
