/* Fills of 256 KiB and of 2 MiB beside a big fill of another thread take at most three times as long with the default
 * options as with one thread, in the same run: no fill waits behind another one. Compares the 99th percentiles of
 * interleaved calls. The machine may disturb one comparison, so that one of three must hold. */

#include "process.h"

#define BIG ((size_t)64 << 20)
#define CALLS 1000

static int stop, running;

static void *fill_big(void *argument)
{
    float *values = (float *)argument;
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
        __atomic_store_n(&running, 1, __ATOMIC_RELEASE);
        FINE(fanin_fill_f32(values, BIG, fanin_normal(0, 1), fanin_stream_new(1)));
    }
    return NULL;
}

static int ascending(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double timed(float *values, size_t len, uint32_t threads)
{
    fanin_options options = fanin_options_default();
    const double start = seconds();
    options.threads = threads;
    FINE(fanin_fill(values, FANIN_DTYPE_F32, len, fanin_normal(0, 1), fanin_stream_new(2), &options, NULL));
    return seconds() - start;
}

static int holds(float *small, size_t len)
{
    static double shared[CALLS], alone[CALLS];
    size_t call;
    for (call = 0; call < CALLS; call++) {
        shared[call] = timed(small, len, 0);
        alone[call] = timed(small, len, 1);
    }
    qsort(shared, CALLS, sizeof *shared, ascending);
    qsort(alone, CALLS, sizeof *alone, ascending);
    printf("%zu KiB, default: median %.0f us, p99 %.0f us; one thread: median %.0f us, p99 %.0f us\n", len / 256,
           1e6 * shared[CALLS / 2], 1e6 * shared[CALLS * 99 / 100], 1e6 * alone[CALLS / 2],
           1e6 * alone[CALLS * 99 / 100]);
    fflush(stdout);
    return shared[CALLS * 99 / 100] <= 3 * alone[CALLS * 99 / 100];
}

int main(void)
{
    static const size_t sizes[2] = {(size_t)64 << 10, (size_t)512 << 10};
    float *big = (float *)malloc(BIG * sizeof(float)), *small = (float *)dirty(sizes[1] * sizeof(float));
    pthread_t thread;
    size_t size;
    CHECK(big != NULL);
    alarm(600);
    CHECK(pthread_create(&thread, NULL, fill_big, big) == 0);
    while (!__atomic_load_n(&running, __ATOMIC_ACQUIRE)) sched_yield();
    for (size = 0; size < 2; size++) {
        CHECK(holds(small, sizes[size]) || holds(small, sizes[size]) || holds(small, sizes[size]));
    }
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    CHECK(pthread_join(thread, NULL) == 0);
    free(big);
    free(small);
    return 0;
}
