//! Cache lines, for stores that go past the caches.

use std::mem::MaybeUninit;

use crate::sampler::GROUP;

/// Bytes of a cache line.
pub(crate) const LINE: usize = 64;

/// A cache line of memory: its alignment is what non-temporal stores need.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(crate) struct CacheLine(pub(crate) [MaybeUninit<u8>; LINE]);

impl CacheLine {
    pub(crate) const UNINIT: Self = Self([MaybeUninit::uninit(); LINE]);
}

/// A group that begins a line.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(crate) struct Lined<E: Copy>(pub(crate) [MaybeUninit<E>; GROUP]);

/// Groups that each begin a line; `None`, if they do not.
pub(crate) fn lined<E: Copy>(groups: &mut [[MaybeUninit<E>; GROUP]]) -> Option<&mut [Lined<E>]> {
    // SAFETY: `Lined` is one group, which any bits make.
    match unsafe { groups.align_to_mut() } {
        ([], lined, []) => Some(lined),
        _ => None,
    }
}

/// The memory of groups: the bytes before the first line that begins there, the whole lines, and what is left.
pub(crate) fn lines_within<E>(
    groups: &mut [[MaybeUninit<E>; GROUP]],
) -> (&mut [MaybeUninit<u8>], &mut [CacheLine], &mut [MaybeUninit<u8>]) {
    // SAFETY: any memory is uninitialised bytes, and the element types have no padding and no value that bytes could not be.
    let bytes =
        unsafe { std::slice::from_raw_parts_mut(groups.as_mut_ptr().cast::<MaybeUninit<u8>>(), size_of_val(groups)) };
    // SAFETY: a line is any bytes.
    unsafe { bytes.align_to_mut() }
}

impl<E: Copy> Lined<E> {
    /// The lines of the group.
    #[inline(always)]
    pub(crate) fn lines(&mut self) -> &mut [CacheLine] {
        // SAFETY: the type is as aligned as a line and has no byte beyond its whole lines, and a line is any bytes.
        unsafe { std::slice::from_raw_parts_mut(std::ptr::from_mut(self).cast(), size_of::<Self>() / LINE) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use half::bf16;

    fn lines_of_a_group<E: Copy>() -> usize {
        Lined([MaybeUninit::<E>::uninit(); GROUP]).lines().len()
    }

    #[test]
    fn every_group_is_whole_lines() {
        assert_eq!((lines_of_a_group::<bf16>(), lines_of_a_group::<f32>(), lines_of_a_group::<f64>()), (1, 2, 4));
    }

    #[test]
    fn only_groups_that_begin_a_line_are_lined() {
        let mut memory = [Lined([MaybeUninit::<f32>::uninit(); GROUP]); 3];
        let floats = memory.as_mut_slice().iter_mut().map(|lined| &mut lined.0).next().unwrap();
        assert!(lined(std::slice::from_mut(floats)).is_some());
        // SAFETY: three groups stand side by side.
        let floats: &mut [MaybeUninit<f32>] =
            unsafe { std::slice::from_raw_parts_mut(memory.as_mut_ptr().cast(), 3 * GROUP) };
        for first in 1..16 {
            let (groups, _) = floats[first..].as_chunks_mut();
            assert!(lined::<f32>(groups).is_none(), "{first}");
        }
    }
}
