//! Generated files are up to date: `include/fanin.h`, which cbindgen generates from the crate,
//! `tests/symbols.txt`, from the header, and the element types in `src/generated/`, from
//! `src/f32.rs`. To generate them again after a change: `FANIN_WRITE_GENERATED=1 cargo test -p
//! init-ffi --test generated`.

use std::{env, fs, path::PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn compare(path: &str, text: &str) {
    let path = root().join(path);
    if env::var_os("FANIN_WRITE_GENERATED").is_some() {
        fs::write(&path, text).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == text, "{} is out of date; FANIN_WRITE_GENERATED=1 generates it again", path.display());
}

/// Returns the macros of the header; every number comes from where it is defined.
fn macros() -> String {
    let [major, minor, patch] =
        [env!("CARGO_PKG_VERSION_MAJOR"), env!("CARGO_PKG_VERSION_MINOR"), env!("CARGO_PKG_VERSION_PATCH")];
    format!(
        r#"
/** The version of this header; `fanin_version()` returns that of the library that is running. */
#define FANIN_VERSION "{version}"
#define FANIN_VERSION_MAJOR {major}
#define FANIN_VERSION_MINOR {minor}
#define FANIN_VERSION_PATCH {patch}

/** The version of the value format: the same version gives the same values, bit for bit, in every release. */
#define FANIN_VALUE_FORMAT {format}

/** No exception and no panic leaves the library. */
#if defined(__cplusplus)
#define FANIN_NOEXCEPT noexcept
#else
#define FANIN_NOEXCEPT
#endif

/** Marks a result that must not be ignored. */
#if defined(__GNUC__) || defined(__clang__)
#define FANIN_NODISCARD __attribute__((warn_unused_result))
#else
#define FANIN_NODISCARD
#endif"#,
        version = env!("CARGO_PKG_VERSION"),
        format = init_kernels::VALUE_FORMAT,
    )
}

fn header() -> String {
    let mut config = cbindgen::Config::from_file(root().join("cbindgen.toml")).unwrap();
    config.after_includes = Some(macros());
    let bindings = cbindgen::Builder::new().with_crate(root()).with_config(config).generate().unwrap();
    let mut text = Vec::new();
    bindings.write(&mut text);
    String::from_utf8(text).unwrap()
}

/// Returns the functions that the header declares: the names before a parenthesis, outside
/// comments.
fn functions(header: &str) -> Vec<String> {
    let code = header.lines().filter(|line| !line.trim_start().starts_with(['*', '/', '#']));
    let code = code.collect::<Vec<_>>().join("\n");
    let mut names: Vec<String> = code
        .match_indices("fanin_")
        .filter(|&(at, _)| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
        .filter_map(|(at, _)| {
            let end = at + code[at..].find(|c: char| !c.is_alphanumeric() && c != '_')?;
            code[end..].starts_with('(').then(|| code[at..end].to_owned())
        })
        .collect();
    names.sort();
    names.dedup();
    names
}

#[test]
fn the_header_matches_the_crate() {
    compare("include/fanin.h", &header());
}

#[test]
fn the_symbols_match_the_header() {
    let names = functions(&header());
    assert!(names.contains(&"fanin_stream_new".to_owned()) && names.len() > 70, "{names:?}");
    compare("tests/symbols.txt", &(names.join("\n") + "\n"));
}

#[test]
fn every_exported_function_is_in_the_header() {
    let mut defined = Vec::new();
    let folders = ["src", "src/generated"].map(|folder| fs::read_dir(root().join(folder)).unwrap());
    for path in folders.into_iter().flatten().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
        let text = fs::read_to_string(path).unwrap();
        for (at, _) in text.match_indices("#[unsafe(no_mangle)]") {
            let rest = text[at..].split_once(" fn ").unwrap().1;
            defined.push(rest.split_once('(').unwrap().0.to_owned());
        }
    }
    defined.sort();
    assert_eq!(defined, functions(&header()));
}

#[test]
fn the_element_types_have_the_same_functions() {
    let text = fs::read_to_string(root().join("src/f32.rs")).unwrap();
    let head = text.split_inclusive('\n').take_while(|line| line.starts_with("//!")).collect::<String>();
    for (name, in_c, value) in [("f64", "f64", "f64"), ("bf16", "u16", "half::bf16"), ("f16", "u16", "half::f16")] {
        let other = text
            .replace(&head, &head_of(name))
            .replace("type Value = f32", &format!("type Value = {value}"))
            .replace("*mut f32", &format!("*mut {in_c}"))
            .replace("_f32", &format!("_{name}"));
        compare(&format!("src/generated/{name}.rs"), &other);
    }
}

fn head_of(name: &str) -> String {
    format!("//! The functions of `{name}`.\n// @generated from `src/f32.rs` by `tests/generated.rs`; do not edit.\n")
}
