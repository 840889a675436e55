//! Orthogonal matrices of Haar's law: each a product of random reflections, computed by columns.
//!
//! G. W. Stewart, *The efficient generation of random orthogonal matrices with an application to condition estimators*, 1980: the
//! QR factorisation of a matrix of independent normal values gives reflections whose vectors are independent normal vectors of m, m − 1, …
//! elements, so that these can be drawn at once and nothing needs to be factorised. The signs of R's diagonal make the law
//! Haar's (F. Mezzadri, *How to generate random matrices from the classical compact groups*, 2007).

mod columns;
mod panel;
mod place;
mod product;
mod real;

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use crate::Stream;
use crate::element::Element;
use crate::float_env::FloatEnv;
use crate::level::Token;
use columns::Columns;
use panel::{Panel, WIDTH};
pub(crate) use place::{Placed, Target};
use product::{Multiply, Registers};
pub(crate) use real::Real;

/// Lines of the columns that are computed together: they stay in the second-level cache, and 6 took 2 % longer at 4096².
const LINES: usize = 3;

/// Matrices of fewer elements are computed by one thread each.
const SMALL: usize = 1 << 16;

/// Writes `gain` times one matrix for each stream, as far as the buffer has it.
pub(crate) fn fill<T: Element>(
    token: Token,
    target: &Target<'_, T>,
    matrices: &[(Placed, Stream)],
    gain: f64,
    parallel: bool,
) {
    match token {
        Token::Portable(simd) => fill_all(Registers::<_, 4, 1>(simd), target, matrices, gain, parallel),
        // 16 registers, two of them a vector: 8 for sums, 2 for the right and 1 for the left factor.
        #[cfg(target_arch = "x86_64")]
        Token::Avx2(simd) => fill_all(Registers::<_, 4, 1>(simd), target, matrices, gain, parallel),
        // 32 registers: 24 for sums.
        #[cfg(target_arch = "x86_64")]
        Token::Avx512(simd) => fill_all(Registers::<_, 8, 3>(simd), target, matrices, gain, parallel),
    }
}

fn fill_all<M: Multiply, T: Element>(
    kernel: M,
    target: &Target<'_, T>,
    matrices: &[(Placed, Stream)],
    gain: f64,
    parallel: bool,
) {
    let small = matrices.first().is_some_and(|(placed, _)| placed.rows * placed.cols < SMALL);
    let each = |inside| {
        move |(placed, stream): &(Placed, Stream)| {
            let matrix = Orthogonal { kernel, placed: *placed, stream: *stream, gain };
            matrix.fill(target, inside);
        }
    };
    if parallel && small {
        matrices.par_iter().for_each(each(false));
    } else {
        matrices.iter().for_each(each(parallel));
    }
}

/// One matrix.
struct Orthogonal<M> {
    kernel: M,
    placed: Placed,
    stream: Stream,
    gain: f64,
}

impl<M: Multiply> Orthogonal<M> {
    fn fill<T: Element>(&self, target: &Target<'_, T>, parallel: bool) {
        let lanes = T::Real::LANES;
        let (dimension, count) = self.placed.tall();
        let tiles = tiles(&self.placed.needed(target.places(), lanes));
        let Some(&(first, lines)) = tiles.last() else { return };
        let end = count.min((first + lines) * lanes);

        let draw = |(): &mut (), number| Panel::<T::Real>::draw(self.kernel, self.stream, number, dimension, end);
        let panels = in_parallel(parallel, end.div_ceil(WIDTH), || (), draw);
        // The last first: they take part in the most panels.
        in_parallel(parallel, tiles.len(), Columns::empty, |columns, number| {
            let (first, lines) = tiles[tiles.len() - 1 - number];
            columns.compute(self.kernel, &panels, dimension, first * lanes, lines);
            let count = (lines * lanes).min(count - first * lanes);
            let (simd, gain) = (self.kernel.simd(), T::Real::from_f64(self.gain));
            // SAFETY: tiles are disjoint, and matrices are: these columns are this task's alone.
            unsafe { target.write(simd, &self.placed, columns, count, gain) }
        });
    }
}

/// Runs of needed lines, cut into tiles of at most [`LINES`]: their first lines and their lengths.
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

/// `task(0), …, task(count − 1)`, each in the standard floating-point environment, begun in this order; a thread has one memory for all
/// of its tasks.
fn in_parallel<W, A: Send>(
    parallel: bool,
    count: usize,
    memory: impl Fn() -> W + Sync,
    task: impl Fn(&mut W, usize) -> A + Sync,
) -> Vec<A> {
    // Not inlined: see `FloatEnv`.
    #[inline(never)]
    fn apart<W, A>(task: &impl Fn(&mut W, usize) -> A, memory: &mut W, number: usize) -> A {
        let _standard = FloatEnv::standard();
        task(memory, number)
    }
    let next = AtomicUsize::new(0);
    let work = |_| {
        let mut memory = memory();
        let numbers =
            std::iter::from_fn(|| Some(next.fetch_add(1, Ordering::Relaxed)).filter(|&number| number < count));
        numbers.map(|number| (number, apart(&task, &mut memory, number))).collect::<Vec<_>>()
    };
    if !parallel {
        return work(0).into_iter().map(|(_, result)| result).collect();
    }
    // A queue, and not rayon's halves: these tasks differ in size, the last ones being the smallest.
    let threads = rayon::current_num_threads().min(count);
    let mut results: Vec<_> = (0..threads).into_par_iter().with_max_len(1).flat_map_iter(work).collect();
    results.sort_unstable_by_key(|&(number, _)| number);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_cover_just_the_needed_lines() {
        let needed = |lines: &[usize]| (0..20).map(|line| lines.contains(&line)).collect::<Vec<_>>();
        assert_eq!(tiles(&needed(&[])), []);
        assert_eq!(tiles(&needed(&[3])), [(3, 1)]);
        let long: Vec<_> = (4..4 + LINES + 1).collect();
        let all = [&[0, 1], &long[..], &[19]].concat();
        assert_eq!(tiles(&needed(&all)), [(0, 2), (4, LINES), (4 + LINES, 1), (19, 1)]);
    }
}
