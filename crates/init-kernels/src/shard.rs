//! Shards: rectangular parts of a tensor.

use crate::index_runs::IndexRuns;

/// A shard: offsets and a local shape in a global shape, all with the same number of dimensions.
///
/// Its elements, in row-major order of the local shape, are those of the whole tensor at the same
/// indices.
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
    /// Returns the shard of a tensor of shape `global` that begins at `offsets` and has the shape
    /// `local`.
    ///
    /// # Errors
    ///
    /// Returns [`ShardError`] if the three differ in their number of dimensions, if the shard
    /// exceeds the tensor, or if the tensor has 2⁶³ elements or more.
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

    /// Returns the number of elements of the shard.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Returns whether the shard has no elements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the shape of the whole tensor.
    #[must_use]
    pub fn global(&self) -> &[usize] {
        &self.global
    }

    /// Returns the index of the shard's first element on each axis of the tensor.
    #[must_use]
    pub fn offsets(&self) -> &[usize] {
        &self.offsets
    }

    /// Returns the shape of the shard.
    #[must_use]
    pub fn local(&self) -> &[usize] {
        &self.local
    }

    /// Returns the number of elements of the whole tensor.
    pub(crate) fn elements(&self) -> u64 {
        if self.global.contains(&0) { 0 } else { self.global.iter().map(|&size| size as u64).product() }
    }

    /// Returns which elements of the whole tensor the shard has.
    pub(crate) fn index_runs(&self) -> IndexRuns {
        if self.is_empty() {
            return IndexRuns::consecutive(0, 0);
        }
        // Trailing axes that are taken whole join the axis before them; what remains is runs of
        // consecutive elements.
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
        IndexRuns::new(first, run, outer)
    }
}

/// Why a shard is invalid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ShardError {
    /// The numbers of dimensions differ.
    #[error(
        "the numbers of dimensions must be equal, got {global} in the global shape, {offsets} offsets \
         and {local} of the local shape"
    )]
    Dimensions {
        /// Dimensions of the global shape.
        global: usize,
        /// Number of offsets.
        offsets: usize,
        /// Dimensions of the local shape.
        local: usize,
    },
    /// The shard exceeds the tensor.
    #[error(
        "on axis {axis} the shard takes {len} from offset {offset}, but the size of the tensor is {size}; \
         a shard must be inside its tensor"
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
    #[error("the global shape {global:?} has 2^63 elements or more; a tensor must have fewer")]
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
        let runs = Shard::new(&[4, 5, 6], &[1, 0, 0], &[2, 5, 6]).unwrap().index_runs();
        assert_eq!((runs.locate(0), runs.locate(59)), ((30, 60), (89, 1)));
        let runs = Shard::new(&[4, 5, 6], &[1, 2, 0], &[2, 2, 6]).unwrap().index_runs();
        assert_eq!((runs.locate(0), runs.locate(11), runs.locate(12)), ((42, 12), (53, 1), (72, 12)));
    }

    #[test]
    fn intersecting_a_range_finds_exactly_the_elements_of_the_shard() {
        let global = [3, 4, 2, 5];
        let spans = |size: usize| (0..size).flat_map(move |from| (1..=size - from).map(move |len| (from, len)));
        for (a, b, c, d) in spans(3)
            .flat_map(|a| spans(4).map(move |b| (a, b)))
            .flat_map(|(a, b)| spans(2).flat_map(move |c| [(0, 5), (0, 2), (1, 3), (4, 1)].map(move |d| (a, b, c, d))))
        {
            let axes = [a, b, c, d];
            let runs = Shard::new(&global, &axes.map(|axis| axis.0), &axes.map(|axis| axis.1)).unwrap().index_runs();
            let len = axes.iter().map(|axis| axis.1).product::<usize>();
            let flat = (0..len).map(|index| runs.locate(index).0).collect::<Vec<_>>();
            for (first, count) in [(0, 120), (17, 60), (0, 1), (119, 1)] {
                let mut found = Vec::new();
                runs.intersect(first, count, |index, range| found.extend((index..).zip(range)));
                found.sort_unstable();
                let expected = flat.iter().enumerate().filter_map(|(index, &flat)| {
                    let at = flat.checked_sub(first)? as usize;
                    (at < count).then_some((index, at))
                });
                assert_eq!(found, expected.collect::<Vec<_>>(), "{axes:?}");
            }
        }
    }

    #[test]
    fn a_slice_of_the_runs_is_that_slice() {
        let whole = Shard::new(&[4, 5, 6], &[1, 2, 1], &[3, 2, 4]).unwrap();
        let all = (0..whole.len()).map(|index| whole.index_runs().locate(index).0).collect::<Vec<_>>();
        for (offset, len) in [(0, 24), (0, 1), (3, 2), (5, 14), (23, 1), (24, 0)] {
            let runs = whole.index_runs().slice(offset, len);
            assert_eq!((0..len).map(|index| runs.locate(index).0).collect::<Vec<_>>(), all[offset..offset + len]);
            let mut found = Vec::new();
            runs.intersect(10, 110, |index, range| found.extend((index..).zip(range)));
            let expected = (offset..offset + len).map(|i| (i - offset, all[i] as usize - 10));
            assert_eq!(found, expected.collect::<Vec<_>>(), "{offset} {len}");
        }
    }

    #[test]
    fn each_kind_of_invalid_shard_has_its_error() {
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
