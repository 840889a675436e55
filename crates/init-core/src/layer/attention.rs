//! Attention layers.

use alloc::vec::Vec;

use super::parameter::{Framework, GLOROT_UNIFORM, JAX_LECUN_NORMAL, LayerParameter, parameter, torch_weight};
use crate::{
    initializer::registry::Initializer,
    shape::{axes::Axes, dims::ShapeError, layout::Layout},
};

/// Returns the parameters of self-attention over vectors of `size` with `heads` heads of `head`
/// each.
///
/// | | queries, keys, values | result |
/// |---|---|---|
/// | PyTorch | one `(3·size, size)`, `xavier_uniform` of the whole: ±√(6 / (4·size)) | `(size, size)`, ±1/√size |
/// | Keras | each `(size, heads, head)`, `glorot_uniform`, fans size and heads · head | `(heads, head, size)`, same |
/// | Flax | the same shapes, `lecun_normal(truncated)` with fan_in size | `(heads, head, size)`, fan_in heads · head |
///
/// Biases are 0. PyTorch counts the three packed matrices as one (its issue 166378), which makes
/// them √2 smaller than separate ones: `packed(torch, blocks=3, axis=0)` is the layout that does
/// not. Its heads have size / heads each, and `head` is ignored.
///
/// ```
/// use init_core::layer::{self, Framework};
///
/// let torch = layer::multihead_attention(Framework::Torch, 512, 8, 64).unwrap();
/// let (_, bound) = torch[0].initializer.distribution(&torch[0].shape, &torch[0].layout).unwrap().support();
/// assert!((bound * 512_f64.sqrt() - 1.2247448713915890).abs() < 1e-14);
/// let keras = layer::multihead_attention(Framework::Keras, 512, 8, 64).unwrap();
/// let (_, bound) = keras[0].initializer.distribution(&keras[0].shape, &keras[0].layout).unwrap().support();
/// assert!((bound * 512_f64.sqrt() - 3_f64.sqrt()).abs() < 1e-14);
/// ```
///
/// # Errors
///
/// [`ShapeError`](crate::ShapeError) for sizes that are too large.
pub fn multihead_attention(
    framework: Framework,
    size: usize,
    heads: usize,
    head: usize,
) -> Result<Vec<LayerParameter>, ShapeError> {
    let (weight, plain, names) = match framework {
        Framework::Torch => {
            let wide = size.saturating_mul(3);
            return Ok([
                parameter("in_proj_weight", [wide, size], Layout::Torch, GLOROT_UNIFORM)?,
                parameter("in_proj_bias", [wide], Layout::Torch, Initializer::Zeros)?,
                parameter("out_proj.weight", [size, size], Layout::Torch, torch_weight())?,
                parameter("out_proj.bias", [size], Layout::Torch, Initializer::Zeros)?,
            ]
            .into());
        }
        Framework::Keras => (
            GLOROT_UNIFORM,
            Layout::Keras,
            [
                ("query.kernel", "query.bias"),
                ("key.kernel", "key.bias"),
                ("value.kernel", "value.bias"),
                ("attention_output.kernel", "attention_output.bias"),
            ],
        ),
        Framework::Flax => (
            JAX_LECUN_NORMAL,
            Layout::Jax,
            [
                ("query.kernel", "query.bias"),
                ("key.kernel", "key.bias"),
                ("value.kernel", "value.bias"),
                ("out.kernel", "out.bias"),
            ],
        ),
    };
    let mut parameters = Vec::with_capacity(8);
    for (i, (kernel, bias)) in names.into_iter().enumerate() {
        let zeros = Initializer::Zeros;
        if i < 3 {
            let axes = Layout::Axes(Axes::new([0], [1, 2], []));
            parameters.push(parameter(kernel, [size, heads, head], axes, weight.clone())?);
            parameters.push(parameter(bias, [heads, head], plain.clone(), zeros)?);
        } else {
            let axes = Layout::Axes(Axes::new([0, 1], [2], []));
            parameters.push(parameter(kernel, [heads, head, size], axes, weight.clone())?);
            parameters.push(parameter(bias, [size], plain.clone(), zeros)?);
        }
    }
    Ok(parameters)
}
