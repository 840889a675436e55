//! GPT-2 (Radford et al. 2019, "Language Models are Unsupervised Multitask Learners").

use init_core::{Initializer, Layout};

use super::{
    error::ConfigProblem,
    fields::Fields,
    table::{Table, normal},
};

/// Lists the parameters and rules of the family. Linear layers are the published `Conv1D`s, stored
/// (in, out).
///
/// The published files have the names of the bare model, which transformers loads into either
/// architecture; only a head that is not tied needs the prefix `transformer.`.
pub(super) fn build(fields: &Fields<'_>, table: &mut Table) -> Result<(), ConfigProblem> {
    let architecture = fields.architecture(&["GPT2LMHeadModel", "GPT2Model"])?;
    fields.off("add_cross_attention")?;
    let vocabulary = fields.size("vocab_size", 50257)?;
    let context = fields.size("n_positions", 1024)?;
    let width = fields.size("n_embd", 768)?;
    let layers = fields.size("n_layer", 12)?;
    let inner = fields.size("n_inner", width.saturating_mul(4))?;
    let std = fields.std()?;
    fields.divisor("n_head", 12, width, "n_embd")?;
    let head = architecture == "GPT2LMHeadModel" && !fields.flag("tie_word_embeddings", true)?;
    let prefix = if head { "transformer." } else { "" };

    table.layout = Some(Layout::Jax);
    table.add(format!("{prefix}wte.weight"), &[vocabulary, width])?;
    table.add(format!("{prefix}wpe.weight"), &[context, width])?;
    for layer in 0..layers {
        let at = format!("{prefix}h.{layer}");
        let conv1d = |table: &mut Table, name: &str, inputs: usize, out: usize| {
            table.add(format!("{at}.{name}.weight"), &[inputs, out])?;
            table.add(format!("{at}.{name}.bias"), &[out])
        };
        let norm = |table: &mut Table, name: &str| table.norm(&format!("{at}.{name}"), width);
        norm(table, "ln_1")?;
        conv1d(table, "attn.c_attn", width, width.saturating_mul(3))?;
        conv1d(table, "attn.c_proj", width, width)?;
        norm(table, "ln_2")?;
        conv1d(table, "mlp.c_fc", width, inner)?;
        conv1d(table, "mlp.c_proj", inner, width)?;
    }
    table.norm(&format!("{prefix}ln_f"), width)?;
    if head {
        table.add("lm_head.weight", &[vocabulary, width])?;
    }

    table.rule("*.c_proj.weight", normal(std / ((2 * layers) as f64).sqrt()));
    table.rule("*ln_?.weight", Initializer::Ones);
    table.rule("*.weight", normal(std));
    table.rule("*.bias", Initializer::Zeros);
    Ok(())
}
