/* Prints the nanoseconds per call, the median of many rounds, one call per line; expected.rs --overhead prints
 * those of Rust's own functions. */

#include <time.h>

#include "check.h"

#define ROUNDS 101
#define CALLS 500

static const size_t shape[2] = {4, 4};
static float values[16];
static fanin_stream stream;
static fanin_distribution dist;

static void fill_f32(void) { FINE(fanin_fill_f32(values, 16, dist, stream)); }

static void fill(void)
{
    fanin_options options = fanin_options_default();
    fanin_error error;
    options.threads = 1;
    FINE(fanin_fill(values, FANIN_DTYPE_F32, 16, dist, stream, &options, &error));
}

static void xavier_uniform_f32(void) { FINE(fanin_xavier_uniform_f32(values, shape, 2, 1, stream)); }

static void init(void)
{
    fanin_error error;
    FINE(fanin_init(values, FANIN_DTYPE_F32, shape, 2, FANIN_LAYOUT_TORCH, "xavier_uniform(gain=2)", stream, &error));
}

static void child(void) { stream = fanin_stream_child(stream, "h.0.attn.c_attn.weight"); }

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(const char *name, void (*call)(void))
{
    double taken[ROUNDS];
    int round, number;
    for (round = 0; round < ROUNDS; round++) {
        struct timespec start, end;
        clock_gettime(CLOCK_MONOTONIC, &start);
        for (number = 0; number < CALLS; number++) call();
        clock_gettime(CLOCK_MONOTONIC, &end);
        taken[round] = ((double)(end.tv_sec - start.tv_sec) * 1e9 + (double)(end.tv_nsec - start.tv_nsec)) / CALLS;
    }
    qsort(taken, ROUNDS, sizeof *taken, compare);
    printf("%s %.1f\n", name, taken[ROUNDS / 2]);
}

int main(void)
{
    stream = fanin_stream_new(42);
    dist = fanin_normal(0.25, 0.02);
    measure("fill_f32", fill_f32);
    measure("fill", fill);
    measure("xavier_uniform_f32", xavier_uniform_f32);
    measure("init", init);
    measure("stream_child", child);
    return 0;
}
