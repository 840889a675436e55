/* What a program without a library writes: a loop over xorshift128+, inlined nowhere, so that a call is a call. */

#include <stddef.h>
#include <stdint.h>

uint64_t xorshift_state[2] = {0x9E3779B97F4A7C15u, 0xBF58476D1CE4E5B9u};

void xorshift_uniform(float *dst, size_t len, float low, float high)
{
    uint64_t s0 = xorshift_state[0], s1 = xorshift_state[1];
    const float scale = (high - low) * 0x1p-24f;
    size_t i;
    for (i = 0; i < len; i++) {
        uint64_t x = s0;
        const uint64_t y = s1;
        s0 = y;
        x ^= x << 23;
        s1 = x ^ y ^ (x >> 17) ^ (y >> 26);
        dst[i] = low + scale * (float)((s1 + y) >> 40);
    }
    xorshift_state[0] = s0;
    xorshift_state[1] = s1;
}
