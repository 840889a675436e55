//! Llama and similar decoders: Mistral, Mixtral, Qwen 2 and Qwen 3.

use init_core::Initializer;

use super::{
    error::ConfigProblem,
    fields::Fields,
    table::{Table, normal},
};

/// The differences between the families.
struct Kind {
    /// The architectures with a language-model head, without a head, and with a classifier.
    architectures: &'static [&'static str; 3],
    vocabulary: usize,
    intermediate: usize,
    /// The default of `num_key_value_heads`; none is `num_attention_heads`.
    key_value_heads: Option<usize>,
    /// The default of `head_dim`; none is `hidden_size` over `num_attention_heads`.
    head_dim: Option<usize>,
    biases: Biases,
    /// Whether each head has norms of queries and keys.
    head_norms: bool,
    /// The default of `num_local_experts`, if the family has experts.
    experts: Option<usize>,
}

enum Biases {
    None,
    /// On queries, keys and values.
    Inputs,
    /// By `attention_bias` on all four projections, and by `mlp_bias` on the rest if the family has
    /// it.
    Configured {
        mlp: bool,
    },
}

/// Touvron et al. 2023 (arXiv:2302.13971), Grattafiori et al. 2024 (arXiv:2407.21783).
pub(super) fn llama(fields: &Fields<'_>, table: &mut Table) -> Result<(), ConfigProblem> {
    let kind = Kind {
        architectures: &["LlamaForCausalLM", "LlamaModel", "LlamaForSequenceClassification"],
        vocabulary: 32000,
        intermediate: 11008,
        key_value_heads: None,
        head_dim: None,
        biases: Biases::Configured { mlp: true },
        head_norms: false,
        experts: None,
    };
    kind.build(fields, table)
}

const MISTRAL: Kind = Kind {
    architectures: &["MistralForCausalLM", "MistralModel", "MistralForSequenceClassification"],
    vocabulary: 32000,
    intermediate: 14336,
    key_value_heads: Some(8),
    head_dim: None,
    biases: Biases::None,
    head_norms: false,
    experts: None,
};

/// Jiang et al. 2023 (arXiv:2310.06825).
pub(super) fn mistral(fields: &Fields<'_>, table: &mut Table) -> Result<(), ConfigProblem> {
    MISTRAL.build(fields, table)
}

/// Jiang et al. 2024 (arXiv:2401.04088).
pub(super) fn mixtral(fields: &Fields<'_>, table: &mut Table) -> Result<(), ConfigProblem> {
    let kind = Kind {
        architectures: &["MixtralForCausalLM", "MixtralModel", "MixtralForSequenceClassification"],
        experts: Some(8),
        ..MISTRAL
    };
    kind.build(fields, table)
}

const QWEN2: Kind = Kind {
    architectures: &["Qwen2ForCausalLM", "Qwen2Model", "Qwen2ForSequenceClassification"],
    vocabulary: 151_936,
    intermediate: 22016,
    key_value_heads: Some(32),
    head_dim: None,
    biases: Biases::Inputs,
    head_norms: false,
    experts: None,
};

/// Yang et al. 2024 (arXiv:2407.10671), and Qwen 2.5 (arXiv:2412.15115).
pub(super) fn qwen2(fields: &Fields<'_>, table: &mut Table) -> Result<(), ConfigProblem> {
    QWEN2.build(fields, table)
}

/// Yang et al. 2025 (arXiv:2505.09388).
pub(super) fn qwen3(fields: &Fields<'_>, table: &mut Table) -> Result<(), ConfigProblem> {
    let kind = Kind {
        architectures: &["Qwen3ForCausalLM", "Qwen3Model", "Qwen3ForSequenceClassification"],
        head_dim: Some(128),
        biases: Biases::Configured { mlp: false },
        head_norms: true,
        ..QWEN2
    };
    kind.build(fields, table)
}

/// The sizes of one layer.
struct Layer {
    hidden: usize,
    intermediate: usize,
    /// The outputs of the queries, and of the keys and values each.
    queries: usize,
    keys: usize,
    /// The size of the norms of queries and keys.
    head_norms: Option<usize>,
    input_bias: bool,
    output_bias: bool,
    mlp_bias: bool,
    experts: Option<usize>,
}

