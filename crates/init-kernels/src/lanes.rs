//! Blocks and lanes: eight xoshiro256++ generators side by side, started anywhere in constant time.

use crate::Stream;
use crate::simd::Simd;

/// Elements of a tensor that share one set of lanes.
pub(crate) const BLOCK: usize = 4096;

/// u32 words of one step.
pub(crate) const STEP_WORDS: usize = 16;

/// Steps of a block of the raw stream: one u32 for each element.
pub(crate) const BLOCK_STEPS: u64 = (BLOCK / STEP_WORDS) as u64;

const LANES: usize = 8;

/// Output `n` of SplitMix64 started at `key` (G. Steele, D. Lea, C. Flood, *Fast splittable pseudorandom number
/// generators*, 2014): a bijection of `n`, so that no two lanes of a stream share their words 0 and 1.
fn splitmix(key: u64, n: u64) -> u64 {
    let z = key.wrapping_add(n.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ z >> 31
}

/// Eight xoshiro256++ generators (D. Blackman, S. Vigna, *Scrambled linear pseudorandom number generators*, 2021), one
/// in each u64 of four vectors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lanes<S: Simd> {
    state: [S::U64; 4],
}

impl<S: Simd> Lanes<S> {
    /// The lanes at the start of a block.
    #[inline(always)]
    pub(crate) fn new(simd: S, stream: Stream, block: u64) -> Self {
        let (k0, k1) = stream.key();
        let first = block.wrapping_mul(2 * LANES as u64);
        let word = |key: u64, word: u64| {
            let mut lanes = [0; LANES];
            for (lane, state) in (0..).zip(&mut lanes) {
                *state = splitmix(key, first.wrapping_add(2 * lane + word));
            }
            simd.load_u64(&lanes)
        };
        Self { state: [word(k0, 0), word(k0, 1), word(k1, 0), word(k1, 1)] }
    }

    /// The next output of each lane.
    #[inline(always)]
    pub(crate) fn step(&mut self, simd: S) -> S::U64 {
        let [s0, s1, s2, s3] = self.state;
        let output = simd.add_u64(simd.rotl_u64::<23>(simd.add_u64(s0, s3)), s0);
        let t = simd.shl_u64::<17>(s1);
        let s2 = simd.xor_u64(s2, s0);
        let s3 = simd.xor_u64(s3, s1);
        let s1 = simd.xor_u64(s1, s2);
        let s0 = simd.xor_u64(s0, s3);
        let s2 = simd.xor_u64(s2, t);
        let s3 = simd.rotl_u64::<45>(s3);
        self.state = [s0, s1, s2, s3];
        output
    }

    /// The next output, as 16 × u32: lane by lane, low half first.
    #[inline(always)]
    pub(crate) fn step_u32(&mut self, simd: S) -> S::U32 {
        simd.u32_of_u64(self.step(simd))
    }

    /// Drops `count` steps.
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

    #[test]
    fn splitmix_is_the_published_generator() {
        // https://prng.di.unimi.it/splitmix64.c started at 1234567
        let published =
            [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821];
        for (n, expected) in (0..).zip(published) {
            assert_eq!(splitmix(1234567, n), expected);
        }
    }
}
