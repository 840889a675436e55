//! The library's own threads.

use crate::guard;

/// Ends the threads that the library has started, and returns when they have ended.
///
/// No program needs it: the threads sleep between fills and end by themselves after two idle
/// seconds. After it, tools that look for memory still in use find nothing of them. Fills on other
/// threads go on meanwhile, and a later fill starts threads again. In a forked child, which has
/// none of its parent's threads, it does nothing. Thread-safe.
#[unsafe(no_mangle)]
pub extern "C" fn fanin_shutdown() {
    guard::unit(init_kernels::threads::shutdown);
}
