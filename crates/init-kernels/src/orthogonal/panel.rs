//! Panels: consecutive reflections, combined into one `I − V·T·Vᵀ`.

use super::{
    normals::Normals,
    product::{Multiply, OCTET, Octets, RUN, Size, Then},
};
use crate::{
    geometry::WIDTH64,
    real::{Line, Real},
    simd::Simd,
    stream::Stream,
};

/// Reflections per panel. Part of the value format.
pub(super) const WIDTH: usize = 64;

/// Partial sums of a norm.
const PARTS: usize = 16;

/// The reflections `H_first … H_{first + width − 1}` of a matrix, as `I − V·T·Vᵀ` (R. Schreiber, C.
/// Van Loan, *A storage-efficient WY representation for products of Householder transformations*,
/// 1989).
#[derive(Debug)]
pub(super) struct Panel<R> {
    /// The first row and column that the panel changes.
    pub(super) first: usize,
    pub(super) width: usize,
    rows: usize,
    /// V: `rows` × `width`, in octets, zero above the diagonal; its row 0 is row `first` of the
    /// matrix.
    vectors: Vec<R>,
    /// T: `width` × `width`, in octets, zero below the diagonal.
    factor: Vec<R>,
    /// The signs by which the identity's columns are multiplied, so that the distribution is
    /// Haar's.
    pub(super) signs: Vec<R>,
}

impl<R: Normals> Panel<R> {
    /// Samples panel `number` of the reflections of a space of `dimension`, up to reflection
    /// `reflections`.
    pub(super) fn draw<M: Multiply>(
        kernel: M,
        stream: Stream,
        number: usize,
        dimension: usize,
        reflections: usize,
    ) -> Self {
        let first = number * WIDTH;
        let width = WIDTH.min(reflections - first);
        let rows = dimension - first;
        let mut panel = Self {
            first,
            width,
            rows,
            vectors: vec![R::ZERO; rows * width.next_multiple_of(OCTET)],
            factor: vec![R::ZERO; width * width.next_multiple_of(OCTET)],
            signs: vec![R::ZERO; width],
        };
        let mut weights = vec![0.0; width];
        panel.draw_vectors(kernel.simd(), stream, &mut weights);
        panel.compute_factor(kernel, &weights);
        panel
    }

    /// Returns V from a row on.
    pub(super) fn vectors(&self, row: usize) -> Octets<'_, R> {
        Octets { values: &self.vectors[row * OCTET..], height: self.rows, transposed: false }
    }

    /// Returns Vᵀ from a column, a row of V, on.
    pub(super) fn transposed(&self, column: usize) -> Octets<'_, R> {
        Octets { transposed: true, ..self.vectors(column) }
    }

    /// Returns the part of T below and to the right of (k, k), k a multiple of 8.
    pub(super) fn factor(&self, k: usize) -> Octets<'_, R> {
        Octets { values: &self.factor[(k * self.width) + k * OCTET..], height: self.width, transposed: false }
    }

    /// Returns the start and the length of each run of rows.
    pub(super) fn runs(&self) -> impl Iterator<Item = (usize, usize)> + use<R> {
        let rows = self.rows;
        (0..rows).step_by(RUN).map(move |row| (row, RUN.min(rows - row)))
    }

    /// Samples the vectors, a few at a time, and stores them in octets.
    fn draw_vectors<S: Simd>(&mut self, simd: S, stream: Stream, weights: &mut [f64]) {
        let rows = self.rows;
        const GROUP: usize = 16;
        let lines = rows.next_multiple_of(PARTS) / R::LANES;
        let mut drawn = vec![R::ZEROS; lines * GROUP.min(self.width)];
        for start in (0..self.width).step_by(GROUP) {
            let columns = start..self.width.min(start + GROUP);
            for (column, drawn) in columns.clone().zip(drawn.chunks_exact_mut(lines)) {
                let stream = stream.child_index((self.first + column) as u64);
                let (sign, weight) = reflector(simd, stream, rows - column, drawn);
                self.signs[column] = sign;
                weights[column] = weight;
            }
            let drawn = R::scalars(&drawn);
            let stride = lines * R::LANES;
            for octet in columns.clone().step_by(OCTET) {
                let width = OCTET.min(columns.end - octet);
                let vectors = &mut self.vectors[octet * rows..][..OCTET * rows];
                for (row, dst) in vectors.as_chunks_mut::<OCTET>().0.iter_mut().enumerate().skip(octet) {
                    for (inside, dst) in dst[..width].iter_mut().enumerate().take(row - octet + 1) {
                        *dst = drawn[(octet - start + inside) * stride + row - (octet + inside)];
                    }
                }
            }
        }
    }

    /// Computes T, the inverse of the upper triangle of VᵀV with half its diagonal (C. Puglisi,
    /// *Modification of the Householder method based on the compact WY representation*, 1992).
    fn compute_factor<M: Multiply>(&mut self, kernel: M, weights: &[f64]) {
        let (width, rows) = (self.width, self.rows);
        let lines = width.div_ceil(R::LANES);
        let mut gram = vec![R::ZEROS; width * lines];
        let mut run = vec![R::ZEROS; RUN.min(rows) * lines];
        for (first, depth) in self.runs() {
            for (row, dst) in (first..first + depth).zip(run.chunks_exact_mut(lines)) {
                for (octet, dst) in R::scalars_mut(dst)[..width.next_multiple_of(OCTET)]
                    .as_chunks_mut::<OCTET>()
                    .0
                    .iter_mut()
                    .enumerate()
                {
                    dst.copy_from_slice(&self.vectors[(octet * rows + row) * OCTET..][..OCTET]);
                }
            }
            kernel.product(Then::Add, self.transposed(first), &run, &mut gram, Size { rows: width, depth, lines });
        }
        let columns = invert(kernel.simd(), R::scalars(&gram), lines * R::LANES, weights);
        let stride = columns.len() * WIDTH64 / width;
        let columns = f64::scalars(&columns);
        for column in 0..width {
            for row in 0..=column {
                let index = (column / OCTET * width + row) * OCTET + column % OCTET;
                self.factor[index] = R::from_f64(columns[column * stride + row]);
            }
        }
    }
}

