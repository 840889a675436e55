//! Gains by quadrature, of any activation function.

#[cfg(target_has_atomic = "64")]
use core::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use crate::{
    distribution::normal::expectation,
    gain::activation::{Activation, DEFAULT_SLOPE},
    word::words,
};

/// Returns 1 / √E[φ(z)²] of any function.
///
/// φ is called a few thousand times. The result is infinite if φ is 0 everywhere, and NaN if φ
/// returns NaN anywhere.
#[must_use]
pub fn exact(phi: impl Fn(f64) -> f64) -> f64 {
    let square = expectation(|z| {
        let y = phi(z);
        y * y
    });
    1.0 / libm::sqrt(square)
}

/// Returns 1 / std φ(z) of any function.
///
/// ```
/// // |x| has the mean √(2/π).
/// let gain = init_core::gain::centred(f64::abs);
/// assert!((gain - 1.0 / (1.0 - 2.0 / std::f64::consts::PI).sqrt()).abs() < 1e-13);
/// ```
#[must_use]
pub fn centred(phi: impl Fn(f64) -> f64) -> f64 {
    let mean = expectation(&phi);
    // About the mean, so that a large mean costs no digits.
    exact(|z| phi(z) - mean)
}

/// Returns 1 / √E[φ′(z)²], given the derivative of a function.
///
/// ```
/// let gain = init_core::gain::backward(|x| if x > 0.0 { 1.0 } else { 0.1 });
/// assert!((gain - (2.0 / 1.01_f64).sqrt()).abs() < 1e-14);
/// ```
#[must_use]
pub fn backward(derivative: impl Fn(f64) -> f64) -> f64 {
    exact(derivative)
}

words! {
    /// The moment that a gain by quadrature preserves; see the table in [the module](crate::gain).
    #[derive(Default)]
    GainFamily, "gain family", {
        /// 1 / √E\[φ²\]: the forward pass.
        #[default]
        Exact = "exact",
        /// 1 / std φ: the forward pass with standardised weights.
        Centred = "centred",
        /// 1 / √E[φ′²]: the backward pass.
        Backward = "backward",
    }
}

impl GainFamily {
    /// Returns the gain of an activation; `a` is the negative slope of `leaky_relu`.
    ///
    /// The gains of the activations without a parameter are constants, and so are those of
    /// `leaky_relu` with the default slopes 0 and 0.01. Other slopes take about 0.1 ms the first
    /// time; the first few of a process are kept.
    #[must_use]
    pub fn gain(self, activation: Activation, a: f64) -> f64 {
        let bits = a.to_bits();
        if activation != Activation::LeakyRelu || bits == 0 {
            GAINS[activation as usize][self as usize]
        } else if bits == DEFAULT_SLOPE.to_bits() {
            LEAKY_GAINS[self as usize]
        } else {
            kept(self, a, || self.by_quadrature(activation, a))
        }
    }

    /// Returns the gain by quadrature.
    fn by_quadrature(self, activation: Activation, a: f64) -> f64 {
        match self {
            Self::Exact => exact(|z| activation.value(z, a)),
            Self::Centred => centred(|z| activation.value(z, a)),
            Self::Backward => backward(|z| activation.derivative(z, a)),
        }
    }
}