impl Kind {
    fn build(&self, fields: &Fields<'_>, table: &mut Table) -> Result<(), ConfigProblem> {
        let architecture = fields.architecture(self.architectures)?;
        let vocabulary = fields.size("vocab_size", self.vocabulary)?;
        let layers = fields.size("num_hidden_layers", 32)?;
        let layer = self.layer(fields)?;
        let padding = fields.padding(None, vocabulary)?;
        let std = fields.std()?;
        let prefix = if architecture == self.architectures[1] { "" } else { "model." };

        table.add(format!("{prefix}embed_tokens.weight"), &[vocabulary, layer.hidden])?;
        for index in 0..layers {
            layer.add(table, &format!("{prefix}layers.{index}"))?;
        }
        table.add(format!("{prefix}norm.weight"), &[layer.hidden])?;
        if architecture == self.architectures[0] && !fields.flag("tie_word_embeddings", false)? {
            table.linear("lm_head", vocabulary, layer.hidden, false)?;
        } else if architecture == self.architectures[2] {
            table.linear("score", fields.labels()?, layer.hidden, false)?;
        }

        table.padded("*embed_tokens.weight", normal(std), padding);
        table.rule("*norm.weight", Initializer::Ones);
        table.rule("*.weight", normal(std));
        table.rule("*.bias", Initializer::Zeros);
        Ok(())
    }

    fn layer(&self, fields: &Fields<'_>) -> Result<Layer, ConfigProblem> {
        let hidden = fields.size("hidden_size", 4096)?;
        let heads = match fields.get("head_dim").map(|_| ()).or(self.head_dim.map(|_| ())) {
            Some(()) => fields.size("num_attention_heads", 32)?,
            None => fields.divisor("num_attention_heads", 32, hidden, "hidden_size")?,
        };
        let head_dim = fields.size("head_dim", self.head_dim.unwrap_or(hidden / heads))?;
        // Null means no grouping; a missing field means the family's default.
        let default = self.key_value_heads.filter(|_| !fields.is_null("num_key_value_heads")).unwrap_or(heads);
        let groups = fields.divisor("num_key_value_heads", default, heads, "num_attention_heads")?;
        let (input_bias, output_bias, mlp_bias) = match self.biases {
            Biases::None => (false, false, false),
            Biases::Inputs => (true, false, false),
            Biases::Configured { mlp } => {
                let attention = fields.flag("attention_bias", false)?;
                (attention, attention, mlp && fields.flag("mlp_bias", false)?)
            }
        };
        Ok(Layer {
            hidden,
            intermediate: fields.size("intermediate_size", self.intermediate)?,
            queries: heads.saturating_mul(head_dim),
            keys: groups.saturating_mul(head_dim),
            head_norms: self.head_norms.then_some(head_dim),
            input_bias,
            output_bias,
            mlp_bias,
            experts: self.experts.map(|default| fields.size("num_local_experts", default)).transpose()?,
        })
    }
}

impl Layer {
    fn add(&self, table: &mut Table, at: &str) -> Result<(), ConfigProblem> {
        let Self { hidden, intermediate, queries, keys, .. } = *self;
        table.linear(&format!("{at}.self_attn.q_proj"), queries, hidden, self.input_bias)?;
        table.linear(&format!("{at}.self_attn.k_proj"), keys, hidden, self.input_bias)?;
        table.linear(&format!("{at}.self_attn.v_proj"), keys, hidden, self.input_bias)?;
        table.linear(&format!("{at}.self_attn.o_proj"), hidden, queries, self.output_bias)?;
        if let Some(head_dim) = self.head_norms {
            table.add(format!("{at}.self_attn.q_norm.weight"), &[head_dim])?;
            table.add(format!("{at}.self_attn.k_norm.weight"), &[head_dim])?;
        }
        match self.experts {
            None => {
                table.linear(&format!("{at}.mlp.gate_proj"), intermediate, hidden, self.mlp_bias)?;
                table.linear(&format!("{at}.mlp.up_proj"), intermediate, hidden, self.mlp_bias)?;
                table.linear(&format!("{at}.mlp.down_proj"), hidden, intermediate, self.mlp_bias)?;
            }
            Some(experts) => {
                table.linear(&format!("{at}.block_sparse_moe.gate"), experts, hidden, false)?;
                for expert in 0..experts {
                    let at = format!("{at}.block_sparse_moe.experts.{expert}");
                    table.linear(&format!("{at}.w1"), intermediate, hidden, false)?;
                    table.linear(&format!("{at}.w2"), hidden, intermediate, false)?;
                    table.linear(&format!("{at}.w3"), intermediate, hidden, false)?;
                }
            }
        }
        table.add(format!("{at}.input_layernorm.weight"), &[hidden])?;
        table.add(format!("{at}.post_attention_layernorm.weight"), &[hidden])
    }
}
