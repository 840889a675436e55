//! One tensor of a model file.

use std::collections::BTreeMap;

use init_core::DType;

/// One tensor of a [`Header`](crate::Header).
#[derive(Clone, Debug)]
pub struct Tensor {
    /// Its name.
    pub name: String,
    /// Its dimensions.
    pub shape: Vec<usize>,
    /// Its element type as the file spells it, such as `F32`, `<f4` or `Q4_0`.
    pub stored_type: String,
    /// Its element type, if it can be initialised.
    pub dtype: Option<DType>,
    /// The index of its file in [`Header::files`](crate::Header::files).
    pub file: usize,
    /// The offset of its first byte in the file.
    pub offset: u64,
    /// The size of its values in bytes.
    pub bytes: u64,
}

impl Tensor {
    /// Returns the name of its element type: `f32`, `f64`, `bf16` or `f16`, and as the file spells
    /// it for any other.
    #[must_use]
    pub fn type_name(&self) -> &str {
        match self.dtype {
            Some(dtype) => dtype.name(),
            None => &self.stored_type,
        }
    }

    /// Returns the number of its elements.
    #[must_use]
    pub fn elements(&self) -> u64 {
        self.shape.iter().map(|&dim| dim as u64).product()
    }
}

/// The contents of the header of one file.
#[derive(Debug)]
pub(crate) struct Contents {
    /// The tensors, in the order of their data.
    pub(crate) tensors: Vec<Tensor>,
    pub(crate) metadata: BTreeMap<String, String>,
}
