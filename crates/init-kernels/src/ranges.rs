//! Sets of numbers, as ranges, and memory that may be missing.

use std::ops::Range;

use crate::error::FillError;

/// A set of numbers: those that a part of a tensor needs, such as the numbers of its columns.
#[derive(Debug, Default)]
pub(crate) struct Ranges(Vec<Range<u64>>);

impl Ranges {
    /// Adds a range, which mostly continues or repeats the last one.
    pub(crate) fn add(&mut self, range: Range<u64>) -> Result<(), FillError> {
        if let Some(last) = self.0.last_mut()
            && last.start <= range.start
            && range.start <= last.end
        {
            last.end = last.end.max(range.end);
            return Ok(());
        }
        if self.0.len() == self.0.capacity() {
            let more = self.0.len().max(16);
            self.0.try_reserve(more).map_err(|_| missing::<Range<u64>>(self.0.len() + more))?;
        }
        self.0.push(range);
        Ok(())
    }

    /// Returns the ranges in increasing order, with a gap between them.
    pub(crate) fn sorted(mut self) -> Vec<Range<u64>> {
        self.0.sort_unstable_by_key(|range| range.start);
        self.0.dedup_by(|next, last| {
            let meets = next.start <= last.end;
            if meets {
                last.end = last.end.max(next.end);
            }
            meets
        });
        self.0
    }
}

/// Returns an empty list with room for this many elements.
pub(crate) fn room<T>(len: usize) -> Result<Vec<T>, FillError> {
    let mut list = Vec::new();
    list.try_reserve_exact(len).map_err(|_| missing::<T>(len))?;
    Ok(list)
}

/// Checks that the system has this much memory: asks for it and gives it back.
pub(crate) fn has_memory(bytes: u128) -> Result<(), FillError> {
    /// What every process has.
    const LITTLE: u128 = 1 << 20;
    if bytes <= LITTLE {
        return Ok(());
    }
    room::<u8>(usize::try_from(bytes).unwrap_or(usize::MAX)).map(drop)
}

fn missing<T>(len: usize) -> FillError {
    FillError::NoMemory { bytes: len as u64 * size_of::<T>() as u64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_sorted_and_joined() {
        let mut ranges = Ranges::default();
        for range in [4..6, 4..6, 6..7, 1..2, 5..9, 20..21, 2..3, 20..22] {
            ranges.add(range).unwrap();
        }
        assert_eq!(ranges.sorted(), [1..3, 4..9, 20..22]);
        assert_eq!(Ranges::default().sorted(), []);
    }

    #[test]
    fn missing_memory_is_an_error() {
        assert_eq!(has_memory(u128::MAX), Err(FillError::NoMemory { bytes: u64::MAX }));
        assert_eq!(has_memory(2 << 20), Ok(()));
        assert!(room::<u64>(1 << 59).is_err());
    }
}