/// The gains by quadrature of the activations without a parameter, in the order of
/// [`Activation::ALL`]: forward, centred and backward. `leaky_relu` has those of the slope 0.
#[rustfmt::skip]
#[expect(clippy::approx_constant, reason = "results of the quadrature, to the last bit")]
const GAINS: [[f64; GainFamily::ALL.len()]; Activation::ALL.len()] = [
    /* linear       */ [1.0, 1.0, 1.0],
    /* relu         */ [1.414213562373095, 1.7128585504496625, 1.414213562373095],
    /* leaky_relu   */ [1.414213562373095, 1.7128585504496625, 1.414213562373095],
    /* relu6        */ [1.4142135650950736, 1.712858554972395, 1.4142135637683406],
    /* relu_squared */ [0.8164965809277259, 0.8944271909999159, 0.7071067811865475],
    /* tanh         */ [1.5925374197228312, 1.5925374197228312, 1.467413591630795],
    /* sigmoid      */ [1.8462285453386051, 4.801313372039962, 4.722646085937973],
    /* softsign     */ [2.3375333631085393, 2.3375333631085393, 2.095780608943311],
    /* softplus     */ [1.0418668355353016, 1.9191259801076563, 1.8462285453386051],
    /* elu          */ [1.2451983007007064, 1.2708434178501964, 1.2234285575526207],
    /* selu         */ [1.0000000000000002, 1.0000000000000002, 0.9660257769739012],
    /* gelu         */ [1.5335304411955353, 1.700926243363333, 1.481114412708348],
    /* gelu_tanh    */ [1.533580521666147, 1.7009165616954502, 1.4811680580933506],
    /* silu         */ [1.6765324703310913, 1.7871872221004421, 1.6233202579524972],
    /* mish         */ [1.486847581273208, 1.592025381099446, 1.4447552325473194],
    /* hardswish    */ [1.7366572127665416, 1.8138714738131827, 1.670076367441382],
    /* hardtanh     */ [1.3920361404483097, 1.3920361404483097, 1.2102870624325222],
    /* sin          */ [1.520866623178815, 1.520866623178815, 1.3272506002845752],
    /* arctan       */ [1.4912076181342089, 1.4912076181342089, 1.414213562373095],
    /* erf          */ [1.4671669504891385, 1.4671669504891385, 1.3252183528612111],
];

/// The same of `leaky_relu` with its default slope, 0.01.
const LEAKY_GAINS: [f64; GainFamily::ALL.len()] = [1.4141428569978352, 1.7048316271773367, 1.4141428569978352];

/// A gain that was computed once: written once, never changed.
///
/// No lock: a process forked while another thread holds it would wait forever. A slot that such a
/// fork leaves half written is never used.
#[cfg(target_has_atomic = "64")]
struct Kept {
    /// 0, 1 while it is being written, then 2 plus the number of the family.
    state: AtomicU8,
    slope: AtomicU64,
    gain: AtomicU64,
}