/// Samples x from a stream and turns it into the vector v, with v₀ = 1, of the reflection that maps
/// x to a multiple of e₀. Returns the sign of that multiple, and 2 / vᵀv.
///
/// The rest of `drawn`, after the `len` values, becomes zero.
fn reflector<S: Simd, R: Normals>(simd: S, stream: Stream, len: usize, drawn: &mut [R::Line]) -> (R, f64) {
    simd.vectorize(
        #[inline(always)]
        || {
            let (values, rest) = R::scalars_mut(drawn).split_at_mut(len);
            R::normals(simd, stream, values);
            rest.fill(R::ZERO);
            let norm = squares::<S, R>(simd, drawn).sqrt();
            let x = R::scalars(drawn)[0];
            let negative = x < R::ZERO;
            let pivot = if negative { x.to_f64() - norm } else { x.to_f64() + norm };
            // A vector of zeros reflects along e₀.
            let scale = R::splat(simd, if pivot == 0.0 { R::ZERO } else { R::from_f64(1.0 / pivot) });
            for line in &mut *drawn {
                R::store(simd, R::mul(simd, R::load(simd, line), scale), line);
            }
            R::scalars_mut(drawn)[0] = R::ONE;
            let sign = if negative { R::ONE } else { R::from_f64(-1.0) };
            (sign, 2.0 / squares::<S, R>(simd, drawn))
        },
    )
}

/// Returns the sum of squares in f64, from 16 parts: part p sums the squares at indices p, p + 16,
/// p + 32, …
#[inline(always)]
fn squares<S: Simd, R: Real>(simd: S, lines: &[R::Line]) -> f64 {
    let mut sums = [simd.splat_f64(0.0); 2];
    for lines in lines.chunks_exact(PARTS / R::LANES) {
        sums = R::add_squares(simd, lines, sums);
    }
    let mut parts = [Line([0.0; WIDTH64]); 2];
    for (part, sum) in parts.iter_mut().zip(sums) {
        f64::store(simd, sum, part);
    }
    f64::scalars(&parts).iter().sum()
}

/// Returns the columns, padded to whole lines, of the inverse of the upper triangular matrix with
/// `gram` above its diagonal and 1 / `weights` on it.
fn invert<S: Simd, R: Real>(simd: S, gram: &[R], stride: usize, weights: &[f64]) -> Vec<Line<[f64; WIDTH64]>> {
    let lines = weights.len().div_ceil(WIDTH64);
    let mut columns = vec![f64::ZEROS; weights.len() * lines];
    simd.vectorize(
        #[inline(always)]
        || {
            for (column, &weight) in weights.iter().enumerate() {
                let (before, rest) = columns.split_at_mut(column * lines);
                for (line, dst) in rest[..column.div_ceil(WIDTH64)].iter_mut().enumerate() {
                    let mut sum = simd.splat_f64(0.0);
                    // The columns before have zeros below their diagonal.
                    for k in line * WIDTH64..column {
                        let factor = simd.splat_f64(gram[k * stride + column].to_f64());
                        sum = simd.fma_f64(f64::load(simd, &before[k * lines + line]), factor, sum);
                    }
                    f64::store(simd, simd.mul_f64(simd.splat_f64(-weight), sum), dst);
                }
                f64::scalars_mut(rest)[column] = weight;
            }
        },
    );
    columns
}
