//! Splits of examples into those for training and those for testing.

use init_kernels::Stream;

use crate::shuffle::shuffled;

/// A split of all examples into those for training and those for testing, each in ascending order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// Rows to train with.
    pub train: Vec<usize>,
    /// Rows to test with.
    pub test: Vec<usize>,
}

impl Split {
    /// Takes this fraction of the examples of each class for testing, rounded, so that classes are
    /// equally common in both parts.
    ///
    /// ```
    /// use init_data::trainer::Split;
    /// use init_kernels::Stream;
    ///
    /// let split = Split::by_class(&[0, 0, 0, 0, 1, 1, 1, 1], 0.25, Stream::new(42));
    /// assert_eq!((split.train.len(), split.test.len()), (6, 2));
    /// assert!(split.test[0] < 4 && split.test[1] >= 4);
    /// ```
    #[must_use]
    pub fn by_class(classes: &[u32], share: f64, stream: Stream) -> Self {
        let most = classes.iter().max().map_or(0, |&class| class + 1);
        let of = |class: u32| (0..classes.len()).filter(move |&row| classes[row] == class).collect::<Vec<_>>();
        let mut split = Self { train: Vec::new(), test: Vec::new() };
        for class in 0..most {
            split.take(&of(class), share, stream.child_index(u64::from(class)));
        }
        split.sorted()
    }

    /// Takes this fraction of all examples for testing, rounded.
    #[must_use]
    pub fn plain(count: usize, share: f64, stream: Stream) -> Self {
        let mut split = Self { train: Vec::new(), test: Vec::new() };
        split.take(&(0..count).collect::<Vec<_>>(), share, stream);
        split.sorted()
    }

    fn take(&mut self, rows: &[usize], share: f64, stream: Stream) {
        let test = ((rows.len() as f64 * share).round() as usize).min(rows.len());
        let order = shuffled(rows.len(), stream);
        self.test.extend(order[..test].iter().map(|&i| rows[i]));
        self.train.extend(order[test..].iter().map(|&i| rows[i]));
    }

    fn sorted(mut self) -> Self {
        self.train.sort_unstable();
        self.test.sort_unstable();
        self
    }
}
