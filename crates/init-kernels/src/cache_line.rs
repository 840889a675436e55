//! Cache lines, for stores that bypass the caches.

use std::mem::MaybeUninit;

use crate::geometry::{GROUP, LINE};

/// A cache line of memory, aligned as non-temporal stores need it.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(crate) struct CacheLine(pub(crate) [MaybeUninit<u8>; LINE]);

impl CacheLine {
    pub(crate) const UNINIT: Self = Self([MaybeUninit::uninit(); LINE]);
}

/// A group that begins on a cache line.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(crate) struct AlignedGroup<E: Copy>(pub(crate) [MaybeUninit<E>; GROUP]);

impl<E: Copy> AlignedGroup<E> {
    /// Returns the lines of the group.
    #[inline(always)]
    pub(crate) fn lines(&mut self) -> &mut [CacheLine] {
        // SAFETY: the type is aligned as a line and consists of whole lines, and any bytes are a
        // valid line.
        unsafe { std::slice::from_raw_parts_mut(std::ptr::from_mut(self).cast(), size_of::<Self>() / LINE) }
    }
}

/// Returns the groups as aligned groups if each begins on a cache line, otherwise `None`.
pub(crate) fn aligned_groups<E: Copy>(groups: &mut [[MaybeUninit<E>; GROUP]]) -> Option<&mut [AlignedGroup<E>]> {
    // SAFETY: an `AlignedGroup` is one group, for which any bits are valid.
    match unsafe { groups.align_to_mut() } {
        ([], aligned, []) => Some(aligned),
        _ => None,
    }
}

/// Splits the memory of groups into the bytes before the first line boundary, the whole lines, and
/// the remaining bytes.
pub(crate) fn whole_lines<E>(
    groups: &mut [[MaybeUninit<E>; GROUP]],
) -> (&mut [MaybeUninit<u8>], &mut [CacheLine], &mut [MaybeUninit<u8>]) {
    // SAFETY: any memory may be viewed as uninitialised bytes, and element types have no padding
    // and no invalid values.
    let bytes =
        unsafe { std::slice::from_raw_parts_mut(groups.as_mut_ptr().cast::<MaybeUninit<u8>>(), size_of_val(groups)) };
    // SAFETY: any bytes are a valid line.
    unsafe { bytes.align_to_mut() }
}

#[cfg(test)]
mod tests {
    use half::bf16;

    use super::*;

    fn lines_of_a_group<E: Copy>() -> usize {
        AlignedGroup([MaybeUninit::<E>::uninit(); GROUP]).lines().len()
    }

    #[test]
    fn every_group_consists_of_whole_lines() {
        assert_eq!((lines_of_a_group::<bf16>(), lines_of_a_group::<f32>(), lines_of_a_group::<f64>()), (1, 2, 4));
    }

    #[test]
    fn only_groups_on_line_boundaries_are_aligned() {
        let mut memory = [AlignedGroup([MaybeUninit::<f32>::uninit(); GROUP]); 3];
        let floats = memory.as_mut_slice().iter_mut().map(|aligned| &mut aligned.0).next().unwrap();
        assert!(aligned_groups(std::slice::from_mut(floats)).is_some());
        // SAFETY: the three groups are contiguous.
        let floats: &mut [MaybeUninit<f32>] =
            unsafe { std::slice::from_raw_parts_mut(memory.as_mut_ptr().cast(), 3 * GROUP) };
        for first in 1..16 {
            let (groups, _) = floats[first..].as_chunks_mut();
            assert!(aligned_groups::<f32>(groups).is_none(), "{first}");
        }
    }
}