/// Returns the gain of `leaky_relu` with a slope, computed the first time.
#[cfg(target_has_atomic = "64")]
fn kept(family: GainFamily, slope: f64, gain: impl FnOnce() -> f64) -> f64 {
    static KEPT: [Kept; 16] =
        [const { Kept { state: AtomicU8::new(0), slope: AtomicU64::new(0), gain: AtomicU64::new(0) } }; 16];
    let (ready, slope) = (2 + family as u8, slope.to_bits());
    let found = KEPT
        .iter()
        .find(|kept| kept.state.load(Ordering::Acquire) == ready && kept.slope.load(Ordering::Relaxed) == slope);
    if let Some(kept) = found {
        return f64::from_bits(kept.gain.load(Ordering::Relaxed));
    }
    let gain = gain();
    let free = KEPT.iter().find(|kept| {
        kept.state.load(Ordering::Relaxed) == 0
            && kept.state.compare_exchange(0, 1, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    });
    if let Some(kept) = free {
        kept.slope.store(slope, Ordering::Relaxed);
        kept.gain.store(gain.to_bits(), Ordering::Relaxed);
        kept.state.store(ready, Ordering::Release);
    }
    gain
}

#[cfg(not(target_has_atomic = "64"))]
fn kept(_: GainFamily, _: f64, gain: impl FnOnce() -> f64) -> f64 {
    gain()
}

#[cfg(test)]
mod tests {
    use core::f64::consts::FRAC_1_SQRT_2;
    use std::{format, vec::Vec};

    use super::*;

    /// The activation, its slope, and the forward, centred and backward gains.
    #[rustfmt::skip]
    const REFERENCE: [(Activation, f64, [f64; 3]); 21] = [
        (Activation::Linear, 0.0, [1.0, 1.0, 1.0]),
        (Activation::Relu, 0.0, [core::f64::consts::SQRT_2, 1.7128585504496627056, core::f64::consts::SQRT_2]),
        (Activation::LeakyRelu, 0.01, [1.4141428569978353499, 1.7048316271773366513, 1.4141428569978353499]),
        (Activation::LeakyRelu, 0.2, [1.3867504905630728021, 1.5464600603608724972, 1.3867504905630728021]),
        (Activation::Relu6, 0.0, [1.4142135650950736514, 1.7128585549723952636, 1.4142135637683406789]),
        (Activation::ReluSquared, 0.0, [0.81649658092772603273, 0.89442719099991587856, FRAC_1_SQRT_2]),
        (Activation::Tanh, 0.0, [1.5925374197228314278, 1.5925374197228314278, 1.4674135916307951496]),
        (Activation::Sigmoid, 0.0, [1.846228545338605413, 4.8013133720399621815, 4.7226460859379743309]),
        (Activation::Softsign, 0.0, [2.3375333631085396599, 2.3375333631085396599, 2.0957806089433109963]),
        (Activation::Softplus, 0.0, [1.041866835535301708, 1.9191259801076564035, 1.846228545338605413]),
        (Activation::Elu, 0.0, [1.2451983007007065503, 1.2708434178501964761, 1.2234285575526208808]),
        (Activation::Selu, 0.0, [1.0, 1.0, 0.96602577697390117059]),
        (Activation::Gelu, 0.0, [1.5335304411955352338, 1.7009262433633331195, 1.4811144127083481966]),
        (Activation::GeluTanh, 0.0, [1.5335805216661469181, 1.7009165616954503845, 1.4811680580933505717]),
        (Activation::Silu, 0.0, [1.6765324703310911586, 1.787187222100441982, 1.623320257952497317]),
        (Activation::Mish, 0.0, [1.486847581273208102, 1.5920253810994462291, 1.4447552325473195108]),
        (Activation::Hardswish, 0.0, [1.7366572127665416197, 1.8138714738131827466, 1.6700763674413823421]),
        (Activation::Hardtanh, 0.0, [1.3920361404483097513, 1.3920361404483097513, 1.2102870624325222787]),
        (Activation::Sin, 0.0, [1.520866623178814883, 1.520866623178814883, 1.3272506002845750788]),
        (Activation::Arctan, 0.0, [1.4912076181342091068, 1.4912076181342091068, core::f64::consts::SQRT_2]),
        (Activation::Erf, 0.0, [1.467166950489138624, 1.467166950489138624, 1.3252183528612111695]),
    ];

    #[test]
    fn every_activation_has_the_gains_of_the_reference() {
        for (activation, a, expected) in REFERENCE {
            for (family, expected) in GainFamily::ALL.into_iter().zip(expected) {
                let found = family.gain(activation, a);
                assert!((found / expected - 1.0).abs() < 4e-15, "{family}({activation}): {found:?} {expected:?}");
            }
        }
        let covered: Vec<_> = REFERENCE.iter().map(|row| row.0).collect();
        for activation in Activation::ALL {
            assert!(covered.contains(&activation), "{activation}");
        }
    }

    #[test]
    fn every_constant_is_what_the_quadrature_gives_to_the_bit() {
        let slopes = [0.0, 0.01, 0.2];
        for (family, activation) in GainFamily::ALL.into_iter().flat_map(|f| Activation::ALL.map(|a| (f, a))) {
            for slope in slopes {
                let (found, computed) = (family.gain(activation, slope), family.by_quadrature(activation, slope));
                assert_eq!(found.to_bits(), computed.to_bits(), "{family}({activation}), slope {slope}");
            }
        }
    }

    #[test]
    fn slopes_keep_their_gains_also_when_there_is_no_more_room() {
        let threads = [0, 1, 2].map(|thread| {
            std::thread::spawn(move || {
                for i in 0..60 {
                    let (family, slope) = (GainFamily::ALL[(i + thread) % 3], (1 + i % 20) as f64 * 0.015);
                    let expected = family.by_quadrature(Activation::LeakyRelu, slope);
                    assert_eq!(family.gain(Activation::LeakyRelu, slope).to_bits(), expected.to_bits(), "{slope}");
                }
            })
        });
        for thread in threads {
            thread.join().unwrap();
        }
    }

    #[test]
    fn gains_with_a_closed_form_equal_it() {
        assert_eq!(format!("{:.13}", GainFamily::Exact.gain(Activation::Selu, 0.0)), "1.0000000000000");
        let slope: f64 = 0.3;
        let leaky = GainFamily::Exact.gain(Activation::LeakyRelu, slope);
        assert!((leaky - libm::sqrt(2.0 / (1.0 + slope * slope))).abs() < 1e-14);
        assert_eq!(exact(|_| 0.0), f64::INFINITY);
        assert!(exact(|_| f64::NAN).is_nan());
    }
}
