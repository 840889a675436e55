//! The fills of the child process.

use half::{bf16, f16};
use init_core::{DType, Gain, Initializer, Layout, Shape};
use init_kernels::{Element, Filler};

use super::case::{BLOCK, Case, Question, Small};
use crate::stream;

/// Fills buffers as the cases require, always from the start of a cache line.
#[derive(Debug)]
pub(super) struct Worker {
    memory: Vec<[u64; 8]>,
}

impl Default for Worker {
    fn default() -> Self {
        Self { memory: vec![[0; 8]; 2 * BLOCK * size_of::<f64>() / 64 + 1] }
    }
}

impl Worker {
    /// Fills `len` elements.
    ///
    /// # Panics
    ///
    /// Panics if the distribution does not fit the type.
    pub(super) fn fill(&mut self, case: &Case, len: usize) {
        let words = self.memory.as_flattened_mut();
        let inside = words.as_ptr().align_offset(64).min(7);
        let words = &mut words[inside..];
        match case.dtype {
            DType::F32 => fill::<f32>(&mut bytemuck::cast_slice_mut(words)[..len], case),
            DType::F64 => fill::<f64>(&mut bytemuck::cast_slice_mut(words)[..len], case),
            DType::Bf16 => fill::<bf16>(&mut bytemuck::cast_slice_mut(words)[..len], case),
            DType::F16 => fill::<f16>(&mut bytemuck::cast_slice_mut(words)[..len], case),
        }
    }

    /// Returns the bytes of the last fill of a case.
    pub(super) fn bytes(&self, case: &Case, len: usize) -> &[u8] {
        let words = self.memory.as_flattened();
        let inside = words.as_ptr().align_offset(64).min(7);
        &bytemuck::cast_slice(&words[inside..])[..len * case.dtype.size()]
    }
}

fn fill<T: Element>(dst: &mut [T], case: &Case) {
    let filler = Filler::new().level(case.level).threads(1);
    let resolve = |initializer: &Initializer| {
        let shape = Shape::new([8, dst.len() / 8]).expect("a shape");
        initializer.resolve(&shape, &Layout::Torch).expect("a weight has fans")
    };
    let resolved = match case.question {
        Question::Small(Small::Xavier) => resolve(&Initializer::XavierUniform { gain: Gain::Value(1.0) }),
        Question::Small(Small::Text(text)) => resolve(&text.parse().expect("an initializer")),
        _ => {
            let is_child = case.question == Question::Small(Small::Child);
            let stream = if is_child { stream().child("h.0.attn.c_attn.weight") } else { stream() };
            filler.fill(dst, &case.distribution, stream).expect("the distributions fit their types");
            return;
        }
    };
    filler.fill(dst, &resolved, stream()).expect("the distributions fit their types");
}
