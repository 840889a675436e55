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
///
/// In a host of the standard mode it reads the mode once and writes nothing.
struct Guard {
    /// The host's mode, if it had to be replaced.
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    host: Option<arch::Control>,
    /// The control word belongs to the thread.
    _thread: std::marker::PhantomData<*const ()>,
}

impl Guard {
    #[inline(always)]
    fn new() -> Self {
        Self {
            #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
            host: arch::standardise(),
            _thread: std::marker::PhantomData,
        }
    }
}

impl Drop for Guard {
    #[inline(always)]
    fn drop(&mut self) {
        #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
        if let Some(host) = self.host {
            arch::set(host);
        }
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

    /// Sets the standard mode and returns the previous one, if it differs in more than its flags.
    #[inline(always)]
    pub(super) fn standardise() -> Option<Control> {
        let mut host: Control = 0;
        // SAFETY: the instruction is part of x86-64 and writes the four bytes that it is given.
        unsafe { asm!("stmxcsr [{}]", in(reg) &raw mut host, options(nostack, preserves_flags)) };
        if (host ^ STANDARD) & !FLAGS == 0 {
            return None;
        }
        set(STANDARD);
        Some(host)
    }

    #[cold]
    pub(super) fn set(control: Control) {
        // SAFETY: the instruction is part of x86-64 and reads the four bytes that it is given; the
        // word is `STANDARD` or was read from the register, so no reserved bit is set.
        unsafe { asm!("ldmxcsr [{}]", in(reg) &raw const control, options(nostack, preserves_flags)) };
    }
}

#[cfg(target_arch = "aarch64")]
mod arch {
    use std::arch::asm;

    pub(super) type Control = u64;

    /// Round to nearest, no flush to zero, no traps (Arm ARM, FPCR).
    pub(super) const STANDARD: Control = 0;

    /// Sets the standard mode and returns the previous one, if it differs.
    #[inline(always)]
    pub(super) fn standardise() -> Option<Control> {
        let host: Control;
        // SAFETY: FPCR may be read at every exception level.
        unsafe { asm!("mrs {}, fpcr", out(reg) host, options(nostack, preserves_flags)) };
        if host == STANDARD {
            return None;
        }
        set(STANDARD);
        Some(host)
    }

    #[cold]
    pub(super) fn set(control: Control) {
        // SAFETY: FPCR may be written at every exception level; the word is 0 or was read from it.
        unsafe { asm!("msr fpcr, {}", in(reg) control, options(nostack, preserves_flags)) };
    }
}
