//! ResNet with the names of torchvision; with groups it is ResNeXt (Xie et al. 2017,
//! arXiv:1611.05431), and with wider groups Wide ResNet (Zagoruyko and Komodakis 2016,
//! arXiv:1605.07146).

use init_core::Initializer;

use super::{error::ConfigProblem, fields::Fields, resnet::convolution, table::Table};

/// Lists the parameters and rules of the family. The fields are the arguments of
/// `torchvision.models.ResNet`.
pub(super) fn build(fields: &Fields<'_>, table: &mut Table) -> Result<(), ConfigProblem> {
    let bottleneck = fields.word("block", &["basic", "bottleneck"], "bottleneck")? == "bottleneck";
    let layers = fields.sizes("layers", &[3, 4, 6, 3])?;
    if layers.len() != 4 {
        return Err(ConfigProblem::field("layers", "a list of 4 sizes", &layers.into()));
    }
    let groups = fields.size("groups", 1)?;
    let per_group = fields.size("width_per_group", 64)?;
    for (field, found, only) in [("groups", groups, 1), ("width_per_group", per_group, 64)] {
        if !bottleneck && found != only {
            return Err(ConfigProblem::field(field, format!("{only} with basic blocks"), &found.into()));
        }
    }
    let expansion = if bottleneck { 4 } else { 1 };

    table.add("conv1.weight", &[64, 3, 7, 7])?;
    table.batch_norm("bn1", 64)?;
    let mut inputs = 64;
    for (stage, blocks) in layers.into_iter().enumerate() {
        let planes = 64_usize << stage;
        let out = planes * expansion;
        // Like torchvision, the width of a group is rounded down before it is multiplied by
        // `groups`.
        let width = (planes.saturating_mul(per_group) / 64).saturating_mul(groups);
        for block in 0..blocks {
            let at = format!("layer{}.{block}", stage + 1);
            let mut normed = |index: usize, dims: &[usize; 4]| {
                table.add(format!("{at}.conv{index}.weight"), dims)?;
                table.batch_norm(&format!("{at}.bn{index}"), dims[0])
            };
            if bottleneck {
                normed(1, &[width, inputs, 1, 1])?;
                normed(2, &[width, width / groups, 3, 3])?;
                normed(3, &[out, width, 1, 1])?;
            } else {
                normed(1, &[planes, inputs, 3, 3])?;
                normed(2, &[planes, planes, 3, 3])?;
            }
            if block == 0 && (stage > 0 || inputs != out) {
                table.add(format!("{at}.downsample.0.weight"), &[out, inputs, 1, 1])?;
                table.batch_norm(&format!("{at}.downsample.1"), out)?;
            }
            inputs = out;
        }
    }
    table.linear("fc", fields.size("num_classes", 1000)?, inputs, true)?;

    table.rule("*{conv[1-3],downsample.0}.weight", convolution());
    if fields.flag("zero_init_residual", false)? {
        table.rule(if bottleneck { "*.bn3.weight" } else { "*.bn2.weight" }, Initializer::Zeros);
    }
    table.batch_norm_rules("*{bn[1-3],downsample.1}");
    table.torch_linear_rules("fc", inputs);
    Ok(())
}
