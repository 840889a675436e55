//! Linker arguments of the shared library.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=FANIN_SONAME");
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
}
