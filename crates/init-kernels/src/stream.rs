//! Streams: 128-bit keys, and the child keys derived from them.

use std::hash::Hasher;

use siphasher::sip128::{Hasher128, SipHasher24};

/// The fixed key with which seeds are hashed to root keys.
const ROOT: &[u8; 16] = b"fanin value root";

/// The first byte of the hashed data of an index child: no UTF-8 text begins with it, so that no
/// name equals an index.
const INDEX: u8 = 0xFF;

/// A stream of random values: a 128-bit key that determines every value of a tensor by its index
/// alone.
///
/// A stream is a key, not a generator: it has no position, is `Copy`, and using it does not change
/// it. Streams form a tree: a model has the stream of its seed, a parameter the child with its
/// name, and further children, by name or by index, serve any other purpose. Two different paths
/// give unrelated streams.
///
/// The root key is the SipHash-2-4-128 of the seed under a fixed key, a child's key the
/// SipHash-2-4-128 of its name under the parent's key (J.-P. Aumasson, D. J. Bernstein, *SipHash: a
/// fast short-input PRF*, 2012).
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
    /// Returns the stream of a seed. Seeds that differ in one bit give unrelated streams.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let (low, high) = ROOT.split_at(8);
        let word = |half: &[u8]| half.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte));
        Self::from_key(word(low), word(high)).hash(&[&seed.to_le_bytes()])
    }

    /// Returns the stream of a key, as returned by [`key`](Self::key).
    #[must_use]
    pub const fn from_key(k0: u64, k1: u64) -> Self {
        Self { key: (k0, k1) }
    }

    /// Returns the key, which identifies the stream.
    #[must_use]
    pub const fn key(self) -> (u64, u64) {
        self.key
    }

    /// Returns the child with a name: for a parameter of a model its full name, such as
    /// `h.0.attn.c_attn.weight`.
    #[must_use]
    pub fn child(self, name: &str) -> Self {
        self.hash(&[name.as_bytes()])
    }

    /// Returns the child with an index. No index child equals a named child.
    #[must_use]
    pub fn child_index(self, index: u64) -> Self {
        self.hash(&[&[INDEX], &index.to_le_bytes()])
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
    fn no_name_equals_an_index() {
        let root = Stream::new(1);
        let index = root.child_index(0x6161_6161_6161_6161);
        assert_ne!(index, root.child("aaaaaaaa"));
        assert_ne!(index, root.child("\u{ff}aaaaaaaa"));
    }

    #[test]
    fn the_path_matters_and_not_its_concatenation() {
        let root = Stream::new(1);
        assert_ne!(root.child("a").child("b"), root.child("ab"));
        assert_ne!(root.child("a").child("b"), root.child("b").child("a"));
        assert_ne!(root.child(""), root);
    }
}
