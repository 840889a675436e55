//! BERT (Devlin et al. 2019, arXiv:1810.04805).

use init_core::Initializer;

use super::{
    error::ConfigProblem,
    fields::Fields,
    table::{Table, normal},
};

const ARCHITECTURES: &[&str] = &[
    "BertForPreTraining",
    "BertForMaskedLM",
    "BertModel",
    "BertForSequenceClassification",
    "BertForTokenClassification",
    "BertForQuestionAnswering",
];

/// Lists the parameters and rules of the family. Weights are normal, as in transformers; the
/// published TensorFlow code truncates them at two standard deviations.
pub(super) fn build(fields: &Fields<'_>, table: &mut Table) -> Result<(), ConfigProblem> {
    let architecture = fields.architecture(ARCHITECTURES)?;
    fields.off("add_cross_attention")?;
    // Relative positions would have a table in each layer, which is not supported.
    fields.word("position_embedding_type", &["absolute"], "absolute")?;
    let vocabulary = fields.size("vocab_size", 30522)?;
    let hidden = fields.size("hidden_size", 768)?;
    let inner = fields.size("intermediate_size", 3072)?;
    fields.divisor("num_attention_heads", 12, hidden, "hidden_size")?;
    let std = fields.std()?;
    let padding = fields.padding(Some(0), vocabulary)?;
    let prefix = if architecture == "BertModel" { "" } else { "bert." };

    let embeddings = format!("{prefix}embeddings");
    table.add(format!("{embeddings}.word_embeddings.weight"), &[vocabulary, hidden])?;
    let positions = fields.size("max_position_embeddings", 512)?;
    table.add(format!("{embeddings}.position_embeddings.weight"), &[positions, hidden])?;
    let types = fields.size("type_vocab_size", 2)?;
    table.add(format!("{embeddings}.token_type_embeddings.weight"), &[types, hidden])?;
    table.norm(&format!("{embeddings}.LayerNorm"), hidden)?;
    for layer in 0..fields.size("num_hidden_layers", 12)? {
        let at = format!("{prefix}encoder.layer.{layer}");
        for part in ["query", "key", "value"] {
            table.linear(&format!("{at}.attention.self.{part}"), hidden, hidden, true)?;
        }
        table.linear(&format!("{at}.attention.output.dense"), hidden, hidden, true)?;
        table.norm(&format!("{at}.attention.output.LayerNorm"), hidden)?;
        table.linear(&format!("{at}.intermediate.dense"), inner, hidden, true)?;
        table.linear(&format!("{at}.output.dense"), hidden, inner, true)?;
        table.norm(&format!("{at}.output.LayerNorm"), hidden)?;
    }
    if matches!(architecture, "BertForPreTraining" | "BertModel" | "BertForSequenceClassification") {
        table.linear(&format!("{prefix}pooler.dense"), hidden, hidden, true)?;
    }
    match architecture {
        "BertForPreTraining" | "BertForMaskedLM" => {
            table.add("cls.predictions.bias", &[vocabulary])?;
            table.linear("cls.predictions.transform.dense", hidden, hidden, true)?;
            table.norm("cls.predictions.transform.LayerNorm", hidden)?;
            if !fields.flag("tie_word_embeddings", true)? {
                table.linear("cls.predictions.decoder", vocabulary, hidden, true)?;
            }
            if architecture == "BertForPreTraining" {
                table.linear("cls.seq_relationship", 2, hidden, true)?;
            }
        }
        "BertForQuestionAnswering" => table.linear("qa_outputs", fields.labels()?, hidden, true)?,
        "BertModel" => {}
        _ => table.linear("classifier", fields.labels()?, hidden, true)?,
    }

    table.padded("*word_embeddings.weight", normal(std), padding);
    table.rule("*LayerNorm.weight", Initializer::Ones);
    table.rule("*.weight", normal(std));
    table.rule("*.bias", Initializer::Zeros);
    Ok(())
}
