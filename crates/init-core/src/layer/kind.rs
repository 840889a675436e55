//! Layers by name, with their sizes as a list.

use alloc::{vec, vec::Vec};

use super::{
    attention::multihead_attention,
    conv::{ConvSizes, conv},
    embedding::embedding,
    linear::linear,
    norm::norm,
    parameter::{Framework, LayerParameter},
    recurrent::{GateOpening, gru, lstm},
};
use crate::{shape::dims::ShapeError, word::words};

words! {
    /// A kind of layer, by name. The frameworks' class names are accepted too: `nn.Linear`,
    /// `Dense`, `Conv2d`, `LSTM`.
    ///
    /// ```
    /// use init_core::layer::{Framework, Layer};
    ///
    /// let layer: Layer = "nn.Linear".parse()?;
    /// assert_eq!(layer.sizes(), ["inputs", "outputs"]);
    /// let parameters = layer.parameters(Framework::Torch, &[784, 256])?;
    /// assert_eq!(parameters[0].name, "weight");
    /// assert_eq!(parameters[0].shape.to_string(), "[256, 784]");
    ///
    /// let error = layer.parameters(Framework::Torch, &[784]).unwrap_err();
    /// assert_eq!(error.to_string(), "`linear` takes the sizes inputs, outputs, but 1 was given");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    Layer, "layer", {
        /// A fully connected layer: [`linear`].
        Linear = "linear",
        /// A convolution over one axis: [`conv`].
        Conv1d = "conv1d",
        /// A convolution over two axes: [`conv`].
        Conv2d = "conv2d",
        /// A convolution over three axes: [`conv`].
        Conv3d = "conv3d",
        /// An embedding: [`embedding`].
        Embedding = "embedding",
        /// Self-attention: [`multihead_attention`].
        MultiheadAttention = "multihead_attention",
        /// A normalisation: [`norm`].
        Norm = "norm",
        /// One layer of an LSTM: [`lstm`].
        Lstm = "lstm",
        /// One layer of a GRU: [`gru`].
        Gru = "gru",
    }
    "dense" = Linear, "attention" = MultiheadAttention, "layer_norm" = Norm, "rms_norm" = Norm, "group_norm" = Norm,
    "instance_norm" = Norm, "batch_norm" = Norm, "batch_norm1d" = Norm, "batch_norm2d" = Norm, "batch_norm3d" = Norm,
    "layer_normalization" = Norm, "batch_normalization" = Norm
}

impl Layer {
    /// Returns the names of the sizes that [`parameters`](Self::parameters) takes, in their order.
    /// A convolution takes one kernel size for all its axes, or one per axis.
    #[must_use]
    pub const fn sizes(self) -> &'static [&'static str] {
        match self {
            Self::Linear => &["inputs", "outputs"],
            Self::Conv1d | Self::Conv2d | Self::Conv3d => &["inputs", "outputs", "kernel"],
            Self::Embedding => &["rows", "size"],
            Self::MultiheadAttention => &["size", "heads"],
            Self::Norm => &["size"],
            Self::Lstm | Self::Gru => &["inputs", "hidden"],
        }
    }

    /// Returns the parameters of the layer with their shapes, layouts and initializers, as the
    /// framework creates them.
    ///
    /// # Errors
    ///
    /// [`LayerError`] for another number of sizes than the layer takes, and for sizes that are too
    /// large.
    pub fn parameters(self, framework: Framework, sizes: &[usize]) -> Result<Vec<LayerParameter>, LayerError> {
        let wrong = || LayerError::Sizes { layer: self, given: sizes.len() };
        let axes = match self {
            Self::Conv1d => 1,
            Self::Conv2d => 2,
            Self::Conv3d => 3,
            _ => 0,
        };
        let parameters = match (self, sizes) {
            (Self::Linear, &[inputs, outputs]) => linear(framework, inputs, outputs),
            (Self::Conv1d | Self::Conv2d | Self::Conv3d, [inputs, outputs, kernel @ ..]) => {
                let kernel = match kernel {
                    &[size] => vec![size; axes],
                    kernel if kernel.len() == axes => kernel.to_vec(),
                    _ => return Err(wrong()),
                };
                conv(framework, &ConvSizes { inputs: *inputs, outputs: *outputs, kernel, groups: 1 })
            }
            (Self::Embedding, &[rows, size]) => embedding(framework, rows, size, None),
            (Self::MultiheadAttention, &[size, heads]) => {
                multihead_attention(framework, size, heads, size / heads.max(1))
            }
            (Self::Norm, &[size]) => norm(framework, size),
            (Self::Lstm, &[inputs, hidden]) => lstm(framework, inputs, hidden, GateOpening::Default),
            (Self::Gru, &[inputs, hidden]) => gru(framework, inputs, hidden),
            _ => return Err(wrong()),
        };
        Ok(parameters?)
    }
}

/// The error for sizes that do not fit a layer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LayerError {
    /// Another number of sizes than the layer takes.
    #[error(
        "`{layer}` takes the sizes {}, but {given} {} given",
        .layer.sizes().join(", "),
        if *.given == 1 { "was" } else { "were" }
    )]
    Sizes {
        /// The layer.
        layer: Layer,
        /// The number of sizes given.
        given: usize,
    },
    /// The sizes are too large.
    #[error(transparent)]
    Shape(#[from] ShapeError),
}
