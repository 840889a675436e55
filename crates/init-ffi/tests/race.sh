#!/usr/bin/env bash
# Runs the pool's own test with ThreadSanitizer. The compiler's sanitizers are switched on by RUSTC_BOOTSTRAP, which a
# stable toolchain accepts; the standard library is not instrumented, but its atomics and locks are inlined into the test.
set -euo pipefail
cd "$(dirname "$0")/../../.."

host=$(rustc --print host-tuple)
export RUSTC_BOOTSTRAP=1 RUSTFLAGS='-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer'
export TSAN_OPTIONS='halt_on_error=1 exitcode=66' RUSTDOCFLAGS=
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target}/race CARGO_PROFILE_DEV_DEBUG=line-tables-only
cargo test --locked --target "$host" -p init-kernels --test pool
