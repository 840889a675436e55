//! A rectangular part of a tensor, and where its elements stand in the whole.

use std::ops::Range;

/// A shard: offsets and a local shape in a global shape, all of the same number of dimensions.
///
/// Its elements, in row-major order of the local shape, are those of the whole tensor at the same places.
///
/// ```
/// use init_core::Distribution;
/// use init_kernels::{Shard, Stream, fill, fill_shard};
///
/// let normal = Distribution::Normal { mean: 0.0, std: 0.02 };
/// let stream = Stream::new(42).child("weight");
///
/// let mut whole = [0f32; 6 * 8];
/// fill(&mut whole, &normal, stream)?;
///
/// // Columns 4 and 5 of rows 2, 3 and 4, without the rest.
/// let mut part = [0f32; 3 * 2];
/// fill_shard(&mut part, &Shard::new(&[6, 8], &[2, 4], &[3, 2])?, &normal, stream)?;
/// assert_eq!(part[..2], whole[2 * 8 + 4..][..2]);
/// assert_eq!(part[4..], whole[4 * 8 + 4..][..2]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shard {
    global: Vec<usize>,
    offsets: Vec<usize>,
    local: Vec<usize>,
    len: usize,
}

impl Shard {
    /// The shard of a tensor of shape `global` that begins at `offsets` and has the shape `local`.
    ///
    /// # Errors
    /// The three differ in their number of dimensions, the shard leaves the tensor, or the tensor has 2⁶³ elements or more.
    pub fn new(global: &[usize], offsets: &[usize], local: &[usize]) -> Result<Self, ShardError> {
        if global.len() != offsets.len() || global.len() != local.len() {
            return Err(ShardError::Dimensions { global: global.len(), offsets: offsets.len(), local: local.len() });
        }
        for (axis, ((&size, &offset), &len)) in global.iter().zip(offsets).zip(local).enumerate() {
            if offset.checked_add(len).is_none_or(|end| end > size) {
                return Err(ShardError::Outside { axis, offset, len, size });
            }
        }
        let product = |dims: &[usize]| dims.iter().try_fold(1u64, |product, &size| product.checked_mul(size as u64));
        let fits = |count: &u64| i64::try_from(*count).is_ok();
        if !global.contains(&0) && product(global).filter(fits).is_none() {
            return Err(ShardError::Overflow { global: global.to_vec() });
        }
        let len = if local.contains(&0) { 0 } else { local.iter().product() };
        Ok(Self { global: global.to_vec(), offsets: offsets.to_vec(), local: local.to_vec(), len })
    }

    /// Elements of the shard.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether the shard has no elements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Elements of the whole tensor.
    pub(crate) fn elements(&self) -> u64 {
        if self.global.contains(&0) { 0 } else { self.global.iter().map(|&size| size as u64).product() }
    }

    /// Where the shard's elements stand.
    pub(crate) fn places(&self) -> Places {
        if self.is_empty() {
            return Places { first: 0, run: 1, outer: Vec::new() };
        }
        // Trailing axes that are taken whole join the axis before them: what is left is runs of consecutive elements.
        let (mut run, mut stride, mut first) = (1, 1u64, 0);
        let mut consecutive = true;
        let mut outer = Vec::new();
        for ((&size, &offset), &len) in self.global.iter().zip(&self.offsets).zip(&self.local).rev() {
            first += offset as u64 * stride;
            if consecutive {
                run *= len;
            } else if len > 1 {
                outer.push((len, stride));
            }
            consecutive &= len == size;
            stride *= size as u64;
        }
        Places { first, run, outer }
    }
}

/// Which element of the whole tensor each element of a buffer is: runs of consecutive ones, at regular distances.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    /// Flat index of the buffer's first element.
    first: u64,
    /// Elements of a run.
    run: usize,
    /// Counts and distances of the runs, the innermost first.
    outer: Vec<(usize, u64)>,
}

impl Places {
    /// A buffer that is one run.
    pub(crate) fn consecutive(first: u64, len: usize) -> Self {
        Self { first, run: len.max(1), outer: Vec::new() }
    }

    /// Where the buffer's element `index` stands in the tensor, and how many from it on stand side by side.
    pub(crate) fn of(&self, index: usize) -> (u64, usize) {
        let (mut number, inside) = (index / self.run, index % self.run);
        let mut place = self.first + inside as u64;
        for &(count, stride) in &self.outer {
            place += (number % count) as u64 * stride;
            number /= count;
        }
        (place, self.run - inside)
    }

