//! Structured fills: what of a tensor is no independent draw. Their values are defined in `docs/value-format.md`.

mod drawn;
mod pattern;
mod stft;

use std::mem::MaybeUninit;

use init_core::{Distribution, Structured};
use rayon::prelude::*;

use crate::Stream;
use crate::element::Element;
use crate::error::FillError;
use crate::fill::{fill_law, law};
use crate::float_env::FloatEnv;
use crate::law::least;
use crate::level::Token;
use crate::orthogonal::{self, Placed, Target};
use crate::shard::Places;

/// Elements that one task computes where each costs some operations of its own.
const TASK: usize = 1 << 15;

/// What [`fill`] would refuse, without a buffer.
// Not inlined: see `FloatEnv`.
#[inline(never)]
pub(crate) fn check<T: Element>(structured: &Structured) -> Result<(), FillError> {
    structured.validate()?;
    let fits = |value: f64, reach: f64| {
        let (max, least) = (T::DTYPE.max_finite(), least::<T>());
        let structured = || Box::new(structured.clone());
        if value.abs() * reach > max {
            return Err(FillError::TooGreat { dtype: T::DTYPE, structured: structured(), value, max });
        }
        if value != 0.0 && value.abs() < least {
            return Err(FillError::TooSmall { dtype: T::DTYPE, structured: structured(), least });
        }
        Ok(())
    };
    match structured {
        // An element may exceed 1 by its rounding errors.
        Structured::Orthogonal { gain, .. } | Structured::DeltaOrthogonal { gain, .. } => fits(*gain, 1.0 + 1e-3),
        Structured::Eye { gain: value, .. }
        | Structured::PaddedIdentity { gain: value, .. }
        | Structured::GateBias { value, .. } => fits(*value, 1.0),
        Structured::Hadamard { filters, gain, .. } => fits(pattern::hadamard(filters, *gain), 1.0),
        Structured::Dirac { .. } | Structured::Bilinear { .. } | Structured::Chrono { .. } => Ok(()),
        Structured::Sparse { std, .. } => law::<T>(&Distribution::Normal { mean: 0.0, std: *std }).map(drop),
        Structured::Icnr { distribution, .. } | Structured::ZeroRow { distribution, .. } => {
            law::<T>(distribution).map(drop)
        }
        Structured::Stft(stft) if stft::vanishes(stft) => {
            let structured = Box::new(structured.clone());
            Err(FillError::TooSmall { dtype: T::DTYPE, structured, least: least::<T>() })
        }
        Structured::Stft(_) => Ok(()),
        _ => Err(FillError::Unknown),
    }
}

/// Fills a part of a structured fill that has all its elements.
pub(crate) fn fill<T: Element>(structured: &Structured, part: Part<'_, T>) -> Result<(), FillError> {
    let _standard = FloatEnv::standard();
    check::<T>(structured)?;
    if part.dst.is_empty() {
        return Ok(());
    }
    fill_part(structured, part)
}

// Not inlined: see `FloatEnv`.
#[inline(never)]
fn fill_part<T: Element>(structured: &Structured, mut part: Part<'_, T>) -> Result<(), FillError> {
    let stream = part.stream;
    match structured {
        Structured::Orthogonal { matrix, gain } => {
            let copies = (0..matrix.copies()).map(|copy| (Placed::copy(matrix, copy), stream.child_index(copy as u64)));
            part.orthogonal(&copies.collect::<Vec<_>>(), *gain);
        }
        Structured::DeltaOrthogonal { filters, centre, gain } => {
            part.constant(0.0)?;
            part.orthogonal(&[(Placed::tap(filters, *centre), stream.child_index(0))], *gain);
        }
        Structured::Eye { matrix, gain } => part.eye(matrix, matrix.rows().min(matrix.cols()), *gain)?,
        Structured::PaddedIdentity { matrix, gain } => part.eye(matrix, matrix.rows().max(matrix.cols()), *gain)?,
        Structured::Dirac { filters, groups, centre } => part.dirac(filters, *groups, *centre)?,
        Structured::Hadamard { filters, centre, gain } => part.hadamard(filters, *centre, *gain)?,
        Structured::GateBias { hidden, gate, value, .. } => part.gate(*hidden, *gate, *value)?,
        Structured::ZeroRow { matrix, row, distribution } => part.zero_row(matrix, *row, distribution)?,
        Structured::Bilinear { filters, diagonal } => part.bilinear(filters, *diagonal),
        Structured::Stft(stft) => part.stft(stft),
        Structured::Sparse { matrix, zeros, std } => part.sparse(matrix, *zeros, *std)?,
        Structured::Icnr { matrix, repeats, tiled, source, distribution } => {
            let rows = drawn::Repeated { matrix, source, repeats: *repeats, tiled: *tiled };
            part.icnr(&rows, distribution)?;
        }
        Structured::Chrono { hidden, forget, input, longest, .. } => {
            part.chrono(*hidden, [*forget, *input], *longest)?;
        }
        _ => return Err(FillError::Unknown),
    }
    Ok(())
}

/// The part of a tensor that is asked for, and how to fill it.
#[derive(Debug)]
pub(crate) struct Part<'a, T> {
    pub(crate) token: Token,
    pub(crate) stream: Stream,
    pub(crate) places: &'a Places,
    pub(crate) dst: &'a mut [MaybeUninit<T>],
    pub(crate) parallel: bool,
}

impl<T: Element> Part<'_, T> {
    /// Fills it with independent draws.
    fn draw(&mut self, distribution: &Distribution) -> Result<(), FillError> {
        fill_law(self.token, &law::<T>(distribution)?, self.stream, self.places, self.dst, self.parallel);
        Ok(())
    }

    fn constant(&mut self, value: f64) -> Result<(), FillError> {
        self.draw(&Distribution::Constant(value))
    }

    fn orthogonal(&mut self, matrices: &[(Placed, Stream)], gain: f64) {
        orthogonal::fill(self.token, &Target::new(self.dst, self.places), matrices, gain, self.parallel);
    }

    /// Writes one element, if the part has it.
    fn set(&mut self, flat: u64, value: f64) {
        if let Some(index) = self.places.index_of(flat) {
            self.dst[index].write(T::from_f64(value));
        }
    }

    /// Calls `run` with the flat index of the first element, and the elements, of each run of neighbours, a few thousand at a time.
    fn runs(&mut self, run: impl Fn(u64, &mut [MaybeUninit<T>]) + Sync) {
        let places = self.places;
        // Not inlined: see `FloatEnv`.
        #[inline(never)]
        fn task<T>(
            places: &Places,
            mut index: usize,
            mut dst: &mut [MaybeUninit<T>],
            run: &impl Fn(u64, &mut [MaybeUninit<T>]),
        ) {
            while !dst.is_empty() {
                let (flat, count) = places.of(index);
                let (now, rest) = dst.split_at_mut(count.min(dst.len()));
                index += now.len();
                run(flat, now);
                dst = rest;
            }
        }
        let each = |(number, dst): (usize, &mut [MaybeUninit<T>])| {
            let _standard = FloatEnv::standard();
            task(places, number * TASK, dst, &run);
        };
        if self.parallel && self.dst.len() > TASK {
            self.dst.par_chunks_mut(TASK).enumerate().for_each(each);
        } else {
            self.dst.chunks_mut(TASK).enumerate().for_each(each);
        }
    }
}
