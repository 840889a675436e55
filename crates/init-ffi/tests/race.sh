#!/usr/bin/env bash
# Runs the pool's own test with ThreadSanitizer. The compiler's sanitizers are switched on by RUSTC_BOOTSTRAP, which a
# stable toolchain accepts. The standard library is not instrumented, so `--cfg race` replaces its locks by visible ones.
set -euo pipefail
cd "$(dirname "$0")/../../.."

host=$(rustc --print host-tuple)
export RUSTC_BOOTSTRAP=1 RUSTFLAGS='--cfg race -Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer'
export TSAN_OPTIONS="exitcode=66 suppressions=$PWD/crates/init-ffi/tests/race.supp"
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target}/race CARGO_PROFILE_DEV_DEBUG=line-tables-only
cargo test --locked --target "$host" -p init-kernels --test pool "$@"
