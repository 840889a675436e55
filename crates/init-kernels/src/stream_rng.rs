//! A stream's raw bits as a random number generator for `rand`.

use std::convert::Infallible;

use rand_core::{SeedableRng, TryRng};

use crate::{stream::Stream, words::Words};

/// A generator of the raw bits of a [`Stream`], in order, for `rand` and its distributions.
///
/// It returns exactly the words that the 32-bit samplers consume: 256 steps of block 0, then 256 of
/// block 1, and so on, where a step is the next output of eight xoshiro256++ lanes. `next_u32`,
/// `next_u64` and bytes give the same bits in the same order: a `u64` is two `u32`, the low half
/// first.
///
/// ```
/// use init_kernels::Stream;
/// use rand::RngExt;
/// use rand_distr::{Distribution, Poisson};
///
/// let mut rng = Stream::new(42).child("spikes").rng();
/// let die = rng.random_range(1..=6);
/// let spikes = Poisson::new(3.5)?.sample(&mut rng);
/// # assert!((1..=6).contains(&die) && spikes >= 0.0);
/// # Ok::<(), rand_distr::PoissonError>(())
/// ```
#[derive(Clone, Debug)]
pub struct StreamRng {
    words: Words,
}

impl Stream {
    /// Returns a generator of this stream's raw bits, for `rand` and its distributions, and for
    /// tests of randomness.
    #[must_use]
    pub fn rng(self) -> StreamRng {
        StreamRng { words: Words::new(self) }
    }

    /// Returns the generator of [`rng`](Self::rng) after `position` 32-bit words, in O(1).
    ///
    /// ```
    /// use init_kernels::Stream;
    /// use rand::Rng;
    ///
    /// let mut rng = Stream::new(42).rng();
    /// rng.next_u64();
    /// assert_eq!(rng.position(), 2);
    /// assert_eq!(Stream::new(42).rng_at(2).next_u32(), rng.next_u32());
    /// ```
    #[must_use]
    pub fn rng_at(self, position: u64) -> StreamRng {
        StreamRng { words: Words::at(self, position) }
    }
}

impl StreamRng {
    /// Returns the number of 32-bit words that were drawn.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.words.position()
    }
}

impl TryRng for StreamRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.words.next_u32())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.words.next_u64())
    }

    /// Writes whole words, little-endian, and drops the unused bytes of the last word.
    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Infallible> {
        for bytes in dst.chunks_mut(4) {
            bytes.copy_from_slice(&self.words.next_u32().to_le_bytes()[..bytes.len()]);
        }
        Ok(())
    }
}

/// The seed of 16 bytes is the stream's key; `seed_from_u64(n)` is `Stream::new(n).rng()`.
impl SeedableRng for StreamRng {
    type Seed = [u8; 16];

    fn from_seed(seed: Self::Seed) -> Self {
        let key = u128::from_le_bytes(seed);
        Stream::from_key(key as u64, (key >> 64) as u64).rng()
    }

    fn seed_from_u64(seed: u64) -> Self {
        Stream::new(seed).rng()
    }
}

#[cfg(test)]
mod tests {
    use rand::Rng;

    use super::*;

    #[test]
    fn words_pairs_and_bytes_are_the_same_bits() {
        let bytes = {
            let mut bytes = vec![0; 3 * 16 * 1024 + 8];
            Stream::new(7).rng().fill_bytes(&mut bytes);
            bytes
        };
        let (mut by_word, mut by_pair) = (Stream::new(7).rng(), StreamRng::seed_from_u64(7));
        for pair in bytes.chunks_exact(8) {
            let value = u64::from_le_bytes(pair.try_into().unwrap());
            assert_eq!(by_pair.next_u64(), value);
            assert_eq!((by_word.next_u32(), by_word.next_u32()), (value as u32, (value >> 32) as u32));
        }
    }

    #[test]
    fn a_position_is_reached_at_once() {
        let mut rng = Stream::new(7).rng();
        let words: Vec<u32> = (0..10_000).map(|_| rng.next_u32()).collect();
        for position in [0, 1, 15, 16, 17, 4095, 4096, 4097, 8191, 8192, 8200] {
            let mut there = Stream::new(7).rng_at(position as u64);
            for (index, &word) in words.iter().enumerate().skip(position).take(40) {
                assert_eq!(there.position(), index as u64);
                assert_eq!(there.next_u32(), word, "position {position}, word {index}");
            }
        }
    }

    #[test]
    fn the_seed_is_the_key() {
        let (k0, k1) = Stream::new(9).key();
        let mut seed = [0; 16];
        seed[..8].copy_from_slice(&k0.to_le_bytes());
        seed[8..].copy_from_slice(&k1.to_le_bytes());
        assert_eq!(StreamRng::from_seed(seed).next_u64(), Stream::new(9).rng().next_u64());
    }
}
