//! Pictures and HTML pages of `fanin inspect`.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::Value;
use tempfile::{TempDir, tempdir};

use super::{linear, spoil};
use crate::{example, fanin, refused, works};

/// A small GPT-2.
fn layers() -> TempDir {
    let folder = tempdir().unwrap();
    let config = r#"{"model_type":"gpt2","n_layer":3,"n_embd":32,"n_head":2,"vocab_size":101,"n_positions":16}"#;
    fs::write(folder.path().join("config.json"), config).unwrap();
    works(folder.path(), ["init", "--force", "--config", "config.json", "-q", "-o", "model.safetensors"]);
    folder
}

/// The texts of a picture, which must be well-formed XML.
fn texts(path: &Path) -> Vec<String> {
    let svg = fs::read_to_string(path).unwrap();
    let document = roxmltree::Document::parse(&svg).unwrap();
    let texts = document.descendants().filter(|node| node.has_tag_name("text"));
    texts.map(|node| node.text().unwrap_or_default().trim().to_owned()).collect()
}

#[test]
fn a_picture_has_a_panel_for_each_tensor() {
    let folder = layers();
    let arguments =
        ["inspect", "model.safetensors", "--config", "config.json", "--plot", "all.svg", "--plot", "all.png"];
    works(folder.path(), [&arguments[..], &["-q"]].concat());
    let found = texts(&folder.path().join("all.svg"));
    let header = init_model::Header::read(folder.path().join("model.safetensors")).unwrap();
    assert_eq!(header.tensors().len(), 40);
    for tensor in header.tensors() {
        assert_eq!(found.iter().filter(|text| **text == tensor.name).count(), 1, "{}", tensor.name);
    }
    assert_eq!(found.iter().filter(|text| *text == "✓").count(), 40);
    // Four kinds of tensor vary with depth, and their names stand next to the chart.
    assert_eq!(found.iter().filter(|text| text.starts_with("h.*.")).count(), 4);
    assert!(found.iter().any(|text| text.starts_with("40 of 40 tensors as expected")), "{found:?}");

    let png = fs::read(folder.path().join("all.png")).unwrap();
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n") && png.ends_with(b"IEND\xaeB`\x82"));
    // Eight columns of 230 and two margins of 16, at twice the resolution.
    assert_eq!(u32::from_be_bytes(png[16..20].try_into().unwrap()), 2 * (8 * 230 + 2 * 16));
}

#[test]
fn a_faulty_tensor_is_marked() {
    let folder = linear();
    spoil(&folder, 0.0761);
    let recipe = example("linear-784x256.toml");
    let arguments = ["inspect", "model.safetensors", "--recipe", recipe.to_str().unwrap(), "-q", "--plot", "all.svg"];
    works(folder.path(), arguments);
    let found = texts(&folder.path().join("all.svg"));
    for text in ["✗", "✓", "out of bounds", "fc.weight", "fc.bias", "[256] · all 0"] {
        assert_eq!(found.iter().filter(|found| *found == text).count(), 1, "{text} in {found:?}");
    }
}

/// Writes F32 tensors of two values, 1 and NaN, under these names.
fn named(folder: &TempDir, names: &[String]) {
    let header: BTreeMap<&String, Value> = names
        .iter()
        .enumerate()
        .map(|(index, name)| {
            (name, serde_json::json!({"dtype": "F32", "shape": [2], "data_offsets": [8 * index, 8 * index + 8]}))
        })
        .collect();
    let header = serde_json::to_vec(&header).unwrap();
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header);
    for _ in names {
        file.extend([1f32, f32::NAN].map(f32::to_le_bytes).concat());
    }
    fs::write(folder.path().join("model.safetensors"), file).unwrap();
}

/// The data of a page equals the output of `--json`, and no tensor name can end it or become
/// markup.
#[test]
fn a_page_has_the_json_whatever_the_names() {
    let folder = tempdir().unwrap();
    let names = ["</script><script>alert(1)</script>", "<!--<script>", "\"'`&amp;", "a\nb\u{202e}c", "{{script}}", ""];
    named(&folder, &names.map(str::to_owned));
    let json =
        works(folder.path(), ["inspect", "model.safetensors", "--json", "--html", "page.html", "--plot", "all.svg"]);
    let page = fs::read_to_string(folder.path().join("page.html")).unwrap();
    let (_, rest) = page.split_once(r#"<script id="data" type="application/json">"#).unwrap();
    let (data, rest) = rest.split_once("</script>").unwrap();
    assert!(!data.contains('<'));
    let [data, printed]: [Value; 2] = [data.as_bytes(), &json.out].map(|text| serde_json::from_slice(text).unwrap());
    assert_eq!(data, printed);
    assert_eq!(data["tensors"][0]["name"], names[0]);
    assert_eq!(rest.matches("<script>").count(), 1);
    assert!(page.contains("default-src 'none'") && !page.contains("src=") && page.ends_with("</html>\n"));

    let found = texts(&folder.path().join("all.svg"));
    assert!(found.contains(&"a\\nb\\u{202e}c".to_owned()) && found.contains(&"<!--<script>".to_owned()), "{found:?}");
}

#[test]
fn a_picture_of_too_many_tensors_is_refused_and_a_page_has_all_of_them() {
    let folder = tempdir().unwrap();
    named(&folder, &(0..601).map(|index| format!("t.{index}")).collect::<Vec<_>>());
    let words = ["room for 600 tensors", "601", "--tensor", "--html"];
    refused(fanin(folder.path()).args(["inspect", "model.safetensors", "--plot", "all.svg"]), folder.path(), 2, &words);
    works(folder.path(), ["inspect", "model.safetensors", "-q", "--html", "all.html"]);
    works(folder.path(), ["inspect", "model.safetensors", "-q", "--plot", "some.svg", "--tensor", "t.?"]);
    assert_eq!(texts(&folder.path().join("some.svg")).iter().filter(|text| text.starts_with("t.")).count(), 10);
}

#[test]
fn outputs_that_cannot_be_written_are_refused_before_measuring() {
    let folder = linear();
    let cases: [(&[&str], i32, &[&str]); 5] = [
        (&["--plot", "all.jpg"], 2, &[".svg or .png"]),
        (&["--html", "page"], 2, &[".html"]),
        (&["--html", "page.svg"], 2, &[".html"]),
        (&["--html", "none/page.html"], 1, &["none/page.html", "create the folder first"]),
        (&["--plot", "a.svg", "--plot", "none/b.svg"], 1, &["none/b.svg", "create the folder first"]),
    ];
    for (arguments, code, words) in cases {
        refused(
            fanin(folder.path()).args(["inspect", "model.safetensors"]).args(arguments),
            folder.path(),
            code,
            words,
        );
    }
}
