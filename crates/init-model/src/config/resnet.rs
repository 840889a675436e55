//! ResNet (He et al. 2016, arXiv:1512.03385) with the names of transformers.

use init_core::{Initializer, Mode, Nonlinearity, Truncation};

use super::{error::ConfigProblem, fields::Fields, table::Table};

/// The reduction of a bottleneck, which is not configurable.
const REDUCTION: usize = 4;

/// Returns the published initializer of convolutions: N(0, 2/fan_out) (He et al. 2015,
/// arXiv:1502.01852, equation 14).
pub(super) fn convolution() -> Initializer {
    Initializer::KaimingNormal {
        a: 0.0,
        mode: Mode::FanOut,
        nonlinearity: Nonlinearity::Relu,
        truncation: Truncation::None,
    }
}

/// Lists the parameters and rules of the family.
pub(super) fn build(fields: &Fields<'_>, table: &mut Table) -> Result<(), ConfigProblem> {
    let architecture = fields.architecture(&["ResNetForImageClassification", "ResNetModel"])?;
    let bottleneck = fields.word("layer_type", &["basic", "bottleneck"], "bottleneck")? == "bottleneck";
    let stem = fields.size("embedding_size", 64)?;
    let widths = fields.sizes("hidden_sizes", &[256, 512, 1024, 2048])?;
    let depths = fields.sizes("depths", &[3, 4, 6, 3])?;
    if depths.len() != widths.len() {
        let expected = format!("a list of {} sizes, one for each of hidden_sizes", widths.len());
        return Err(ConfigProblem::field("depths", expected, &depths.into()));
    }
    if let Some(&width) = widths.iter().find(|&&width| bottleneck && width < REDUCTION) {
        let expected = format!("a list of sizes of at least {REDUCTION} with bottleneck layers");
        return Err(ConfigProblem::field("hidden_sizes", expected, &width.into()));
    }
    let downsampled = fields.flag("downsample_in_first_stage", false)?;
    let prefix = if architecture == "ResNetModel" { "" } else { "resnet." };

    let channels = fields.size("num_channels", 3)?;
    normed(table, &format!("{prefix}embedder.embedder"), &[stem, channels, 7, 7])?;
    let mut inputs = stem;
    for (stage, (&width, depth)) in widths.iter().zip(depths).enumerate() {
        for layer in 0..depth {
            let at = format!("{prefix}encoder.stages.{stage}.layers.{layer}");
            let strided = layer == 0 && (stage > 0 || downsampled);
            if strided || inputs != width {
                normed(table, &format!("{at}.shortcut"), &[width, inputs, 1, 1])?;
            }
            let part = |index: usize| format!("{at}.layer.{index}");
            if bottleneck {
                let reduced = width / REDUCTION;
                normed(table, &part(0), &[reduced, inputs, 1, 1])?;
                normed(table, &part(1), &[reduced, reduced, 3, 3])?;
                normed(table, &part(2), &[width, reduced, 1, 1])?;
            } else {
                normed(table, &part(0), &[width, inputs, 3, 3])?;
                normed(table, &part(1), &[width, width, 3, 3])?;
            }
            inputs = width;
        }
    }
    if architecture != "ResNetModel" {
        table.linear("classifier.1", fields.labels()?, inputs, true)?;
    }

    table.rule("*.convolution.weight", convolution());
    table.batch_norm_rules("*.normalization");
    table.torch_linear_rules("classifier.1", inputs);
    Ok(())
}

/// Adds a convolution without a bias, and its batch norm.
fn normed(table: &mut Table, name: &str, dims: &[usize; 4]) -> Result<(), ConfigProblem> {
    table.add(format!("{name}.convolution.weight"), dims)?;
    table.batch_norm(&format!("{name}.normalization"), dims[0])
}
