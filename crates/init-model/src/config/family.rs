//! The families of published models: one row for each.

use super::{
    bert, decoder, error::ConfigProblem, fields::Fields, gpt2, mlp, resnet, table::Table, torchvision_resnet, vit,
};

/// A family of published models. To add one, write its file and add its row to [`FAMILIES`].
#[derive(Clone, Copy, Debug)]
pub struct Family {
    /// Its name in `model_type`.
    pub name: &'static str,
    /// The name for people, such as in a table.
    pub title: &'static str,
    /// Its initial values; s is `initializer_range`.
    pub initialisation: &'static str,
    /// Lists the parameters and the rules.
    pub(super) build: fn(&Fields<'_>, &mut Table) -> Result<(), ConfigProblem>,
}

/// The families that [`Config`](crate::Config) knows.
pub const FAMILIES: [Family; 11] = [
    Family {
        name: "gpt2",
        title: "GPT-2",
        initialisation: "N(0, s²); the two projections into the residual stream N(0, (s/√(2·layers))²); norms 1 and 0; \
                         biases 0",
        build: gpt2::build,
    },
    Family { name: "llama", title: "Llama", initialisation: DECODER, build: decoder::llama },
    Family { name: "mistral", title: "Mistral", initialisation: DECODER, build: decoder::mistral },
    Family { name: "mixtral", title: "Mixtral", initialisation: DECODER, build: decoder::mixtral },
    Family { name: "qwen2", title: "Qwen 2", initialisation: DECODER, build: decoder::qwen2 },
    Family { name: "qwen3", title: "Qwen 3", initialisation: DECODER, build: decoder::qwen3 },
    Family {
        name: "bert",
        title: "BERT",
        initialisation: "N(0, s²); norms 1 and 0; biases 0; the row of `pad_token_id` 0",
        build: bert::build,
    },
    Family {
        name: "vit",
        title: "ViT",
        initialisation: "N(0, s²); class token and positions N(0, s²) truncated at ±2; norms 1 and 0; biases 0",
        build: vit::build,
    },
    Family { name: "resnet", title: "ResNet", initialisation: CONVOLUTIONAL, build: resnet::build },
    Family {
        name: "torchvision_resnet",
        title: "ResNet of torchvision",
        initialisation: CONVOLUTIONAL,
        build: torchvision_resnet::build,
    },
    Family {
        name: "mlp",
        title: "MLP",
        initialisation: "`torch.nn.Linear`: U(±1/√fan_in), weights and biases",
        build: mlp::build,
    },
];

const DECODER: &str = "N(0, s²); norms 1; biases 0; the row of `pad_token_id` 0";
const CONVOLUTIONAL: &str =
    "convolutions `kaiming_normal(mode=fan_out)`; norms 1 and 0; the last layer as `torch.nn.Linear`";

/// Returns the names of all families.
pub(super) fn names() -> Vec<&'static str> {
    FAMILIES.iter().map(|family| family.name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_front_page_lists_every_family() {
        let page = include_str!("../../README.md");
        for Family { name, initialisation, .. } in FAMILIES {
            assert!(page.contains(&format!("| `{name}` | {initialisation} |")), "{name}");
        }
    }
}
