//! The fills that are counted, in the same order in the process that counts and in the one that fills.

use init_core::{DType, Distribution};
use init_kernels::Level;

use crate::laws;

/// What a figure says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Instructions an element, inside a block.
    Element,
    /// Instructions of the beginning of a block, over those of its 4096 elements.
    Seeding,
    /// Instructions of a whole call for 768 elements.
    Call,
}

/// A question about a law in a dtype at a level.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// What is asked.
    pub question: Question,
    /// The law's name.
    pub name: &'static str,
    /// The law.
    pub law: Distribution,
    /// The element type.
    pub dtype: DType,
    /// The level.
    pub level: Level,
}

/// Elements of a block, as the value format has it; no fill here is longer than two.
pub(super) const BLOCK: usize = 4096;

/// Elements of the second block's head, where its beginning is counted.
const HEAD: usize = 64;

/// Elements of the shorter and the longer fill, whose difference is the elements' own. A counted instruction takes as long as
/// thousands of others, so that emulated ones get few elements.
const fn lengths(dtype: DType, level: Level) -> (usize, usize) {
    match (level, dtype) {
        (Level::Portable, DType::F64) => (32, 64),
        (Level::Portable, _) => (64, 128),
        _ => (256, 512),
    }
}

/// All cases of the levels that this machine has.
#[must_use]
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for level in Level::available() {
        for (name, law) in laws() {
            for dtype in DType::ALL {
                cases.push(Case { question: Question::Element, name, law, dtype, level });
            }
            if level > Level::Portable {
                let case = |question| Case { question, name, law, dtype: DType::F32, level };
                cases.push(case(Question::Call));
                if name != "truncated_normal" {
                    cases.push(case(Question::Seeding));
                }
            }
        }
    }
    cases
}

impl Case {
    /// The figure's name: `normal/f32/avx2`, `call/normal/f32/avx2`.
    #[must_use]
    pub fn name(&self) -> String {
        let prefix = match self.question {
            Question::Element => "",
            Question::Call => "call/",
            Question::Seeding => "seeding/",
        };
        format!("{prefix}{}/{}/{}", self.name, self.dtype, self.level)
    }

    /// Lengths of the fills that are counted for it.
    #[must_use]
    pub fn fills(&self) -> Vec<usize> {
        let (short, long) = lengths(self.dtype, self.level);
        match self.question {
            Question::Element => vec![short, long],
            Question::Call => vec![768],
            // One block, and the head of another: what is over is the beginning of the second.
            Question::Seeding => vec![short, long, BLOCK, BLOCK + HEAD],
        }
    }

    /// The figure, from the instructions of each of the fills.
    ///
    /// # Panics
    /// If there are not as many counts as fills.
    #[must_use]
    pub fn figure(&self, counts: &[u64]) -> f64 {
        let (short, long) = lengths(self.dtype, self.level);
        let per_element = |counts: &[u64]| (counts[1] as f64 - counts[0] as f64) / (long - short) as f64;
        match self.question {
            Question::Element => per_element(counts),
            Question::Call => counts[0] as f64,
            Question::Seeding => {
                let element = per_element(counts);
                let over = counts[3] as f64 - counts[2] as f64 - HEAD as f64 * element;
                over / (BLOCK as f64 * element)
            }
        }
    }
}
