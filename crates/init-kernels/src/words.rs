//! The raw words of a stream, one after the other.

use crate::{
    geometry::{BLOCK_STEPS, STEP_WORDS},
    lanes::Lanes,
    simd::Portable,
    stream::Stream,
};

/// The words that the 32-bit samplers consume, in order: 256 steps of block 0, then 256 of block 1,
/// and so on.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    stream: Stream,
    lanes: Lanes<Portable>,
    /// Steps taken since the start of the stream.
    steps: u64,
    words: [u32; STEP_WORDS],
    /// Words of `words` already returned.
    used: usize,
}

impl Words {
    /// Starts at the first word of a stream.
    pub(crate) fn new(stream: Stream) -> Self {
        let lanes = Lanes::new(Portable, stream, 0);
        Self { stream, lanes, steps: 0, words: [0; STEP_WORDS], used: STEP_WORDS }
    }

    /// Starts at word `position` of a stream, in O(1).
    #[cfg(feature = "rand")]
    pub(crate) fn at(stream: Stream, position: u64) -> Self {
        let steps = position / STEP_WORDS as u64;
        let mut lanes = Lanes::new(Portable, stream, steps / BLOCK_STEPS);
        lanes.skip(Portable, (steps % BLOCK_STEPS) as usize);
        let mut words = Self { stream, lanes, steps, words: [0; STEP_WORDS], used: STEP_WORDS };
        let used = (position % STEP_WORDS as u64) as usize;
        if used > 0 {
            words.refill();
            words.used = used;
        }
        words
    }

    /// Returns the number of words returned so far.
    #[cfg(feature = "rand")]
    pub(crate) fn position(&self) -> u64 {
        self.steps * STEP_WORDS as u64 - (STEP_WORDS - self.used) as u64
    }

    /// Returns the next word.
    pub(crate) fn next_u32(&mut self) -> u32 {
        if self.used == STEP_WORDS {
            self.refill();
        }
        let word = self.words[self.used];
        self.used += 1;
        word
    }

    /// Returns the next two words, the low half first.
    pub(crate) fn next_u64(&mut self) -> u64 {
        let low = u64::from(self.next_u32());
        low | u64::from(self.next_u32()) << 32
    }

    fn refill(&mut self) {
        if self.steps != 0 && self.steps.is_multiple_of(BLOCK_STEPS) {
            self.lanes = Lanes::new(Portable, self.stream, self.steps / BLOCK_STEPS);
        }
        self.words = Portable::words(self.lanes.step(Portable));
        self.steps += 1;
        self.used = 0;
    }
}
