//! The Vision Transformer (Dosovitskiy et al. 2021, arXiv:2010.11929).

use init_core::Initializer;

use super::{
    error::ConfigProblem,
    fields::Fields,
    table::{Table, normal},
};

/// Lists the parameters and rules of the family, with the published names; transformers 5 has
/// shorter ones in memory, and writes these.
///
/// The class token and the positions are truncated at ±2, the default bounds of torch's
/// `trunc_normal_`, which are 100 standard deviations of 0.02.
pub(super) fn build(fields: &Fields<'_>, table: &mut Table) -> Result<(), ConfigProblem> {
    let architecture = fields.architecture(&["ViTForImageClassification", "ViTModel"])?;
    let hidden = fields.size("hidden_size", 768)?;
    let inner = fields.size("intermediate_size", 3072)?;
    fields.divisor("num_attention_heads", 12, hidden, "hidden_size")?;
    let std = fields.std()?;
    let bias = fields.flag("qkv_bias", true)?;
    let (height, width) = fields.sides("image_size", 224)?;
    let (patch_height, patch_width) = fields.sides("patch_size", 16)?;
    let patches = (height / patch_height).saturating_mul(width / patch_width);
    let prefix = if architecture == "ViTModel" { "" } else { "vit." };

    let embeddings = format!("{prefix}embeddings");
    table.add(format!("{embeddings}.cls_token"), &[1, 1, hidden])?;
    table.add(format!("{embeddings}.position_embeddings"), &[1, patches.saturating_add(1), hidden])?;
    let projection = format!("{embeddings}.patch_embeddings.projection");
    let channels = fields.size("num_channels", 3)?;
    table.add(format!("{projection}.weight"), &[hidden, channels, patch_height, patch_width])?;
    table.add(format!("{projection}.bias"), &[hidden])?;
    for layer in 0..fields.size("num_hidden_layers", 12)? {
        let at = format!("{prefix}encoder.layer.{layer}");
        for part in ["query", "key", "value"] {
            table.linear(&format!("{at}.attention.attention.{part}"), hidden, hidden, bias)?;
        }
        table.linear(&format!("{at}.attention.output.dense"), hidden, hidden, true)?;
        table.norm(&format!("{at}.layernorm_before"), hidden)?;
        table.norm(&format!("{at}.layernorm_after"), hidden)?;
        table.linear(&format!("{at}.intermediate.dense"), inner, hidden, true)?;
        table.linear(&format!("{at}.output.dense"), hidden, inner, true)?;
    }
    table.norm(&format!("{prefix}layernorm"), hidden)?;
    if architecture == "ViTModel" {
        table.linear("pooler.dense", fields.size("pooler_output_size", hidden)?, hidden, true)?;
    } else {
        table.linear("classifier", fields.labels()?, hidden, true)?;
    }

    let (low, high) = (Some(-2.0), Some(2.0));
    let truncated =
        Initializer::TruncatedNormal { mean: 0.0, std, low, high, lower: None, upper: None, corrected: false };
    table.rule("*embeddings.{cls_token,position_embeddings}", truncated);
    table.rule("*{layernorm,layernorm_before,layernorm_after}.weight", Initializer::Ones);
    table.rule("*.weight", normal(std));
    table.rule("*.bias", Initializer::Zeros);
    Ok(())
}
