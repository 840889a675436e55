//! Products of small matrices, whose sums have the same order whatever the registers.
//!
//! An element of a product is one chain of fused operations over k, from first to last: vectors and
//! register blocks extend along the other two axes only. Libraries for matrix products choose the
//! order by the machine (the depth of their blocks, the number of partial sums), so that their last
//! bits differ between machines; therefore this crate has its own.
//!
//! In pseudo-code, with `C ← A·B`, `C + A·B` or `C − A·B`:
//!
//! ```text
//! for each block of ROWS rows × LINES vectors of C:
//!     sums = 0
//!     for k in 0..depth:
//!         sums[row][line] = fma(A[row][k], B[k][line], sums[row][line]) for each row and line
//!     C[row][line] = sums, C + sums or C − sums
//! ```

use crate::{real::Real, simd::Simd};

/// Columns that are contiguous in an [`Octets`] matrix: a multiple of the rows of any register
/// block.
pub(super) const OCTET: usize = 8;

/// Rows whose products are summed before they are added to the sum of the runs before. Part of the
/// value format.
pub(super) const RUN: usize = 128;

/// A matrix of `height` rows, or a part of it, stored by octets of its columns.
///
/// Element (row, col) is at `(col / 8 · height + row)·8 + col % 8`. Eight rows of eight columns are
/// contiguous, so that the matrix and its transpose are read in whole cache lines, at distances
/// known at compile time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Octets<'a, R> {
    /// The elements from the first that takes part on; its column is a multiple of 8.
    pub(super) values: &'a [R],
    pub(super) height: usize,
    /// Whether the matrix is to be read transposed.
    pub(super) transposed: bool,
}

/// How far ahead a transpose is prefetched: to the next run of rows.
const AHEAD: usize = RUN * OCTET;

/// How the elements of a product are combined with those in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    Set,
    Add,
    Subtract,
}

/// A kernel that keeps a block of `ROWS` × `LINES` vectors of the result in registers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Registers<S, const ROWS: usize, const LINES: usize>(pub(super) S);

/// A level's kernel for products.
pub(super) trait Multiply: Copy + Send + Sync {
    type Simd: Simd;

    /// Lines per register block: the best number of lines for a row of `b` and `c`.
    const LINES: usize;

    fn simd(self) -> Self::Simd;

    /// Sets `c` to the product of `a` (`rows` × `depth`) and `b` (`depth` × `lines` lines), adds
    /// the product to `c` or subtracts it. Rows of `b` and of `c` are contiguous.
    fn product<R: Real>(self, then: Then, a: Octets<'_, R>, b: &[R::Line], c: &mut [R::Line], size: Size);
}

/// The sizes of a product.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub(super) rows: usize,
    pub(super) depth: usize,
    pub(super) lines: usize,
}

impl<S: Simd, const ROWS: usize, const LINES: usize> Multiply for Registers<S, ROWS, LINES> {
    type Simd = S;

    const LINES: usize = LINES;

    fn simd(self) -> S {
        self.0
    }

    fn product<R: Real>(self, then: Then, a: Octets<'_, R>, b: &[R::Line], c: &mut [R::Line], size: Size) {
        const { assert!(OCTET.is_multiple_of(ROWS)) };
        let simd = self.0;
        simd.vectorize(
            #[inline(always)]
            || {
                if a.transposed {
                    blocks::<S, R, ROWS, LINES, true>(simd, then, a, b, c, size);
                } else {
                    blocks::<S, R, ROWS, LINES, false>(simd, then, a, b, c, size);
                }
            },
        );
    }
}

