//! The fills whose instructions are counted, in the same order in the counting and in the filling
//! process.

use init_core::{DType, Distribution};
use init_kernels::Level;

use crate::distributions;

/// The kind of fill whose instructions are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Instructions per element, inside a block.
    Element,
    /// Instructions at the start of a block, divided by those of its 4096 elements.
    Seeding,
    /// Instructions of a whole call that fills 768 elements.
    Call,
    /// Instructions of a small call that fills 64 elements.
    Small(Small),
}

/// What a small call does before it fills with a uniform distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Small {
    /// Nothing: the distribution is given.
    Fill,
    /// Resolves `xavier_uniform`, given as a value.
    Xavier,
    /// Parses and resolves this text.
    Text(&'static str),
    /// Derives the child stream of a name.
    Child,
}

impl Small {
    const ALL: [(&'static str, Self); 6] = [
        ("fill", Self::Fill),
        ("xavier", Self::Xavier),
        ("text", Self::Text("xavier_uniform")),
        ("text_relu", Self::Text("kaiming_uniform(nonlinearity=relu)")),
        ("text_gelu", Self::Text("kaiming_uniform(nonlinearity=exact(gelu))")),
        ("child", Self::Child),
    ];
}

/// A question about a distribution in a dtype at a level.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// The question.
    pub question: Question,
    /// The name of the distribution.
    pub name: &'static str,
    /// The distribution.
    pub distribution: Distribution,
    /// The element type.
    pub dtype: DType,
    /// The level.
    pub level: Level,
}

/// Elements per block of the value format. No fill here is longer than two blocks.
pub(super) const BLOCK: usize = 4096;

/// Elements of the second block, when its start is counted.
const HEAD: usize = 64;

/// Returns the elements of a shorter and a longer fill, whose difference is the cost of the
/// elements alone. Counting is thousands of times slower than running, so the emulated levels get
/// few elements.
const fn lengths(dtype: DType, level: Level) -> (usize, usize) {
    match (level, dtype) {
        (Level::Portable, DType::F64) => (32, 64),
        (Level::Portable, _) => (64, 128),
        _ => (256, 512),
    }
}

/// Returns all cases of the levels of this machine.
#[must_use]
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for level in Level::available() {
        for (name, distribution) in distributions() {
            for dtype in DType::ALL {
                cases.push(Case { question: Question::Element, name, distribution, dtype, level });
            }
            if level > Level::Portable {
                let case = |question| Case { question, name, distribution, dtype: DType::F32, level };
                cases.push(case(Question::Call));
                if name == "normal" {
                    cases.push(case(Question::Small(Small::Fill)));
                } else if name == "uniform" {
                    cases.extend(Small::ALL.map(|(_, small)| case(Question::Small(small))));
                }
                if name != "truncated_normal" {
                    cases.push(case(Question::Seeding));
                }
            }
        }
    }
    cases
}

impl Case {
    /// Returns the name of the count: `normal/f32/avx2`, `call/normal/f32/avx2`.
    #[must_use]
    pub fn name(&self) -> String {
        let prefix = match self.question {
            Question::Element => "",
            Question::Call => "call/",
            Question::Seeding => "seeding/",
            Question::Small(small) => {
                let name = Small::ALL.iter().find(|(_, known)| *known == small).map_or("", |(name, _)| name);
                return format!("small/{name}/{}/{}/{}", self.name, self.dtype, self.level);
            }
        };
        format!("{prefix}{}/{}/{}", self.name, self.dtype, self.level)
    }

    /// Returns the lengths of the fills to count.
    #[must_use]
    pub fn fills(&self) -> Vec<usize> {
        let (short, long) = lengths(self.dtype, self.level);
        match self.question {
            Question::Element => vec![short, long],
            Question::Call => vec![768],
            Question::Small(_) => vec![64],
            // One block, and one block plus the head of another: the difference contains the start
            // of the second.
            Question::Seeding => vec![short, long, BLOCK, BLOCK + HEAD],
        }
    }

    /// Returns the answer to the question, from the instructions of each of the fills.
    ///
    /// # Panics
    ///
    /// Panics if there are not as many counts as fills.
    #[must_use]
    pub fn answer(&self, counts: &[u64]) -> f64 {
        let (short, long) = lengths(self.dtype, self.level);
        let per_element = |counts: &[u64]| (counts[1] as f64 - counts[0] as f64) / (long - short) as f64;
        match self.question {
            Question::Element => per_element(counts),
            Question::Call | Question::Small(_) => counts[0] as f64,
            Question::Seeding => {
                let element = per_element(counts);
                let over = counts[3] as f64 - counts[2] as f64 - HEAD as f64 * element;
                over / (BLOCK as f64 * element)
            }
        }
    }
}
