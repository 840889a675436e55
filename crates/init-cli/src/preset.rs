//! Presets that a mistyped or differently spelled name may mean.

use init_core::text::nearest_few;
use init_model::PRESETS;

/// Ends of published names that say nothing about the sizes of a model.
const SUFFIXES: [&str; 8] = ["-hf", "-uncased", "-cased", "-base", "-instruct", "-v0.1", "-patch16-224", "-in21k"];

/// Returns the presets that a text may mean, the nearest first: `GPT2` and `gpt3` mean gpt2,
/// `bert-base-uncased` means bert-base, and `meta-llama/Llama-3.2-1B` means llama-3.2-1b.
pub(crate) fn near_presets(text: &str) -> Vec<&'static str> {
    let lower = text.to_ascii_lowercase();
    // As the publishers write it, the name of an organisation goes first.
    let lower = lower.rsplit('/').next().unwrap_or_default();
    let mut name = lower;
    while let Some(shorter) = SUFFIXES.iter().find_map(|suffix| name.strip_suffix(suffix)) {
        if PRESETS.contains(&name) {
            break;
        }
        name = shorter;
    }
    for exact in [lower, name] {
        if let Some(&found) = PRESETS.iter().find(|&&preset| preset == exact) {
            return vec![found];
        }
    }
    if name.len() < 3 {
        return Vec::new();
    }
    let plain = |text: &str| text.replace(['-', '_', '.', ' '], "");
    let wanted = plain(name);
    let known: Vec<_> = PRESETS.iter().map(|preset| plain(preset)).collect();
    let words: Vec<_> = known.iter().map(String::as_str).collect();
    let mut near: Vec<_> =
        words.iter().copied().filter(|known| known.starts_with(&wanted) || wanted.starts_with(known)).collect();
    near.sort_by_key(|known| known.len().abs_diff(wanted.len()));
    if near.is_empty() {
        near = nearest_few(&wanted, &words);
    }
    let preset = |word: &str| words.iter().position(|&known| known == word).map(|index| PRESETS[index]);
    near.into_iter().filter_map(preset).take(3).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_publishers_and_mistakes_lead_to_the_preset() {
        for (text, preset) in [
            ("GPT2", "gpt2"),
            ("gpt3", "gpt2"),
            ("gpt-2", "gpt2"),
            ("openai-community/gpt2", "gpt2"),
            ("gpt2_xl", "gpt2-xl"),
            ("bert", "bert-base"),
            ("bert-base-uncased", "bert-base"),
            ("google-bert/bert-base-cased", "bert-base"),
            ("meta-llama/Llama-3.2-1B", "llama-3.2-1b"),
            ("meta-llama/Llama-3.2-1B-Instruct", "llama-3.2-1b"),
            ("meta-llama/Llama-2-7b-hf", "llama-2-7b"),
            ("mistralai/Mistral-7B-v0.1", "mistral-7b"),
            ("google/vit-base-patch16-224-in21k", "vit-base"),
            ("microsoft/resnet-50", "resnet-50"),
            ("resnet50", "resnet-50"),
            ("Qwen/Qwen3-0.6B", "qwen3-0.6b"),
        ] {
            assert_eq!(near_presets(text).first(), Some(&preset), "{text}");
        }
        for preset in PRESETS {
            assert_eq!(near_presets(preset), [*preset]);
        }
    }

    #[test]
    fn other_names_lead_nowhere() {
        for text in ["", "x", "recipe.toml", "models/config.json", "stable-diffusion", "a\nb"] {
            assert_eq!(near_presets(text), [""; 0], "{text}");
        }
    }
}
