/* The host's floating-point mode changes no bit and is restored after every call. */

#include "check.h"

#if defined(__SSE__)
#include <xmmintrin.h>

#define LEN 100000u

static uint64_t all(void)
{
    static float values[LEN];
    static uint16_t halves[LEN];
    static double doubles[LEN];
    static const size_t shape[2] = {300, 200};
    const fanin_stream stream = fanin_stream_new(7);
    fanin_options two = fanin_options_default();
    fanin_resolution found;
    fanin_error error;
    uint64_t hash = 0;
    double gain;
    two.threads = 2;
#define MIX(data) hash = hash * 31 + hash_of(&(data), sizeof(data))
    FINE(fanin_fill_f32(values, LEN, fanin_normal(1e-39, 1e-39), stream)); /* subnormal */
    MIX(values);
    FINE(fanin_fill(values, FANIN_DTYPE_F32, LEN, fanin_truncated_normal(0, 0.02, -0.04, 0.04), stream, &two,
                    &error));
    MIX(values);
    FINE(fanin_fill_f64(doubles, LEN, fanin_normal(0, 1e-308), stream));
    MIX(doubles);
    FINE(fanin_fill_f16(halves, LEN, fanin_normal(0, 1e-6), stream));
    MIX(halves);
    FINE(fanin_fill_bf16(halves, LEN, fanin_uniform(-0.1, 0.3), stream));
    MIX(halves);
    FINE(fanin_xavier_uniform_f32(values, shape, 2, 0.1, stream));
    MIX(values);
    FINE(fanin_init(values, FANIN_DTYPE_F32, shape, 2, FANIN_LAYOUT_JAX, "orthogonal(0.3)", stream, &error));
    MIX(values);
    memset(&found, 0, sizeof found);
    FINE(fanin_resolve(&found, shape, 2, "torch", "truncated_normal(std=0.1)", &error));
    MIX(found);
    FINE(fanin_gain(&gain, "exact(gelu)", 0.1, &error));
    MIX(gain);
    gain = fanin_distribution_std(fanin_truncated_normal(0, 0.1, 0.03, 0.5));
    MIX(gain);
    return hash;
}

int main(void)
{
    static const unsigned modes[] = {
        0x1F80,          /* as after reset */
        0x1F80 | 0x8040, /* FTZ and DAZ */
        0x1F80 | 0x2000, /* rounding down */
        0x1F80 | 0x4000, /* up */
        0x1F80 | 0x6000, /* towards zero */
        0x1F80 | 0xE040, /* all of them */
        0x0000           /* exceptions not masked */
    };
    const uint64_t expected = all();
    size_t mode;
    for (mode = 0; mode < sizeof modes / sizeof *modes; mode++) {
        uint64_t found;
        unsigned after;
        _mm_setcsr(modes[mode]);
        found = all();
        after = _mm_getcsr() & ~0x3Fu; /* except the sticky exception flags */
        _mm_setcsr(0x1F80);
        CHECK(found == expected);
        CHECK(after == modes[mode]);
    }
    return 0;
}
#else
int main(void) { return 0; }
#endif
