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

use crate::{
    float_env::FloatEnv,
    parallel::{map, queue},
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

/// Matrices of fewer elements are computed by one thread each.
const SMALL: usize = 1 << 16;

/// Writes `gain` times one matrix for each stream: those elements that are in the buffer.
pub(crate) fn fill<T: Scalar<Real: Normals>>(
    token: Token,
    target: &Target<'_, T>,
    matrices: &[(Position, Stream)],
    gain: f64,
    threads: usize,
) {
    dispatch!(token, simd => fill_at(simd, target, matrices, gain, threads));
}

fn fill_at<S: Simd, T: Scalar<Real: Normals>>(
    simd: S,
    target: &Target<'_, T>,
    matrices: &[(Position, Stream)],
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
    matrices: &[(Position, Stream)],
    gain: f64,
    threads: usize,
) {
    let small = matrices.first().is_some_and(|(position, _)| position.rows * position.cols < SMALL);
    let (outer, inner) = if small { (threads, 1) } else { (1, threads) };
    map(outer, matrices.len(), |number| {
        let (position, stream) = matrices[number];
        Orthogonal { kernel, position, stream, gain }.fill(target, inner);
    });
}

/// One matrix.
struct Orthogonal<M> {
    kernel: M,
    position: Position,
    stream: Stream,
    gain: f64,
}

impl<M: Multiply> Orthogonal<M> {
    fn fill<T: Scalar<Real: Normals>>(&self, target: &Target<'_, T>, threads: usize) {
        let lanes = T::Real::LANES;
        let (dimension, count) = self.position.tall();
        let tiles = tiles(&self.position.needed(target.indices(), lanes));
        let Some(&(first, lines)) = tiles.last() else { return };
        let end = count.min((first + lines) * lanes);

        let draw = |(): &mut (), number| {
            FloatEnv::run(|| Panel::<T::Real>::draw(self.kernel, self.stream, number, dimension, end))
        };
        let panels = queue(threads, end.div_ceil(WIDTH), || (), draw);
        // The last tile first: it takes the most panels.
        queue(threads, tiles.len(), Columns::empty, |columns, number| {
            FloatEnv::run(|| {
                let (first, lines) = tiles[tiles.len() - 1 - number];
                columns.compute(self.kernel, &panels, dimension, first * lanes, lines);
                let count = (lines * lanes).min(count - first * lanes);
                let (simd, gain) = (self.kernel.simd(), T::Real::from_f64(self.gain));
                // SAFETY: tiles are disjoint, and matrices are: no other task writes these columns.
                unsafe { target.write(simd, &self.position, columns, count, gain) }
            });
        });
    }
}

/// Cuts the runs of needed lines into tiles of at most [`LINES`]: their first lines and their
/// lengths.
fn tiles(needed: &[bool]) -> Vec<(usize, usize)> {
    let mut tiles: Vec<(usize, usize)> = Vec::new();
    for line in (0..needed.len()).filter(|&line| needed[line]) {
        match tiles.last_mut() {
            Some((first, lines)) if *first + *lines == line && *lines < LINES => *lines += 1,
            _ => tiles.push((line, 1)),
        }
    }
    tiles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_cover_exactly_the_needed_lines() {
        let needed = |lines: &[usize]| (0..20).map(|line| lines.contains(&line)).collect::<Vec<_>>();
        assert_eq!(tiles(&needed(&[])), []);
        assert_eq!(tiles(&needed(&[3])), [(3, 1)]);
        let long: Vec<_> = (4..4 + LINES + 1).collect();
        let all = [&[0, 1], &long[..], &[19]].concat();
        assert_eq!(tiles(&needed(&all)), [(0, 2), (4, LINES), (4 + LINES, 1), (19, 1)]);
    }
}
