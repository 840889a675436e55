//! Sizes that the value format and the kernels share: vectors, steps, groups, blocks and cache
//! lines.

/// Lanes of an f32 or u32 vector.
pub(crate) const WIDTH32: usize = 16;

/// Lanes of an f64 or u64 vector.
pub(crate) const WIDTH64: usize = 8;

/// u32 words of one step of the generators.
pub(crate) const STEP_WORDS: usize = 16;

/// Elements that are sampled together: the output of two steps in f32, of four in f64.
pub(crate) const GROUP: usize = 32;

/// Steps per group of f32, and of the types that are rounded from f32.
pub(crate) const STEPS32: usize = GROUP / WIDTH32;

/// Steps per group of f64.
pub(crate) const STEPS64: usize = GROUP / WIDTH64;

/// Elements of a tensor that are sampled from one seeding of the generators.
pub(crate) const BLOCK: usize = 4096;

/// Steps per block of the raw stream: one u32 for each element.
pub(crate) const BLOCK_STEPS: u64 = (BLOCK / STEP_WORDS) as u64;

/// Bytes of a cache line.
pub(crate) const LINE: usize = 64;
