//! `Destination`: memory to fill, with its element type, shape and strides.

use std::mem::MaybeUninit;

use fanin::{DType, Element, FillError, Filler, Resolved, Shape};
use pyo3::PyResult;

use crate::{error, shard::Piece};

/// Elements of the buffer through which values reach strided memory: large enough for several threads.
const CHUNK: usize = 1 << 18;

/// Memory to fill. The caller vouches for the address; everything else was checked.
#[derive(Debug)]
pub(crate) struct Destination {
    address: usize,
    dtype: DType,
    shape: Vec<usize>,
    /// In elements; `None` for a contiguous array in row-major order.
    strides: Option<Vec<isize>>,
    len: usize,
}

impl Destination {
    /// Checks alignment and strides of memory that a caller passes.
    pub(crate) fn new(address: usize, dtype: DType, shape: Vec<usize>, strides: Option<Vec<isize>>) -> PyResult<Self> {
        let len = Shape::new(shape.as_slice()).map_err(error::value)?.numel() as usize;
        if len > 0 && (address == 0 || !address.is_multiple_of(dtype.size())) {
            return Err(error::value(format!(
                "the address must be a multiple of {} and not 0, got {address:#x}",
                dtype.size()
            )));
        }
        let strides = match strides {
            Some(strides) if len > 0 => checked(&shape, strides)?,
            _ => None,
        };
        Ok(Self { address, dtype, shape, strides, len })
    }

    pub(crate) fn shape(&self) -> &[usize] {
        &self.shape
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn dtype(&self) -> DType {
        self.dtype
    }

    /// Returns the address of the element at an offset from the first, which is inside the destination.
    fn at<T: Element>(&self, offset: isize) -> *mut MaybeUninit<T> {
        debug_assert_eq!(self.dtype, T::DTYPE);
        // SAFETY: the offset comes from the shape and the strides, whose elements the caller of the extension lets us
        // write.
        unsafe { (self.address as *mut MaybeUninit<T>).offset(offset) }
    }

    /// Runs a fill on `len` adjacent elements.
    fn fill_slice<T: Element>(
        &self,
        offset: isize,
        len: usize,
        fill: impl FnOnce(&mut [MaybeUninit<T>]) -> Result<(), FillError>,
    ) -> Result<(), FillError> {
        if len == 0 {
            return fill(&mut []);
        }
        // SAFETY: as for `at`; `new` checked the alignment, and nothing else uses the memory during the call.
        fill(unsafe { std::slice::from_raw_parts_mut(self.at(offset), len) })
    }

    /// Fills the destination with the whole tensor, or with `pieces` of it.
    pub(crate) fn fill<T: Element>(
        &self,
        pieces: Option<&[Piece]>,
        what: &Resolved,
        stream: fanin::Stream,
        filler: Filler,
    ) -> Result<(), FillError> {
        let Some(pieces) = pieces else {
            if self.strides.is_none() {
                return self
                    .fill_slice::<T>(0, self.len, |memory| filler.fill_at_uninit(memory, 0, what, stream).map(drop));
            }
            let origin = vec![0; self.shape.len()];
            let box_ = fanin::Shard::new(&self.shape, &origin, &self.shape).expect("the whole of a checked shape");
            return self.fill_piece::<T>(&Piece { box_, local: origin }, what, stream, filler);
        };
        pieces.iter().try_for_each(|piece| self.fill_piece::<T>(piece, what, stream, filler))
    }

    /// Fills the destination, which is contiguous, with the elements of the tensor from `offset` on.
    pub(crate) fn fill_range<T: Element>(
        &self,
        offset: u64,
        what: &Resolved,
        stream: fanin::Stream,
        filler: Filler,
    ) -> Result<(), FillError> {
        self.fill_slice::<T>(0, self.len, |memory| filler.fill_at_uninit(memory, offset, what, stream).map(drop))
    }

    /// Fills the elements of one box.
    fn fill_piece<T: Element>(
        &self,
        piece: &Piece,
        what: &Resolved,
        stream: fanin::Stream,
        filler: Filler,
    ) -> Result<(), FillError> {
        let shape = piece.box_.local();
        let strides = self.strides.clone().unwrap_or_else(|| row_major(&self.shape));
        let first = piece.local.iter().zip(&strides).map(|(&index, stride)| index as isize * stride).sum::<isize>();
        let len = piece.box_.len();
        if is_row_major(shape, &strides) {
            return self.fill_slice::<T>(first, len, |memory| {
                filler.fill_shard_uninit(memory, &piece.box_, what, stream).map(drop)
            });
        }
        // A part of a structured tensor costs nearly as much as the whole: it is made at once.
        let chunk = if what.structured().is_some() { len } else { CHUNK.min(len) };
        let mut buffer: Vec<T> = Vec::new();
        let bytes = (chunk * size_of::<T>()) as u64;
        buffer.try_reserve_exact(chunk).map_err(|_| FillError::NoMemory { bytes })?;
        for offset in (0..len).step_by(chunk.max(1)) {
            let count = chunk.min(len - offset);
            let part = &mut buffer.spare_capacity_mut()[..count];
            let values = filler.fill_shard_at_uninit(part, &piece.box_, offset, what, stream)?;
            self.scatter(values, shape, &strides, first, offset);
        }
        Ok(())
    }

    /// Fills the boxes of a shard, or the whole of the destination, with what `values` writes for each.
    pub(crate) fn fill_by<T: Element + Default>(
        &self,
        pieces: Option<&[Piece]>,
        values: impl Fn(&mut [T], &fanin::Shard) -> Result<(), FillError>,
    ) -> Result<(), FillError> {
        let origin = vec![0; self.shape.len()];
        let whole = fanin::Shard::new(&self.shape, &origin, &self.shape).expect("the whole of a checked shape");
        let whole = [Piece { box_: whole, local: origin }];
        let strides = self.strides.clone().unwrap_or_else(|| row_major(&self.shape));
        for Piece { box_, local } in pieces.unwrap_or(&whole) {
            let first = local.iter().zip(&strides).map(|(&index, stride)| index as isize * stride).sum::<isize>();
            let (len, bytes) = (box_.len(), (box_.len() * size_of::<T>()) as u64);
            let mut buffer: Vec<T> = Vec::new();
            buffer.try_reserve_exact(len).map_err(|_| FillError::NoMemory { bytes })?;
            buffer.resize(len, T::default());
            values(&mut buffer, box_)?;
            self.scatter(&buffer, box_.local(), &strides, first, 0);
        }
        Ok(())
    }

    /// Calls `visit` with the index from `start` on and the value of `len` elements, in row-major order.
    pub(crate) fn for_each<T: Element>(&self, start: usize, len: usize, mut visit: impl FnMut(usize, T)) {
        let strides = self.strides.clone().unwrap_or_else(|| row_major(&self.shape));
        let row = self.shape.last().copied().unwrap_or(1);
        let stride = strides.last().copied().unwrap_or(1);
        let outer = self.shape.len().saturating_sub(1);
        let mut done = 0;
        while done < len {
            let (mut number, column) = ((start + done) / row, (start + done) % row);
            let mut at = column as isize * stride;
            for (&size, &outer_stride) in self.shape[..outer].iter().zip(&strides).rev() {
                at += (number % size) as isize * outer_stride;
                number /= size;
            }
            for index in 0..(row - column).min(len - done) {
                // SAFETY: an element of the shape, which the caller of the extension lets us read; `new` checked the
                // alignment.
                let value = unsafe { self.at::<T>(at + index as isize * stride).read().assume_init() };
                visit(done + index, value);
            }
            done += (row - column).min(len - done);
        }
    }

    /// Copies `values`, the elements of a box of shape `shape` from `offset` on, to where they belong.
    fn scatter<T: Element>(&self, values: &[T], shape: &[usize], strides: &[isize], first: isize, offset: usize) {
        let (&row, outer) = shape.split_last().unwrap_or((&1, &[]));
        let (&stride, outer_strides) = strides.split_last().unwrap_or((&1, &[]));
        let (mut at, mut rest) = (offset, values);
        while !rest.is_empty() {
            let (mut number, column) = (at / row, at % row);
            let mut start = first + column as isize * stride;
            for (&size, &outer_stride) in outer.iter().zip(outer_strides).rev() {
                start += (number % size) as isize * outer_stride;
                number /= size;
            }
            let count = (row - column).min(rest.len());
            let (now, later) = rest.split_at(count);
            for (index, value) in now.iter().enumerate() {
                // SAFETY: an element of the destination, as for `at`.
                unsafe { self.at::<T>(start + index as isize * stride).write(MaybeUninit::new(*value)) };
            }
            (at, rest) = (at + count, later);
        }
    }
}

/// Returns the strides of a contiguous array.
fn row_major(shape: &[usize]) -> Vec<isize> {
    let mut strides = vec![1; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis] as isize;
    }
    strides
}

