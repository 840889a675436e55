//! Structured fills whose values are drawn: sparse matrices, repeated filters, chrono biases.

use std::mem::MaybeUninit;

use init_core::{Distribution, Matrix};
use rand_core::Rng;
use rayon::prelude::*;

use super::Part;
use crate::element::Element;
use crate::error::FillError;
use crate::fill::{fill_law, law};
use crate::level::Token;
use crate::math::neg_two_ln_f64;
use crate::shard::Places;
use crate::simd::{Portable, Simd};

/// The rows of a matrix as the repeated rows of a smaller one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Repeated<'a> {
    pub(super) matrix: &'a Matrix,
    pub(super) source: &'a Matrix,
    pub(super) repeats: usize,
    pub(super) tiled: bool,
}

impl<T: Element> Part<'_, T> {
    /// Draws the whole, then sets the chosen rows of each column to zero.
    pub(super) fn sparse(&mut self, matrix: &Matrix, zeros: usize, std: f64) -> Result<(), FillError> {
        self.draw(&Distribution::Normal { mean: 0.0, std })?;
        if zeros == 0 {
            return Ok(());
        }
        let (stream, places) = (self.stream, self.places);
        let column = |number: usize| {
            let (copy, col) = (number / matrix.cols(), number % matrix.cols());
            let place = |row: usize| places.index_of(matrix.index(copy, row, col));
            if !(0..matrix.rows()).any(|row| place(row).is_some()) {
                return Vec::new();
            }
            let mut rng = stream.child_index(number as u64).rng();
            let mut keys: Vec<_> = (0..matrix.rows()).map(|row| (rng.next_u64(), row)).collect();
            keys.select_nth_unstable(zeros - 1);
            keys[..zeros].iter().filter_map(|&(_, row)| place(row)).collect::<Vec<_>>()
        };
        // A few columns at a time, so that the lists of places stay small.
        const COLUMNS: usize = 256;
        let columns = matrix.copies() * matrix.cols();
        for start in (0..columns).step_by(COLUMNS) {
            let numbers = start..columns.min(start + COLUMNS);
            let chosen: Vec<_> = if self.parallel {
                numbers.into_par_iter().map(column).collect()
            } else {
                numbers.map(column).collect()
            };
            for index in chosen.into_iter().flatten() {
                self.dst[index].write(T::from_f64(0.0));
            }
        }
        Ok(())
    }

    /// Draws each element where its row stands in the smaller matrix.
    pub(super) fn icnr(&mut self, rows: &Repeated<'_>, distribution: &Distribution) -> Result<(), FillError> {
        let (token, stream, law) = (self.token, self.stream, law::<T>(distribution)?);
        let draw = |flat: u64, dst: &mut [MaybeUninit<T>]| {
            fill_law(token, &law, stream, &Places::consecutive(flat, dst.len()), dst, false);
        };
        self.runs(|mut flat, mut dst| {
            while !dst.is_empty() {
                let count = rows.part(flat, dst.len(), &draw, dst);
                dst = &mut std::mem::take(&mut dst)[count..];
                flat += count as u64;
            }
        });
        Ok(())
    }

    /// Draws u for the units that the part has, and writes ln u to one gate and −ln u to the other.
    pub(super) fn chrono(&mut self, hidden: usize, gates: [usize; 2], longest: f64) -> Result<(), FillError> {
        self.constant(0.0)?;
        let law = law::<f64>(&Distribution::Uniform { low: 1.0, high: longest - 1.0 })?;
        let (token, stream, parallel): (Token, _, _) = (self.token, self.stream, self.parallel);
        let (places, dst) = (self.places, &mut *self.dst);
        for (gate, sign) in gates.into_iter().zip([-0.5, 0.5]) {
            places.meet((gate * hidden) as u64, hidden, |index, range| {
                let mut times = vec![0.0; range.len()];
                let units = Places::consecutive(range.start as u64, range.len());
                fill_law(token, &law, stream, &units, crate::fill::uninit(&mut times), parallel);
                for (dst, time) in dst[index..].iter_mut().zip(times) {
                    let logarithm = neg_two_ln_f64(Portable, Portable.splat_f64(time)).to_array()[0];
                    dst.write(T::from_f64(sign * logarithm + 0.0));
                }
            });
        }
        Ok(())
    }
}

impl Repeated<'_> {
    /// Fills the first few of `len` elements from `flat` on, those whose sources stand side by side; gives their number.
    fn part<T: Element>(
        &self,
        flat: u64,
        len: usize,
        draw: &impl Fn(u64, &mut [MaybeUninit<T>]),
        dst: &mut [MaybeUninit<T>],
    ) -> usize {
        let Self { matrix, source, repeats, tiled } = *self;
        let (copy, row, col) = matrix.place(flat);
        let first = if tiled { row % source.rows() } else { row / repeats };
        let from = source.index(copy, first, col);
        if matrix.inner() > 1 {
            let count = len.min(matrix.inner() - col % matrix.inner());
            draw(from, &mut dst[..count]);
            count
        } else if tiled {
            let count = len.min(source.rows() - first);
            draw(from, &mut dst[..count]);
            count
        } else {
            let count = len.min(matrix.rows() - row);
            let last = (row + count - 1) / repeats;
            let mut once = vec![MaybeUninit::uninit(); last - first + 1];
            draw(from, &mut once);
            for (row, dst) in (row..row + count).zip(dst) {
                *dst = once[row / repeats - first];
            }
            count
        }
    }
}
