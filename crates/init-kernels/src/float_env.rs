//! The floating-point mode in which the kernels run, whatever the host has set.

/// The standard floating-point mode: rounding to nearest, subnormals kept, exceptions masked.
///
/// Hosts set other modes: "fast-math" libraries flush subnormals for the whole thread, and a new
/// thread inherits the mode of the thread that starts it.
#[derive(Debug)]
pub enum FloatEnv {}

impl FloatEnv {
    /// Runs a closure in the standard mode and restores the host's mode afterwards, also if the
    /// closure panics.
    ///
    /// ```
    /// use init_kernels::FloatEnv;
    ///
    /// let tiny = FloatEnv::run(|| std::hint::black_box(f32::MIN_POSITIVE) / 2.0);
    /// assert!(tiny > 0.0, "a subnormal result is kept");
    /// ```
    pub fn run<R>(f: impl FnOnce() -> R) -> R {
        // Not inlined, so that the compiler cannot move the closure's arithmetic out of the guard's
        // lifetime.
        #[inline(never)]
        fn call<R>(f: impl FnOnce() -> R) -> R {
            f()
        }
        let _guard = Guard::new();
        call(f)
    }
}

/// Keeps the standard mode while it is alive.
struct Guard {
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    host: arch::Control,
    /// The control word belongs to the thread.
    _thread: std::marker::PhantomData<*const ()>,
}

impl Guard {
    fn new() -> Self {
        Self {
            #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
            host: arch::replace(arch::STANDARD),
            _thread: std::marker::PhantomData,
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
        arch::replace(self.host);
    }
}

#[cfg(target_arch = "x86_64")]
mod arch {
    use std::arch::asm;

    pub(super) type Control = u32;

    /// All exceptions masked, round to nearest, neither FTZ nor DAZ: MXCSR after reset (Intel SDM
    /// vol. 1, 10.2.3).
    pub(super) const STANDARD: Control = 0x1F80;

    /// The sticky exception flags: almost always one is set, none changes a value, and loading
    /// MXCSR only to clear them costs a small fill about 100 ns.
    const FLAGS: Control = 0x3F;

    /// Sets MXCSR, unless only its flags differ, and returns the previous value.
    pub(super) fn replace(control: Control) -> Control {
        let mut host: Control = 0;
        // SAFETY: both instructions are part of x86-64 and access the four bytes that they are
        // given; the words loaded are `STANDARD` or were read from the register, so no reserved bit
        // is set.
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

    /// Sets FPCR and returns the previous value.
    pub(super) fn replace(control: Control) -> Control {
        let host: Control;
        // SAFETY: FPCR may be read and written at every exception level; the words written are 0 or
        // were read from it.
        unsafe {
            asm!("mrs {}, fpcr", out(reg) host, options(nostack, preserves_flags));
            if host != control {
                asm!("msr fpcr, {}", in(reg) control, options(nostack, preserves_flags));
            }
        }
        host
    }
}
