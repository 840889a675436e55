//! Streams: 128-bit keys, and the keys below them.

use siphasher::sip128::{Hasher128, SipHasher24};
use std::hash::Hasher;

use crate::StreamRng;

/// The fixed key under which seeds become root keys.
const ROOT: &[u8; 16] = b"fanin value root";

/// The first byte of what an index child hashes: it starts no UTF-8 text, so names and indices never meet.
const INDEX: u8 = 0xFF;

/// A source of values: a 128-bit key, from which every value of a tensor follows by its index alone.
///
/// A stream is a number, not a generator: it has no position, is `Copy`, and using it changes nothing. Streams form a
/// tree. A model has the stream of its seed; a parameter has the child that bears its name; whoever needs more streams
/// below that takes further children, by name or by index. Two different paths give unrelated streams.
///
/// The root key is SipHash-2-4-128 of the seed under a fixed key, a child's key SipHash-2-4-128 of its name under the
/// parent's key (J.-P. Aumasson, D. J. Bernstein, *SipHash: a fast short-input PRF*, 2012).
///
/// ```
/// use init_kernels::Stream;
///
/// let model = Stream::new(42);
/// let weight = model.child("encoder.weight");
/// assert_ne!(weight, model.child("encoder.bias"));
/// assert_eq!(weight, Stream::new(42).child("encoder.weight"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stream {
    key: (u64, u64),
}

impl Stream {
    /// The stream of a seed. Seeds that differ in one bit give unrelated streams.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let (low, high) = ROOT.split_at(8);
        let word = |half: &[u8]| half.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte));
        Self::from_key(word(low), word(high)).hash(&[&seed.to_le_bytes()])
    }

    /// The stream of this key, as [`key`](Self::key) gave it.
    #[must_use]
    pub const fn from_key(k0: u64, k1: u64) -> Self {
        Self { key: (k0, k1) }
    }

    /// The key: all there is to a stream.
    #[must_use]
    pub const fn key(self) -> (u64, u64) {
        self.key
    }

    /// The child that bears this name. For a model's parameter, its full name: `h.0.attn.c_attn.weight`.
    #[must_use]
    pub fn child(self, name: &str) -> Self {
        self.hash(&[name.as_bytes()])
    }

    /// The child of this index. No index child equals a named child.
    #[must_use]
    pub fn child_index(self, index: u64) -> Self {
        self.hash(&[&[INDEX], &index.to_le_bytes()])
    }

    /// A generator of this stream's raw bits, for `rand` and its distributions, and for tests of randomness.
    #[must_use]
    pub fn rng(self) -> StreamRng {
        StreamRng::new(self)
    }

    fn hash(self, parts: &[&[u8]]) -> Self {
        let mut hasher = SipHasher24::new_with_keys(self.key.0, self.key.1);
        for part in parts {
            hasher.write(part);
        }
        let digest = hasher.finish128();
        Self::from_key(digest.h1, digest.h2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_indices_never_meet() {
        let root = Stream::new(1);
        let index = root.child_index(0x6161_6161_6161_6161);
        assert_ne!(index, root.child("aaaaaaaa"));
        assert_ne!(index, root.child("\u{ff}aaaaaaaa"));
    }

    #[test]
    fn the_path_matters_not_its_spelling() {
        let root = Stream::new(1);
        assert_ne!(root.child("a").child("b"), root.child("ab"));
        assert_ne!(root.child("a").child("b"), root.child("b").child("a"));
        assert_ne!(root.child(""), root);
    }
}
