//! Structured fills that are orthogonal matrices.

use super::part::Part;
use crate::{
    orthogonal::{Normals, Position, Target, fill},
    sampler::Sampled,
    stream::Stream,
};

impl<T: Sampled<Real: Normals>> Part<'_, T> {
    /// Writes `gain` times one orthogonal matrix per stream.
    pub(super) fn orthogonal(&mut self, matrices: &[(Position, Stream)], gain: f64) {
        let target = Target::new(self.job.dst, self.job.indices);
        fill(self.job.token, &target, matrices, gain, self.job.threads);
    }
}
