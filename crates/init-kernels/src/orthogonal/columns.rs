//! Columns of an orthogonal matrix: panels applied, from the last to the first, to columns of the identity.

use super::panel::{Panel, WIDTH};
use super::product::{Multiply, Size, Then};
use super::real::Real;

/// Neighbouring columns of a matrix, in strips of whole lines; a strip is stored row by row, and its rows without gaps.
pub(super) struct Columns<R: Real> {
    /// The first column.
    first: usize,
    strips: Vec<Strip<R>>,
    /// Lines of all strips but the last, which may have fewer.
    lines: usize,
}

struct Strip<R: Real> {
    /// Lines of a row.
    lines: usize,
    values: Vec<R::Line>,
    /// Vᵀ·C and T·(Vᵀ·C), of one panel after the other.
    products: [Vec<R::Line>; 2],
}

impl<R: Real> Default for Strip<R> {
    fn default() -> Self {
        Self { lines: 0, values: Vec::new(), products: [Vec::new(), Vec::new()] }
    }
}

impl<R: Real> Columns<R> {
    /// Memory for columns, and no columns yet.
    pub(super) fn empty() -> Self {
        Self { first: 0, strips: Vec::new(), lines: 1 }
    }

    /// Columns `first …` of `H₀·H₁·…·D`, as many as fill `lines` lines a row. Each is the same whichever others stand beside it.
    ///
    /// Backward, as in LAPACK's `orgqr`, where a column takes part from its own panel on only: `4/3·n³` operations for all of
    /// a square.
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
                    let (strip, place) = self.place(column - first);
                    let Strip { lines, values, .. } = &mut self.strips[strip];
                    R::scalars_mut(&mut values[column * *lines..][..*lines])[place] = sign;
                }
            }
        }
        for panel in panels.iter().rev().filter(|panel| panel.first < end) {
            self.apply(kernel, panel);
        }
    }

    /// C − V·(T·(Vᵀ·C)); a run of V is used for every strip before the next is.
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
            // In steps, so that most of the zeros below the diagonal are left out.
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

    /// The first column.
    pub(super) fn first(&self) -> usize {
        self.first
    }

    /// The strip of a column, counted from the first one, and its place there.
    fn place(&self, column: usize) -> (usize, usize) {
        let width = self.lines * R::LANES;
        (column / width, column % width)
    }

    /// A row's values from a column on, counted from the first one: those that stand side by side.
    pub(super) fn row(&self, row: usize, column: usize) -> &[R] {
        let (strip, place) = self.place(column);
        let Strip { lines, values, .. } = &self.strips[strip];
        &R::scalars(&values[row * lines..][..*lines])[place..]
    }
}
