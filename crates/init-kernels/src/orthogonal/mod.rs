//! Orthogonal matrices distributed by Haar's measure: products of random reflections, computed by
//! columns.
//!
//! G. W. Stewart, *The efficient generation of random orthogonal matrices with an application to
//! condition estimators*, 1980: the QR factorisation of a matrix of independent normal values gives
//! reflections whose vectors are independent normal vectors of m, m − 1, … elements, so that these
//! can be sampled directly and nothing needs to be factorised. The signs of R's diagonal make the
//! distribution Haar's (F. Mezzadri, *How to generate random matrices from the classical compact
//! groups*, 2007).
//!
//! In pseudo-code:
//!
//! ```text
//! panels = groups of 64 reflections, each sampled and combined into I − V·T·Vᵀ   (in parallel)
//! for each tile of requested columns, the last first:                           (in parallel)
//!     columns = panels applied to columns of the identity
//!     write gain·columns to the buffer
//! ```

mod columns;
mod normals;
mod panel;
mod product;
mod target;

use std::ops::Range;

use crate::{
    error::FillError,
    float_env::FloatEnv,
    parallel::{map, queue},
    ranges::has_memory,
    real::Real,
    scalar::Scalar,
    simd::Simd,
    stream::Stream,
    token::{Token, dispatch},
};
use columns::Columns;
pub(crate) use normals::Normals;
use panel::{Panel, WIDTH};
use product::{Multiply, Registers};
pub(crate) use target::{Position, Target};

/// Lines of the columns that are computed together: they stay in the L2 cache, and 6 took 2 %
/// longer at 4096².
const LINES: usize = 3;

/// The maximum number of elements of the reflections of a matrix: 1 TiB in f32. More would take
/// hours and more memory than machines have.
const MAX_REFLECTION_ELEMENTS: u128 = 1 << 38;

/// A matrix of which some columns are needed.
#[derive(Debug)]
pub(crate) struct Wanted {
    /// Its number among the copies.
    pub(crate) copy: u64,
    position: Position,
    stream: Stream,
    /// The lines of columns that are needed, in increasing order.
    lines: Vec<Range<usize>>,
}

impl Wanted {
    pub(crate) fn new(copy: u64, position: Position, stream: Stream, lines: Range<usize>) -> Self {
        Self { copy, position, stream, lines: vec![lines] }
    }

    /// Adds lines that begin after the last ones, or with the last of them.
    pub(crate) fn add(&mut self, lines: Range<usize>) {
        match self.lines.last_mut() {
            Some(last) if lines.start <= last.end => last.end = last.end.max(lines.end),
            _ => self.lines.push(lines),
        }
    }

    /// Returns the number of reflections that the last of the columns needs.
    fn reflections(&self, lanes: usize) -> usize {
        let end = self.lines.last().map_or(0, |lines| lines.end);
        self.position.tall().1.min(end.saturating_mul(lanes))
    }

    /// Checks that the reflections can be computed: their number, and the memory for them.
    pub(crate) fn check(&self, lanes: usize, size: usize) -> Result<(), FillError> {
        let (dimension, reflections) = (self.position.tall().0 as u128, self.reflections(lanes) as u128);
        if dimension * reflections > MAX_REFLECTION_ELEMENTS {
            let (dimension, reflections) = (dimension as u64, reflections as u64);
            return Err(FillError::TooManyReflections { reflections, dimension });
        }
        // Each panel has fewer rows than the one before; columns and scratch come on top.
        let panels = reflections.div_ceil(WIDTH as u128);
        let saved = WIDTH as u128 * WIDTH as u128 * (panels * panels.saturating_sub(1) / 2);
        let scratch = dimension * (LINES * lanes + WIDTH / 4) as u128;
        has_memory(((dimension * reflections).saturating_sub(saved) + scratch) * size as u128)
    }
}

/// Writes `gain` times each matrix: those elements that are in the buffer.
pub(crate) fn fill<T: Scalar<Real: Normals>>(
    token: Token,
    target: &Target<'_, T>,
    matrices: &[Wanted],
    gain: f64,
    threads: usize,
) {
    dispatch!(token, simd => fill_at(simd, target, matrices, gain, threads));
}

fn fill_at<S: Simd, T: Scalar<Real: Normals>>(
    simd: S,
    target: &Target<'_, T>,
    matrices: &[Wanted],
    gain: f64,
    threads: usize,
) {
    if S::REGISTERS >= 32 {
        // 24 registers for sums.
        fill_all(Registers::<S, 8, 3>(simd), target, matrices, gain, threads);
    } else {
        // 16 registers, two of them per vector on AVX2: 8 for sums, 2 for the right and 1 for the
        // left factor.
        fill_all(Registers::<S, 4, 1>(simd), target, matrices, gain, threads);
    }
}

fn fill_all<M: Multiply, T: Scalar<Real: Normals>>(
    kernel: M,
    target: &Target<'_, T>,
    matrices: &[Wanted],
    gain: f64,
    threads: usize,
) {
    let small = matrices.first().is_some_and(|first| first.position.is_small());
    let (outer, inner) = if small { (threads, 1) } else { (1, threads) };
    map(outer, matrices.len(), |number| {
        Orthogonal { kernel, wanted: &matrices[number], gain }.fill(target, inner);
    });
}

/// One matrix.
struct Orthogonal<'a, M> {
    kernel: M,
    wanted: &'a Wanted,
    gain: f64,
}

impl<M: Multiply> Orthogonal<'_, M> {
    fn fill<T: Scalar<Real: Normals>>(&self, target: &Target<'_, T>, threads: usize) {
        let lanes = T::Real::LANES;
        let Wanted { position, stream, .. } = *self.wanted;
        let (dimension, count) = position.tall();
        let tiles = tiles(&self.wanted.lines);
        let end = self.wanted.reflections(lanes);

        let draw =
            |(): &mut (), number| FloatEnv::run(|| Panel::<T::Real>::draw(self.kernel, stream, number, dimension, end));
        let panels = queue(threads, end.div_ceil(WIDTH), || (), draw);
        // The last tile first: it takes the most panels.
        queue(threads, tiles.len(), Columns::empty, |columns, number| {
            FloatEnv::run(|| {
                let (first, lines) = tiles[tiles.len() - 1 - number];
                columns.compute(self.kernel, &panels, dimension, first * lanes, lines);
                let count = (lines * lanes).min(count - first * lanes);
                let (simd, gain) = (self.kernel.simd(), T::Real::from_f64(self.gain));
                // SAFETY: tiles are disjoint, and matrices are: no other task writes these columns.
                unsafe { target.write(simd, &position, columns, count, gain) }
            });
        });
    }
}

/// Cuts ranges of lines into tiles of at most [`LINES`]: their first lines and their lengths.
fn tiles(needed: &[Range<usize>]) -> Vec<(usize, usize)> {
    let cut = |lines: &Range<usize>| {
        let end = lines.end;
        lines.clone().step_by(LINES).map(move |first| (first, LINES.min(end - first)))
    };
    needed.iter().flat_map(cut).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_cover_exactly_the_needed_lines() {
        assert_eq!(tiles(&[]), []);
        assert_eq!(tiles(std::slice::from_ref(&(3..4))), [(3, 1)]);
        assert_eq!(tiles(&[0..2, 4..4 + LINES + 1, 19..20]), [(0, 2), (4, LINES), (4 + LINES, 1), (19, 1)]);
    }
}
