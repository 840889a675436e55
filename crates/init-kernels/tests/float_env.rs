//! The standard floating-point mode hides the host's mode and restores it.
#![cfg(target_arch = "x86_64")]

use std::{arch::asm, hint::black_box, panic};

use init_kernels::{Filler, FloatEnv, Stream, init_core::Distribution};

/// Flush to zero, denormals are zero, and rounding toward zero, all exceptions masked.
const FAST_MATH: u32 = 0x1F80 | 0x8040 | 0x6000;

fn mode() -> u32 {
    let mut mode = 0_u32;
    // SAFETY: the instruction writes the four bytes that it is given.
    unsafe { asm!("stmxcsr [{}]", in(reg) &raw mut mode, options(nostack, preserves_flags)) };
    // Without the sticky flags.
    mode & !0x3F
}

fn set_mode(mode: u32) {
    // SAFETY: no reserved bit is set.
    unsafe { asm!("ldmxcsr [{}]", in(reg) &raw const mode, options(nostack, preserves_flags)) };
}

#[test]
fn a_closure_runs_in_the_standard_mode_and_the_host_gets_its_own_back() {
    let host = mode();
    set_mode(FAST_MATH);
    let inside = FloatEnv::run(|| (mode(), black_box(f32::MIN_POSITIVE) / 2.0));
    let after = mode();
    let panicked = panic::catch_unwind(|| FloatEnv::run(|| black_box::<Option<f32>>(None).unwrap()));
    let after_panic = mode();
    set_mode(host);
    assert_eq!((inside.0, after, after_panic), (0x1F80, FAST_MATH, FAST_MATH));
    assert!(inside.1 > 0.0 && panicked.is_err());
}

#[test]
fn fills_do_not_depend_on_the_mode_of_the_host() {
    let tail = Distribution::TruncatedNormal { mean: 0.0, std: 1.0, low: 13.0, high: 20.0 };
    let tiny = Distribution::Uniform { low: -1e-40, high: 1e-40 };
    for distribution in [tail, tiny] {
        let (mut expected, mut found) = ([0f32; 100], [0f32; 100]);
        Filler::new().fill(&mut expected, &distribution, Stream::new(1)).unwrap();
        let host = mode();
        set_mode(FAST_MATH);
        let result = Filler::new().fill(&mut found, &distribution, Stream::new(1));
        set_mode(host);
        result.unwrap();
        assert_eq!(found.map(f32::to_bits), expected.map(f32::to_bits));
    }
}
