//! Tables fit the terminal, and are complete in a pipe or with `--wide`.

use std::path::Path;

use tempfile::tempdir;

use crate::{Run, example, fanin, works};

/// The lines of the tables in an output: from the first rule to the last.
fn tables(text: &str) -> Vec<&str> {
    let is_rule = |line: &&str| line.starts_with('─');
    let last = text.lines().count() - text.lines().rev().take_while(|line| !is_rule(line)).count();
    text.lines().take(last).skip_while(|line| !is_rule(line)).collect()
}

fn longest(lines: &[&str]) -> usize {
    lines.iter().map(|line| line.chars().count()).max().unwrap_or(0)
}

/// The output of a run in a terminal of that many columns.
#[track_caller]
fn narrow(folder: &Path, columns: &str, arguments: &[&str]) -> String {
    let run = Run::of(fanin(folder).args(arguments).env("COLUMNS", columns));
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{arguments:?}");
    run.text().to_owned()
}

#[test]
fn no_line_of_a_table_is_longer_than_80_characters() {
    let folder = tempdir().unwrap();
    let mup = example("mup-gpt2.toml");
    let config = r#"{"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "n_layer": 2,
        "n_embd": 128, "n_head": 2,
        "n_positions": 32, "vocab_size": 50, "tie_word_embeddings": false}"#;
    std::fs::write(folder.path().join("config.json"), config).unwrap();
    works(folder.path(), ["init", "-q", "--config", "config.json", "-o", "model.safetensors"]);
    works(folder.path(), ["init", "-q", "--config", "config.json", "--seed", "1", "-o", "other.safetensors"]);
    let stack = ["trace", "--depth", "5", "--width", "20", "--act", "tanh", "--init", "xavier_uniform"];
    for arguments in [
        &["list"][..],
        &["list", "--schemes"],
        &["list", "truncated_normal"],
        &["list", "mup"],
        &["presets"],
        &["plan", "--preset", "llama-3.2-1b"],
        &["plan", "--preset", "mixtral-8x7b"],
        &["plan", "--config", "config.json", "--rules", mup.to_str().unwrap()],
        &["init", "--preset", "gpt2", "--dry-run"],
        &["inspect", "model.safetensors"],
        &["inspect", "model.safetensors", "--config", "config.json"],
        &["diff", "model.safetensors", "other.safetensors"],
        &stack,
        &["resolve", "--layer", "attention", "--framework", "keras", "512", "8"],
        &["bench", "--quick", "--size", "64KiB", "--threads", "2", "--dtype", "f32", "--fill", "uniform"],
    ] {
        let text = narrow(folder.path(), "80", arguments);
        let lines = tables(&text);
        assert!(lines.len() > 3, "{arguments:?}: no table in\n{text}");
        assert!(longest(&lines) <= 80, "{arguments:?}\n{text}");
        // Even where nothing more can be left out.
        for columns in ["60", "100", "120"] {
            let text = narrow(folder.path(), columns, arguments);
            assert!(longest(&tables(&text)) <= columns.parse().unwrap(), "{arguments:?} {columns}\n{text}");
        }
        // A pipe has the whole table, and so has a terminal on request.
        let whole = works(folder.path(), arguments).text().to_owned();
        assert!(!whole.contains("not shown: "), "{whole}");
        if arguments[0] != "bench" {
            assert_eq!(narrow(folder.path(), "80", &[arguments, &["--wide"]].concat()), whole);
        }
    }
}

#[test]
fn columns_that_are_left_out_are_named() {
    let folder = tempdir().unwrap();
    let text = narrow(folder.path(), "80", &["plan", "--preset", "gpt2"]);
    let note = text.lines().find(|line| line.starts_with("not shown: ")).unwrap();
    for word in ["fan_out", "initializer", "--wide"] {
        assert!(note.contains(word), "{note}");
    }
    for word in ["h.11.mlp.c_fc.weight", "[768, 3072]", "std 0.0200000"] {
        assert!(text.contains(word), "{text}");
    }
    for columns in ["0", "-1", "wide", ""] {
        let whole = narrow(folder.path(), columns, &["plan", "--preset", "gpt2"]);
        assert!(!whole.contains("not shown"), "{columns}");
    }
}

/// Runs the program in a terminal of 72 columns, which `script` provides. Without that tool,
/// nothing is tested.
#[cfg(target_os = "linux")]
#[test]
fn the_width_of_a_terminal_is_respected() {
    use std::process::Command;

    use crate::program;

    let folder = tempdir().unwrap();
    let command =
        format!("stty cols 72 rows 24; '{}' list; '{}' list unknown", program().display(), program().display());
    let mut script = Command::new("script");
    script.args(["-q", "-c", &command, "/dev/null"]).current_dir(folder.path());
    script.env_remove("COLUMNS").env_remove("NO_COLOR").env("TERM", "xterm");
    let Ok(output) = script.output() else {
        eprintln!("no `script` here: a terminal was not tested");
        return;
    };
    let text = String::from_utf8_lossy(&output.stdout).replace("\r\n", "\n");
    // The head is bold, and the word `error` is red.
    assert!(text.contains("\u{1b}[1m") && text.contains("\u{1b}[31m"), "{text}");
    let plain: String = text.split('\u{1b}').enumerate().fold(String::new(), |plain, (index, part)| {
        let part = if index == 0 { part } else { part.split_once('m').map_or("", |(_, rest)| rest) };
        plain + part
    });
    let lines = tables(&plain);
    assert!(lines.len() > 30, "{plain}");
    assert!(longest(&lines) <= 72, "{plain}");
}
