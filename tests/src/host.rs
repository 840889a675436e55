//! A host program with a non-default floating-point mode.

use std::arch::asm;

/// Subnormal inputs and results become zero (FTZ, DAZ), and rounding is towards zero.
pub const HOSTILE: u32 = 0xE040;

/// The control bits of MXCSR; the others are status flags.
const CONTROL: u32 = 0xFFC0;

/// Returns the control bits of this thread's MXCSR.
#[must_use]
pub fn control() -> u32 {
    read() & CONTROL
}

/// Sets bits of this thread's control word until the guard is dropped.
#[must_use]
pub fn with_control(bits: u32) -> Restore {
    let before = read();
    write(before | bits);
    Restore(before)
}

/// A guard that restores the control word.
#[derive(Debug)]
pub struct Restore(u32);

impl Drop for Restore {
    fn drop(&mut self) {
        write(self.0);
    }
}

fn read() -> u32 {
    let mut word = 0_u32;
    // SAFETY: stores four bytes to `word`.
    unsafe { asm!("stmxcsr [{}]", in(reg) &raw mut word, options(nostack)) };
    word
}

fn write(word: u32) {
    // SAFETY: loads a word from `read`, changed only in control bits that every SSE2 machine has.
    unsafe { asm!("ldmxcsr [{}]", in(reg) &raw const word, options(nostack, readonly)) };
}
