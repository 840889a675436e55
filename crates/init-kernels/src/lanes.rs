//! Lanes: eight xoshiro256++ generators in parallel, seeded for any block in constant time.

use crate::{geometry::WIDTH64, simd::Simd, stream::Stream};

/// Generators, one in each lane of a u64 vector.
const LANES: usize = WIDTH64;

/// The increment of SplitMix64.
const GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

/// Returns every second output of SplitMix64 seeded with `key`, from output `first` on (G. Steele,
/// D. Lea, C. Flood, *Fast splittable pseudorandom number generators*, 2014).
///
/// Output is a bijection of its number, so that no two lanes of a stream share their words 0 and 1.
#[inline(always)]
fn splitmix<S: Simd>(simd: S, key: u64, first: u64) -> S::U64 {
    const TWICE: [u64; LANES] = {
        let mut multiples = [0; LANES];
        let mut lane = 0;
        while lane < LANES {
            multiples[lane] = GAMMA.wrapping_mul(2 * lane as u64);
            lane += 1;
        }
        multiples
    };
    let start = key.wrapping_add(first.wrapping_add(1).wrapping_mul(GAMMA));
    let z = simd.add_u64(simd.load_u64(&TWICE), simd.splat_u64(start));
    let z = simd.mul_u64(simd.xor_u64(z, simd.shr_u64::<30>(z)), simd.splat_u64(0xBF58_476D_1CE4_E5B9));
    let z = simd.mul_u64(simd.xor_u64(z, simd.shr_u64::<27>(z)), simd.splat_u64(0x94D0_49BB_1331_11EB));
    simd.xor_u64(z, simd.shr_u64::<31>(z))
}

/// Eight xoshiro256++ generators (D. Blackman, S. Vigna, *Scrambled linear pseudorandom number
/// generators*, 2021), one in each u64 of four vectors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lanes<S: Simd> {
    state: [S::U64; 4],
}

impl<S: Simd> Lanes<S> {
    /// Seeds the lanes for the start of a block.
    #[inline(always)]
    pub(crate) fn new(simd: S, stream: Stream, block: u64) -> Self {
        let (k0, k1) = stream.key();
        let first = block.wrapping_mul(2 * LANES as u64);
        let second = first.wrapping_add(1);
        Self {
            state: [
                splitmix(simd, k0, first),
                splitmix(simd, k0, second),
                splitmix(simd, k1, first),
                splitmix(simd, k1, second),
            ],
        }
    }

    /// Returns the next output of each lane.
    #[inline(always)]
    pub(crate) fn step(&mut self, simd: S) -> S::U64 {
        let [s0, s1, s2, s3] = self.state;
        let output = simd.add_u64(simd.rotl_u64::<23>(simd.add_u64(s0, s3)), s0);
        let t = simd.shl_u64::<17>(s1);
        self.state = [
            simd.xor3_u64(s3, s1, s0),
            simd.xor3_u64(s2, s0, s1),
            simd.xor3_u64(s2, s0, t),
            simd.rotl_u64::<45>(simd.xor_u64(s3, s1)),
        ];
        output
    }

    /// Returns the next output as 16 × u32: lane by lane, low half first.
    #[inline(always)]
    pub(crate) fn step_u32(&mut self, simd: S) -> S::U32 {
        simd.u32_of_u64(self.step(simd))
    }

    /// Skips `count` steps.
    #[inline(always)]
    pub(crate) fn skip(&mut self, simd: S, count: usize) {
        for _ in 0..count {
            self.step(simd);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::Portable;

    #[test]
    fn splitmix_is_the_published_generator() {
        // https://prng.di.unimi.it/splitmix64.c seeded with 1234567
        let published =
            [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821];
        for (n, expected) in (0u64..).zip(published) {
            assert_eq!(splitmix(Portable, 1234567, n).to_array()[0], expected);
            assert_eq!(splitmix(Portable, 1234567, n.wrapping_sub(2 * 7)).to_array()[7], expected);
        }
    }
}