    /// Which parts of `len` elements of the tensor, from flat index `first` on, the buffer holds: calls `part` with the buffer's index of
    /// each and its range among the `len`.
    pub(crate) fn meet(&self, first: u64, len: usize, mut part: impl FnMut(usize, Range<usize>)) {
        let mut at = self.first.saturating_sub(first).min(len as u64) as usize;
        while at < len {
            let mut rest = first + at as u64 - self.first;
            let (mut number, mut enclosing) = (0, None);
            let mut inside = true;
            for &(count, stride) in self.outer.iter().rev() {
                inside = rest / stride < count as u64;
                if !inside {
                    break;
                }
                number = number * count + (rest / stride) as usize;
                rest %= stride;
                enclosing = Some(stride);
            }
            if inside && rest < self.run as u64 {
                let rest = rest as usize;
                let count = (self.run - rest).min(len - at);
                part(number * self.run + rest, at..at + count);
                at += count;
            } else {
                // A place outside on one axis, also one before the shard's offset on it, has a digit beyond the shard's size there;
                // the next that can be inside is where the axis around it goes on.
                let Some(enclosing) = enclosing else { return };
                at = at.saturating_add((enclosing - rest).min(len as u64) as usize);
            }
        }
    }

    /// The buffer's index of the element of this flat index, if the buffer holds it.
    pub(crate) fn index_of(&self, flat: u64) -> Option<usize> {
        let mut found = None;
        self.meet(flat, 1, |index, _| found = Some(index));
        found
    }
}

/// Why three shapes make no shard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ShardError {
    /// The numbers of dimensions differ.
    #[error(
        "a global shape of {global} dimensions, {offsets} offsets and a local shape of {local} make no shard; give as many of each"
    )]
    Dimensions {
        /// Of the global shape.
        global: usize,
        /// Of the offsets.
        offsets: usize,
        /// Of the local shape.
        local: usize,
    },
    /// The shard ends after the tensor.
    #[error(
        "on axis {axis} the shard takes {len} from {offset}, but the tensor has {size}; a shard lies inside its tensor"
    )]
    Outside {
        /// The axis, from 0.
        axis: usize,
        /// The shard's offset on it.
        offset: usize,
        /// The shard's size on it.
        len: usize,
        /// The tensor's size on it.
        size: usize,
    },
    /// The tensor has 2⁶³ elements or more.
    #[error("the global shape {global:?} has 2^63 elements or more; no tensor is so large")]
    Overflow {
        /// The global shape.
        global: Vec<usize>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trailing_whole_axes_make_long_runs() {
        let places = Shard::new(&[4, 5, 6], &[1, 0, 0], &[2, 5, 6]).unwrap().places();
        assert_eq!((places.of(0), places.of(59)), ((30, 60), (89, 1)));
        let places = Shard::new(&[4, 5, 6], &[1, 2, 0], &[2, 2, 6]).unwrap().places();
        assert_eq!((places.of(0), places.of(11), places.of(12)), ((42, 12), (53, 1), (72, 12)));
    }

    #[test]
    fn meeting_a_range_finds_just_the_shards_elements() {
        let global = [3, 4, 2, 5];
        let spans = |size: usize| (0..size).flat_map(move |from| (1..=size - from).map(move |len| (from, len)));
        for (a, b, c, d) in spans(3)
            .flat_map(|a| spans(4).map(move |b| (a, b)))
            .flat_map(|(a, b)| spans(2).flat_map(move |c| [(0, 5), (0, 2), (1, 3), (4, 1)].map(move |d| (a, b, c, d))))
        {
            let axes = [a, b, c, d];
            let places = Shard::new(&global, &axes.map(|axis| axis.0), &axes.map(|axis| axis.1)).unwrap().places();
            let len = axes.iter().map(|axis| axis.1).product::<usize>();
            let held = (0..len).map(|index| places.of(index).0).collect::<Vec<_>>();
            for (first, count) in [(0, 120), (17, 60), (0, 1), (119, 1)] {
                let mut met = Vec::new();
                places.meet(first, count, |index, range| met.extend((index..).zip(range)));
                met.sort_unstable();
                let expected = held.iter().enumerate().filter_map(|(index, &flat)| {
                    let at = flat.checked_sub(first)? as usize;
                    (at < count).then_some((index, at))
                });
                assert_eq!(met, expected.collect::<Vec<_>>(), "{axes:?}");
            }
        }
    }

    #[test]
    fn what_is_no_shard_is_refused_by_name() {
        let refused =
            |global: &[usize], offsets: &[usize], local: &[usize]| Shard::new(global, offsets, local).unwrap_err();
        assert!(matches!(refused(&[2, 2], &[0], &[1, 1]), ShardError::Dimensions { .. }));
        assert!(matches!(refused(&[2, 2], &[0, 1], &[1, 2]), ShardError::Outside { axis: 1, .. }));
        assert!(matches!(refused(&[2], &[usize::MAX], &[2]), ShardError::Outside { .. }));
        assert!(matches!(refused(&[1 << 40, 1 << 40], &[0, 0], &[1, 1]), ShardError::Overflow { .. }));
    }

    #[test]
    fn empty_and_scalar_shards_exist() {
        assert!(Shard::new(&[4, 0], &[1, 0], &[2, 0]).unwrap().is_empty());
        assert_eq!(Shard::new(&[], &[], &[]).unwrap().len(), 1);
    }
}
