//! Columns of an orthogonal matrix: panels applied, from the last to the first, to columns of the
//! identity.
//!
//! In pseudo-code:
//!
//! ```text
//! C = the requested columns of D, the diagonal matrix of signs
//! for panel in panels, from the last to the first:
//!     C = C − V·(T·(Vᵀ·C))
//! ```

use super::{
    normals::Normals,
    panel::{Panel, WIDTH},
    product::{Multiply, Size, Then},
};
use crate::real::Real;

/// Consecutive columns of a matrix, in strips of whole lines; a strip is stored row by row, without
/// gaps.
pub(super) struct Columns<R: Real> {
    /// The first column.
    first: usize,
    strips: Vec<Strip<R>>,
    /// Lines per row of a strip; the last strip may have fewer.
    lines: usize,
}

struct Strip<R: Real> {
    /// Lines per row.
    lines: usize,
    values: Vec<R::Line>,
    /// Vᵀ·C and T·(Vᵀ·C), for one panel at a time.
    products: [Vec<R::Line>; 2],
}

impl<R: Real> Default for Strip<R> {
    fn default() -> Self {
        Self { lines: 0, values: Vec::new(), products: [Vec::new(), Vec::new()] }
    }
}

impl<R: Normals> Columns<R> {
    /// Returns memory for columns, and no columns yet.
    pub(super) fn empty() -> Self {
        Self { first: 0, strips: Vec::new(), lines: 1 }
    }

    /// Computes columns `first …` of `H₀·H₁·…·D`, as many as fill `lines` lines per row. Each is
    /// independent of the others.
    ///
    /// Backward, as in LAPACK's `orgqr`, where a column takes part only from its own panel on:
    /// `4/3·n³` operations for a whole square.
    pub(super) fn compute<M: Multiply>(
        &mut self,
        kernel: M,
        panels: &[Panel<R>],
        dimension: usize,
        first: usize,
        lines: usize,
    ) {
        (self.first, self.lines) = (first, M::LINES);
        self.strips.resize_with(lines.div_ceil(M::LINES), Strip::default);
        for (number, strip) in self.strips.iter_mut().enumerate() {
            strip.lines = M::LINES.min(lines - number * M::LINES);
            let sizes = [dimension, WIDTH, WIDTH].map(|rows| rows * strip.lines);
            let [inner, turned] = &mut strip.products;
            for (values, len) in [&mut strip.values, inner, turned].into_iter().zip(sizes) {
                values.clear();
                values.resize(len, R::ZEROS);
            }
        }
        let end = first + lines * R::LANES;
        for panel in panels {
            for (column, &sign) in (panel.first..).zip(&panel.signs) {
                if (first..end).contains(&column) {
                    let (strip, position) = self.locate(column - first);
                    let Strip { lines, values, .. } = &mut self.strips[strip];
                    R::scalars_mut(&mut values[column * *lines..][..*lines])[position] = sign;
                }
            }
        }
        for panel in panels.iter().rev().filter(|panel| panel.first < end) {
            self.apply(kernel, panel);
        }
    }

    /// Computes C − V·(T·(Vᵀ·C)), using each run of V for every strip before the next run.
    fn apply<M: Multiply>(&mut self, kernel: M, panel: &Panel<R>) {
        let width = panel.width;
        for Strip { lines, products: [inner, _], .. } in &mut self.strips {
            inner[..width * *lines].fill(R::ZEROS);
        }
        for (first, depth) in panel.runs() {
            for Strip { lines, values, products: [inner, _] } in &mut self.strips {
                let size = Size { rows: width, depth, lines: *lines };
                kernel.product(
                    Then::Add,
                    panel.transposed(first),
                    &values[(panel.first + first) * *lines..],
                    inner,
                    size,
                );
            }
        }

        for Strip { lines, products: [inner, turned], .. } in &mut self.strips {
            // In steps, so that most of the zeros below the diagonal are skipped.
            const STEP: usize = 16;
            for start in (0..width).step_by(STEP) {
                let size = Size { rows: STEP.min(width - start), depth: width - start, lines: *lines };
                let (b, c) = (&inner[start * *lines..], &mut turned[start * *lines..]);
                kernel.product(Then::Set, panel.factor(start), b, c, size);
            }
        }

        for (first, rows) in panel.runs() {
            for Strip { lines, values, products: [_, turned] } in &mut self.strips {
                let size = Size { rows, depth: width, lines: *lines };
                let c = &mut values[(panel.first + first) * *lines..];
                kernel.product(Then::Subtract, panel.vectors(first), turned, c, size);
            }
        }
    }

    /// Returns the first column.
    pub(super) fn first(&self) -> usize {
        self.first
    }

    /// Returns the strip of a column, counted from the first one, and its position there.
    fn locate(&self, column: usize) -> (usize, usize) {
        let width = self.lines * R::LANES;
        (column / width, column % width)
    }

    /// Returns the values of a row from a column on, counted from the first one, that are
    /// contiguous.
    pub(super) fn row(&self, row: usize, column: usize) -> &[R] {
        let (strip, position) = self.locate(column);
        let Strip { lines, values, .. } = &self.strips[strip];
        &R::scalars(&values[row * lines..][..*lines])[position..]
    }
}
