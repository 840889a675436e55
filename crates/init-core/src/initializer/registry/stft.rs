//! `stft`: a short-time Fourier transform as a convolution.

use crate::{
    initializer::{
        definition::{Definition, Request},
        registry::Initializer,
        resolve::ResolveError,
        spec::{Kind, Spec, Value},
        values::{Values, flag, take, value},
    },
    resolved::Resolved,
    stft::{Scaling, Side, Window},
    structured::Structured,
};

pub(super) static SPEC: Spec = Spec {
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
    examples: &["stft", "stft(side=imag)"],
    build: |v| {
        let (side, window) = (take!(v, 0, Side).unwrap_or_default(), take!(v, 1, Window).unwrap_or_default());
        let scaling = take!(v, 2, Scaling).unwrap_or_default();
        Ok(Initializer::Stft { side, window, scaling, periodic: v.flag(3).unwrap_or(false) })
    },
};

pub(super) struct Stft {
    pub(super) side: Side,
    pub(super) window: Window,
    pub(super) scaling: Scaling,
    pub(super) periodic: bool,
}

impl Definition for Stft {
    fn values(&self) -> Values {
        Values::from([
            Some(Value::Side(self.side)),
            Some(Value::Window(self.window)),
            Some(Value::Scaling(self.scaling)),
            Some(Value::Flag(self.periodic)),
        ])
    }

    fn resolve(&self, request: &Request<'_>) -> Result<Resolved, ResolveError> {
        let &[frame, channels, bins] = request.shape.dims() else {
            return Err(request.dims("3 dimensions, (frame, 1, bins)"));
        };
        let &Self { side, window, scaling, periodic } = self;
        Ok(Structured::Stft(crate::stft::Stft { frame, channels, bins, side, window, scaling, periodic }).into())
    }
}