/// Computes a product, one register block after the other.
#[inline(always)]
fn blocks<S: Simd, R: Real, const ROWS: usize, const LINES: usize, const TRANSPOSED: bool>(
    simd: S,
    then: Then,
    a: Octets<'_, R>,
    b: &[R::Line],
    c: &mut [R::Line],
    Size { rows, depth, lines }: Size,
) {
    let mut line = 0;
    while line < lines {
        let wide = line + LINES <= lines;
        let mut row = 0;
        while row < rows {
            let tall = row + ROWS <= rows;
            let start = if TRANSPOSED { row / OCTET * OCTET * a.height + row % OCTET } else { row * OCTET };
            let a = Octets { values: &a.values[start..], ..a };
            let (b, c) = (&b[line..], &mut c[row * lines + line..]);
            match (tall, wide) {
                (true, true) => block::<S, R, ROWS, LINES, TRANSPOSED>(simd, then, a, b, c, depth, lines),
                (true, false) => block::<S, R, ROWS, 1, TRANSPOSED>(simd, then, a, b, c, depth, lines),
                (false, true) => block::<S, R, 1, LINES, TRANSPOSED>(simd, then, a, b, c, depth, lines),
                (false, false) => block::<S, R, 1, 1, TRANSPOSED>(simd, then, a, b, c, depth, lines),
            }
            row += if tall { ROWS } else { 1 };
        }
        line += if wide { LINES } else { 1 };
    }
}

/// Computes a block of a product in registers, with rows of one octet.
#[inline(always)]
fn block<S: Simd, R: Real, const ROWS: usize, const LINES: usize, const TRANSPOSED: bool>(
    simd: S,
    then: Then,
    a: Octets<'_, R>,
    b: &[R::Line],
    c: &mut [R::Line],
    depth: usize,
    lines: usize,
) {
    // The distances between rows, between values of k inside an octet, and between octets of k.
    let (row_step, step) = if TRANSPOSED { (1, OCTET) } else { (OCTET, 1) };
    let octet_step = if TRANSPOSED { OCTET * OCTET } else { OCTET * a.height };
    let (octets, rest) = (depth / OCTET, depth % OCTET);
    if octets > 0 {
        let last = (octets - 1) * octet_step + (OCTET - 1) * step;
        assert!((ROWS - 1) * row_step + last < a.values.len());
    }
    if rest > 0 {
        let last = octets * octet_step + (rest - 1) * step;
        assert!((ROWS - 1) * row_step + last < a.values.len());
    }
    assert!(depth == 0 || (depth - 1) * lines + LINES <= b.len());

    let mut sums = [[R::splat(simd, R::ZERO); LINES]; ROWS];
    let mut add = {
        #[inline(always)]
        |octet: usize, k: usize| {
            let mut vectors = [R::splat(simd, R::ZERO); LINES];
            for (line, vector) in vectors.iter_mut().enumerate() {
                // SAFETY: `octet · 8 + k` is less than `depth`, and the last such index was checked
                // above.
                *vector = R::load(simd, unsafe { b.get_unchecked((octet * OCTET + k) * lines + line) });
            }
            if TRANSPOSED && k.is_multiple_of(2) {
                // The operands of the next run of the same rows: the hardware prefetcher stops at
                // the end of a page.
                let next = (octet * OCTET + k) * OCTET + AHEAD;
                simd.read_ahead(a.values.as_ptr().wrapping_add(next));
            }
            for (row, sums) in sums.iter_mut().enumerate() {
                // SAFETY: as above, where the last of the whole octets and the last of the rest
                // were checked.
                let scalar = unsafe { *a.values.get_unchecked(octet * octet_step + (k * step + row * row_step)) };
                let scalar = R::splat(simd, scalar);
                for (sum, &vector) in sums.iter_mut().zip(&vectors) {
                    *sum = R::fma(simd, scalar, vector, *sum);
                }
            }
        }
    };
    for octet in 0..octets {
        for k in 0..OCTET {
            add(octet, k);
        }
    }
    for k in 0..rest {
        add(octets, k);
    }
    for (row, sums) in sums.into_iter().enumerate() {
        for (dst, sum) in c[row * lines..][..LINES].iter_mut().zip(sums) {
            let value = match then {
                Then::Set => sum,
                Then::Add => R::add(simd, R::load(simd, dst), sum),
                Then::Subtract => R::sub(simd, R::load(simd, dst), sum),
            };
            R::store(simd, value, dst);
        }
    }
}
