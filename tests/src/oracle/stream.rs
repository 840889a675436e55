//! Keys, blocks, lanes and steps.

use std::hash::Hasher;

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use siphasher::sip128::{Hasher128, SipHasher24};

/// The two 64-bit halves of a stream's key.
pub type Key = (u64, u64);

fn siphash(key: Key, bytes: &[u8]) -> Key {
    let mut hasher = SipHasher24::new_with_keys(key.0, key.1);
    hasher.write(bytes);
    let digest = hasher.finish128().as_bytes();
    (u64_of(&digest[..8]), u64_of(&digest[8..]))
}

fn u64_of(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(bytes.try_into().expect("8 bytes"))
}

/// Returns the root key of a seed.
#[must_use]
pub fn root(seed: u64) -> Key {
    let fixed = b"fanin value root";
    siphash((u64_of(&fixed[..8]), u64_of(&fixed[8..])), &seed.to_le_bytes())
}

/// Returns the key of a named child.
#[must_use]
pub fn child(parent: Key, name: &str) -> Key {
    siphash(parent, name.as_bytes())
}

/// Returns the key of a numbered child.
#[must_use]
pub fn child_index(parent: Key, index: u64) -> Key {
    let mut bytes = vec![0xFF];
    bytes.extend(index.to_le_bytes());
    siphash(parent, &bytes)
}

/// Returns the first `len` bytes of a key's raw stream.
#[must_use]
pub fn raw_bytes(key: Key, len: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    for block in 0.. {
        let mut lanes = Lanes::new(key, block);
        for _ in 0..256 {
            bytes.extend(lanes.step().iter().flat_map(|word| word.to_le_bytes()));
            if bytes.len() >= len {
                bytes.truncate(len);
                return bytes;
            }
        }
    }
    bytes
}

/// Returns the u32 at `index` of a key's raw stream.
#[must_use]
pub fn word(key: Key, index: u64) -> u32 {
    let mut lanes = Lanes::new(key, index / 4096);
    let step = index % 4096 / 16;
    for _ in 0..step {
        let _ = lanes.step();
    }
    lanes.step32()[(index % 16) as usize]
}

/// Returns output `n` of `SplitMix64` started at `k`.
fn splitmix(k: u64, n: u64) -> u64 {
    let z = k.wrapping_add(n.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ z >> 31
}

/// The generators of one block.
pub(super) struct Lanes([Xoshiro256PlusPlus; 8]);

impl Lanes {
    pub(super) fn new(key: Key, block: u64) -> Self {
        Self(std::array::from_fn(|lane| {
            let n = block.wrapping_mul(16).wrapping_add(2 * lane as u64);
            let next = n.wrapping_add(1);
            let state = [splitmix(key.0, n), splitmix(key.0, next), splitmix(key.1, n), splitmix(key.1, next)];
            let mut seed = [0; 32];
            for (bytes, word) in seed.chunks_mut(8).zip(state) {
                bytes.copy_from_slice(&word.to_le_bytes());
            }
            Xoshiro256PlusPlus::from_seed(seed)
        }))
    }

    /// Returns the next output of each lane.
    pub(super) fn step(&mut self) -> [u64; 8] {
        self.0.each_mut().map(Rng::next_u64)
    }

    /// Returns the next outputs as 16 halves, low half first.
    pub(super) fn step32(&mut self) -> [u32; 16] {
        let step = self.step();
        std::array::from_fn(|j| (step[j / 2] >> (32 * (j % 2))) as u32)
    }
}
