//! Linker arguments of the shared library.

use std::{env, process::Command};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=link.sh");
    println!("cargo::rerun-if-env-changed=FANIN_SONAME");
    println!("cargo::rerun-if-env-changed=RUSTC_LINKER");
    let target = env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    if !matches!(target.as_str(), "linux" | "android" | "freebsd") {
        return;
    }
    // The threads of a pool sleep in this library's code: it must stay mapped when the host calls
    // `dlclose`.
    println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    // Without a soname, CMake records the path of the library in what it links. cargo-c and
    // CMakeLists.txt set a soname with a version.
    if env::var_os("CARGO_FEATURE_CAPI").is_none() {
        let name = env::var("FANIN_SONAME").unwrap_or_else(|_| "libfanin.so".to_owned());
        println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,{name}");
    }
    if target == "linux" {
        version_symbols();
    }
}

/// Gives the exported symbols the version of the ABI, such as `FANIN_0.1`, as the soname has it.
fn version_symbols() {
    let number = |name: &str| env::var(name).unwrap_or_default();
    let version = match (number("CARGO_PKG_VERSION_MAJOR"), number("CARGO_PKG_VERSION_MINOR")) {
        (major, minor) if major == "0" => format!("FANIN_0.{minor}"),
        (major, _) => format!("FANIN_{major}"),
    };
    let script = format!("{}/link.sh", number("CARGO_MANIFEST_DIR"));
    // gcc has an option for it, clang has none. A path with a comma would end the argument.
    let linker = env::var("RUSTC_LINKER").unwrap_or_else(|_| "cc".to_owned());
    let answer = Command::new(&linker).arg("-v").output().map(|output| output.stderr).unwrap_or_default();
    if String::from_utf8_lossy(&answer).contains("gcc version ") && !script.contains(',') {
        println!("cargo::rustc-cdylib-link-arg=-wrapper");
        println!("cargo::rustc-cdylib-link-arg=sh,{script},{version}");
    } else {
        println!(
            "cargo::warning=the symbols of libfanin.so have no version: this requires gcc as the linker, got {linker}"
        );
    }
}
