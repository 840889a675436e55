//! Embeds the family files: every `families/*.toml`, so that a new family is one new file.

use std::{env, fmt::Write as _, fs, io, path::Path};

fn main() -> io::Result<()> {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("families");
    println!("cargo::rerun-if-changed=families");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            names.extend(path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned));
        }
    }
    names.sort_unstable();
    let mut source = format!("pub(super) const FILES: [(&str, &str); {}] = [\n", names.len());
    for name in names {
        let path = folder.join(format!("{name}.toml"));
        writeln!(source, "    ({name:?}, include_str!({path:?})),").expect("a string grows");
    }
    source += "];\n";
    fs::write(Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("families.rs"), source)
}
