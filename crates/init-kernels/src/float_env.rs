//! The floating-point environment in which the kernels run, whatever the host has set.

/// Rounding to nearest, subnormals kept, exceptions masked, until dropped; then what was there before.
///
/// Hosts set other modes: "fast-math" libraries flush subnormals for the whole thread, and a new thread inherits the mode of
/// the one that starts it. What must not see the host's mode belongs into a function that is not inlined, called while
/// this value lives.
#[derive(Debug)]
pub struct FloatEnv {
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    host: arch::Control,
    /// The control word is the thread's own.
    _thread: std::marker::PhantomData<*const ()>,
}

impl FloatEnv {
    /// Sets the standard mode and remembers the one before.
    #[must_use = "it lasts as long as this value"]
    pub fn standard() -> Self {
        Self {
            #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
            host: arch::replace(arch::STANDARD),
            _thread: std::marker::PhantomData,
        }
    }
}

impl Drop for FloatEnv {
    fn drop(&mut self) {
        #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
        arch::replace(self.host);
    }
}

#[cfg(target_arch = "x86_64")]
mod arch {
    use std::arch::asm;

    pub(super) type Control = u32;

    /// All exceptions masked, round to nearest, neither FTZ nor DAZ: MXCSR after reset (Intel SDM vol. 1, 10.2.3).
    pub(super) const STANDARD: Control = 0x1F80;

    /// The sticky flags of exceptions that have happened: almost always one is set, none changes a value, and loading
    /// MXCSR for their sake alone costs a small fill some 100 ns.
    const FLAGS: Control = 0x3F;

    /// Sets MXCSR, unless it differs in its flags only, and returns what it was.
    pub(super) fn replace(control: Control) -> Control {
        let mut host: Control = 0;
        // SAFETY: both instructions are part of x86-64 and access the four bytes that they are given; the words loaded are
        // `STANDARD` or were read from the register, so no reserved bit is set.
        unsafe {
            asm!("stmxcsr [{}]", in(reg) &raw mut host, options(nostack, preserves_flags));
            if (host ^ control) & !FLAGS != 0 {
                asm!("ldmxcsr [{}]", in(reg) &raw const control, options(nostack, preserves_flags));
            }
        }
        host
    }
}

#[cfg(target_arch = "aarch64")]
mod arch {
    use std::arch::asm;

    pub(super) type Control = u64;

    /// Round to nearest, no flush to zero, no traps (Arm ARM, FPCR).
    pub(super) const STANDARD: Control = 0;

    /// Sets FPCR and returns what it was.
    pub(super) fn replace(control: Control) -> Control {
        let host: Control;
        // SAFETY: FPCR may be read and written at every exception level; the words written are 0 or were read from it.
        unsafe {
            asm!("mrs {}, fpcr", out(reg) host, options(nostack, preserves_flags));
            if host != control {
                asm!("msr fpcr, {}", in(reg) control, options(nostack, preserves_flags));
            }
        }
        host
    }
}
