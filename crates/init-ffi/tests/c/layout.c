/* The sizes and offsets that never change. src/layout.rs checks the same in Rust. Compiled, not run. */

#include <stddef.h>

#include "fanin.h"

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
/* C99 has no _Static_assert: an array type of -1 elements is an error. */
#define HOLDS(condition) typedef char JOIN(holds_, __LINE__)[(condition) ? 1 : -1]

#if UINTPTR_MAX == UINT64_MAX
HOLDS(sizeof(fanin_stream) == 16);
HOLDS(offsetof(fanin_stream, k0) == 0);
HOLDS(offsetof(fanin_stream, k1) == 8);

HOLDS(sizeof(fanin_error) == 1024);
HOLDS(offsetof(fanin_error, status) == 0);
HOLDS(offsetof(fanin_error, length) == 4);
HOLDS(offsetof(fanin_error, message) == 8);

HOLDS(sizeof(fanin_distribution) == 40);
HOLDS(offsetof(fanin_distribution, kind) == 0);
HOLDS(offsetof(fanin_distribution, reserved) == 4);
HOLDS(offsetof(fanin_distribution, mean) == 8);
HOLDS(offsetof(fanin_distribution, std) == 16);
HOLDS(offsetof(fanin_distribution, low) == 24);
HOLDS(offsetof(fanin_distribution, high) == 32);

HOLDS(sizeof(fanin_initializer) == 40);
HOLDS(offsetof(fanin_initializer, kind) == 0);
HOLDS(offsetof(fanin_initializer, mode) == 4);
HOLDS(offsetof(fanin_initializer, nonlinearity) == 8);
HOLDS(offsetof(fanin_initializer, truncation) == 12);
HOLDS(offsetof(fanin_initializer, family) == 16);
HOLDS(offsetof(fanin_initializer, reserved) == 20);
HOLDS(offsetof(fanin_initializer, gain) == 24);
HOLDS(offsetof(fanin_initializer, a) == 32);

HOLDS(sizeof(fanin_options) == 16);
HOLDS(offsetof(fanin_options, struct_size) == 0);
HOLDS(offsetof(fanin_options, threads) == 8);
HOLDS(offsetof(fanin_options, level) == 12);

HOLDS(sizeof(fanin_fans) == 16);
HOLDS(offsetof(fanin_fans, fan_in) == 0);
HOLDS(offsetof(fanin_fans, fan_out) == 8);

HOLDS(sizeof(fanin_resolution) == 344);
HOLDS(offsetof(fanin_resolution, distribution) == 0);
HOLDS(offsetof(fanin_resolution, fans) == 40);
HOLDS(offsetof(fanin_resolution, mean) == 56);
HOLDS(offsetof(fanin_resolution, std) == 64);
HOLDS(offsetof(fanin_resolution, low) == 72);
HOLDS(offsetof(fanin_resolution, high) == 80);
HOLDS(offsetof(fanin_resolution, text) == 88);
#endif

HOLDS(sizeof(fanin_status) == 4);
HOLDS(sizeof(fanin_dtype) == 4);
HOLDS(sizeof(fanin_layout) == 4);
HOLDS(sizeof(fanin_mode) == 4);
HOLDS(sizeof(fanin_nonlinearity) == 4);
HOLDS(sizeof(fanin_truncation) == 4);
HOLDS(sizeof(fanin_family) == 4);
HOLDS(sizeof(fanin_level) == 4);
HOLDS(sizeof(fanin_distribution_kind) == 4);
HOLDS(sizeof(fanin_initializer_kind) == 4);

int main(void) { return 0; }
