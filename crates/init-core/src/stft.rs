//! The short-time Fourier transform as a convolution: its sizes, its window and its scaling.

use crate::{shape::matrix::fits, word::words};

/// The sizes and the window of a short-time Fourier transform as a convolution, Keras's
/// `STFTInitializer`: a tensor `(frame, channels, bins)` whose element (t, c, k) is
///
/// ```text
/// cos(−2π·t·k / F) · window(t) / scale     (side = real)
/// sin(−2π·t·k / F) · window(t) / scale     (side = imag),     F = 2·(bins − 1)
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Stft {
    /// The number of samples t of a frame.
    pub frame: usize,
    /// The number of channels, each with the same values.
    pub channels: usize,
    /// The number of frequencies k, at least 2.
    pub bins: usize,
    /// Cosine or sine.
    pub side: Side,
    /// The factor on each sample of a frame.
    pub window: Window,
    /// The number that the window is divided by.
    pub scaling: Scaling,
    /// Whether the window is one period of a function (N = frame) and not symmetric
    /// (N = frame − 1).
    pub periodic: bool,
}

impl Stft {
    /// Returns the number of elements.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.frame as u64 * self.channels as u64 * self.bins as u64
    }

    /// Returns whether there are no elements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn fits(&self) -> bool {
        self.bins >= 2 && fits(&[self.frame, self.channels, self.bins]).is_some()
    }
}

words! {
    /// The part of the complex exponential that a kernel contains.
    #[derive(Default)]
    Side, "side", {
        /// The cosines.
        #[default]
        Real = "real",
        /// The sines.
        Imag = "imag",
    }
}

words! {
    /// The factor on sample t of a frame, with x = 2π·t / N.
    #[derive(Default)]
    Window, "window", {
        /// ½ − ½·cos x.
        #[default]
        Hann = "hann",
        /// 0.54 − 0.46·cos x.
        Hamming = "hamming",
        /// 0.42 − 0.5·cos x + 0.08·cos 2x.
        Blackman = "blackman",
        /// 1, but scaled like the others.
        Boxcar = "boxcar",
        /// Neither a factor nor a scale.
        Without = "none",
    }
}

words! {
    /// The number that the window is divided by.
    #[derive(Default)]
    Scaling, "scaling", {
        /// √Σ window².
        #[default]
        Density = "density",
        /// Σ |window|.
        Spectrum = "spectrum",
        /// 1.
        Without = "none",
    }
}
