/* One element of a structured tensor, filled alone: the value that the whole tensor has there, at once also where the
 * whole would not fit into any memory; what cannot be computed is a status, never the end of the process. */

#include "check.h"

#include <math.h>
#include <sys/resource.h>
#include <time.h>

#define HUGE ((size_t)1 << 40)
#define LARGE ((size_t)1 << 20)

static fanin_status element(float *value, const char *text, const char *layout, const size_t *shape, const size_t *at,
                            size_t ndim)
{
    const size_t ones[4] = {1, 1, 1, 1};
    struct timespec start, end;
    fanin_status status;
    fanin_error error;
    CHECK(clock_gettime(CLOCK_MONOTONIC, &start) == 0);
    status = fanin_init_shard(value, FANIN_DTYPE_F32, 1, shape, at, ones, ndim, layout, text, fanin_stream_new(42),
                              NULL, &error);
    CHECK(clock_gettime(CLOCK_MONOTONIC, &end) == 0);
    /* A sanitizer or valgrind is at most some hundred times as slow. */
    CHECK(end.tv_sec - start.tv_sec < 60);
    CHECK(status == error.status && (status == FANIN_STATUS_OK) == (error.message[0] == '\0'));
    return status;
}

static void equals_the_whole(const char *text, const char *layout, const size_t *shape, size_t ndim)
{
    float whole[4096], value;
    size_t at[4], len = 1, axis, number;
    for (axis = 0; axis < ndim; axis++) len *= shape[axis];
    CHECK(len <= 4096);
    FINE(fanin_init_with(whole, FANIN_DTYPE_F32, shape, ndim, layout, text, fanin_stream_new(42), NULL, NULL));
    for (number = 0; number < len; number += 1 + len / 200) {
        size_t rest = number;
        for (axis = ndim; axis-- > 0; rest /= shape[axis]) at[axis] = rest % shape[axis];
        FINE(element(&value, text, layout, shape, at, ndim));
        CHECK(memcmp(&value, &whole[number], sizeof value) == 0);
    }
}

static void small_ones_equal_the_whole(void)
{
    const size_t matrix[2] = {23, 31}, filters[4] = {9, 6, 3, 3}, frame[3] = {20, 2, 11};
    const char *const texts[] = {"orthogonal", "eye", "padded_identity", "sparse(sparsity=0.3)",
                                 "embedding(padding_idx=2)"};
    const char *const kernels[] = {"delta_orthogonal", "dirac", "hadamard", "bilinear"};
    size_t i;
    for (i = 0; i < sizeof texts / sizeof *texts; i++) equals_the_whole(texts[i], "torch", matrix, 2);
    for (i = 0; i < sizeof kernels / sizeof *kernels; i++) equals_the_whole(kernels[i], "torch", filters, 4);
    equals_the_whole("stft", "keras", frame, 3);
}

static void huge_ones_take_no_time(void)
{
    const size_t tall[2] = {HUGE, LARGE}, corner[2] = {HUGE - 1, LARGE - 1}, last[2] = {LARGE - 1, LARGE - 1};
    const size_t filters[3] = {HUGE, LARGE, 3}, tap[3] = {LARGE - 1, LARGE - 1, 1};
    const size_t frame[3] = {HUGE, 2, LARGE + 1}, middle[3] = {HUGE / 2, 1, 0};
    const size_t wide[2] = {1000, (size_t)1 << 50}, far[2] = {999, ((size_t)1 << 50) - 1};
    float value = -1;
    FINE(element(&value, "eye", "torch", tall, corner, 2));
    CHECK(value == 0);
    FINE(element(&value, "eye(3)", "torch", tall, last, 2));
    CHECK(value == 3);
    FINE(element(&value, "dirac", "torch", filters, tap, 3));
    CHECK(value == 1);
    FINE(element(&value, "stft(scaling=none)", "keras", frame, middle, 3));
    CHECK(value == 1);
    FINE(element(&value, "sparse(sparsity=0.5)", "torch", wide, far, 2));
    CHECK(isfinite(value));
}

static void what_cannot_be_computed_is_a_status(void)
{
    const size_t tall[2] = {HUGE, LARGE}, corner[2] = {HUGE - 1, LARGE - 1};
    const size_t column[2] = {(size_t)1 << 58, 4}, first[2] = {0, 0};
    float value = 7;
    CHECK(element(&value, "orthogonal", "torch", tall, corner, 2) == FANIN_STATUS_UNSUPPORTED);
    CHECK(element(&value, "sparse(sparsity=0.5)", "torch", column, first, 2) == FANIN_STATUS_NO_MEMORY);
    CHECK(value == 7);
}

int main(int argc, char **argv)
{
    const size_t column[2] = {(size_t)1 << 32, 4}, first[2] = {0, 0};
    const size_t large[2] = {(size_t)1 << 34, 16};
    struct rlimit limit;
    float value = 7;
    (void)argv;
    small_ones_equal_the_whole();
    huge_ones_take_no_time();
    what_cannot_be_computed_is_a_status();
    /* Under a limit, which sanitizers cannot live with: any argument leaves it out. */
    if (argc == 1) {
        CHECK(getrlimit(RLIMIT_AS, &limit) == 0);
        limit.rlim_cur = (rlim_t)4 << 30;
        CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
        CHECK(element(&value, "sparse(sparsity=0.5)", "torch", column, first, 2) == FANIN_STATUS_NO_MEMORY);
        CHECK(element(&value, "orthogonal", "torch", large, first, 2) == FANIN_STATUS_NO_MEMORY);
        CHECK(value == 7);
    }
    return 0;
}
