//! `fanin completions` and `fanin man`.

use tempfile::tempdir;

use crate::{fanin, refused, works};

#[test]
fn completions_name_every_command_in_every_shell() {
    let folder = tempdir().unwrap();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = works(folder.path(), ["completions", shell]);
        for word in ["init", "inspect", "verify", "dry-run"] {
            assert!(script.text().contains(word), "{shell}: {word}");
        }
    }
    refused(fanin(folder.path()).args(["completions", "cmd"]), folder.path(), 2, &["cmd", "zsh"]);
}

#[test]
fn the_program_and_each_command_have_a_manual_page() {
    let folder = tempdir().unwrap();
    let page = works(folder.path(), ["man"]);
    assert!(page.text().contains(".TH fanin 1"), "{}", page.text());
    for command in ["init", "plan", "verify"] {
        let page = works(folder.path(), ["man", command]);
        assert!(page.text().contains(&format!(".TH fanin-{command} 1")), "{}", page.text());
        assert!(page.text().contains("threads"), "global options are on every page");
    }
    refused(fanin(folder.path()).args(["man", "initt"]), folder.path(), 2, &["`initt`", "init, plan"]);
}