/// Returns whether the elements are adjacent, in row-major order.
fn is_row_major(shape: &[usize], strides: &[isize]) -> bool {
    let mut expected = 1;
    shape.iter().zip(strides).rev().all(|(&size, &stride)| {
        let fits = size <= 1 || stride == expected;
        expected *= size as isize;
        fits
    })
}

/// Returns the strides, or `None` if they are those of a contiguous array; refuses elements that share memory.
fn checked(shape: &[usize], strides: Vec<isize>) -> PyResult<Option<Vec<isize>>> {
    if strides.len() != shape.len() {
        return Err(error::value(format!("strides must have {} entries, got {}", shape.len(), strides.len())));
    }
    if is_row_major(shape, &strides) {
        return Ok(None);
    }
    let mut axes = shape.iter().zip(&strides).filter(|axis| *axis.0 > 1).collect::<Vec<_>>();
    axes.sort_unstable_by_key(|axis| axis.1.unsigned_abs());
    let mut reach = 0usize;
    for (&size, &stride) in axes {
        if stride.unsigned_abs() <= reach {
            return Err(error::value(format!(
                "elements of the array share memory (shape {shape:?}, strides {strides:?}), as those of an expanded \
                 view do; pass an array in which each element has its own"
            )));
        }
        let extent = stride.unsigned_abs().checked_mul(size - 1).and_then(|extent| extent.checked_add(reach));
        reach = match extent {
            Some(extent) if extent <= isize::MAX as usize / 8 => extent,
            _ => return Err(error::value(format!("strides {strides:?} reach beyond the address space"))),
        };
    }
    Ok(Some(strides))
}
