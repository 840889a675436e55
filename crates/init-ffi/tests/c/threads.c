/* 64 threads fill at once, with different numbers of threads each, and all get the same values. An argument
 * reduces the number of elements, for valgrind; it remains large enough that several threads share a fill. */

#include <pthread.h>

#include "check.h"

#define THREADS 64
#define ROWS 500u

static size_t columns = 600, len = 300000;
static uint64_t expected[6];

/* Fills with every function and hashes the values. */
static void fill_all(float *values, const fanin_options *options, uint64_t hashes[6])
{
    const fanin_stream stream = fanin_stream_child(fanin_stream_new(1), "w");
    const fanin_distribution dist = fanin_normal(0, 1);
    const size_t shape[2] = {ROWS, columns}, origin[2] = {1, 2}, local[2] = {ROWS - 1, columns - 2}, small[2] = {40, 30};
    fanin_resolution found;
    fanin_error error;
    FINE(fanin_fill(values, FANIN_DTYPE_F32, len, dist, stream, options, &error));
    hashes[0] = hash_of(values, len * sizeof(float));
    FINE(fanin_init_with(values, FANIN_DTYPE_F32, shape, 2, "torch", "sparse(0.2)", stream, options, &error));
    hashes[1] = hash_of(values, len * sizeof(float));
    FINE(fanin_fill_shard(values, FANIN_DTYPE_BF16, local[0] * local[1], shape, origin, local, 2, dist, stream, options, &error));
    hashes[2] = hash_of(values, local[0] * local[1] * 2);
    FINE(fanin_fill_at_f16((uint16_t *)(void *)values, 1000, 12345, dist, stream));
    hashes[3] = hash_of(values, 2000);
    FINE(fanin_orthogonal_f32(values, small, 2, 1, stream));
    hashes[4] = hash_of(values, (size_t)40 * 30 * sizeof(float));
    memset(&found, 0, sizeof found);
    FINE(fanin_resolve(&found, shape, 2, "torch", "truncated_normal(std=0.1)", &error));
    hashes[5] = hash_of(&found, sizeof found);
    CHECK(fanin_fill(values, FANIN_DTYPE_F32, len, fanin_normal(0, -1), stream, options, &error)
          == FANIN_STATUS_INVALID_DISTRIBUTION);
    CHECK(strstr(error.message, "-1") != NULL);
}

static void *work(void *argument)
{
    const unsigned number = *(const unsigned *)argument;
    fanin_options options = fanin_options_default();
    float *values = (float *)dirty(len * sizeof(float));
    unsigned round;
    for (round = 0; round < 3; round++) {
        uint64_t hashes[6];
        options.threads = (number + round) % 9;
        fill_all(values, &options, hashes);
        CHECK(memcmp(hashes, expected, sizeof hashes) == 0);
    }
    free(values);
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS];
    unsigned numbers[THREADS], number;
    fanin_options one = fanin_options_default();
    float *values;
    (void)argv;
    if (argc > 1) {
        columns = 80;
        len = ROWS * columns;
    }
    values = (float *)dirty(len * sizeof(float));
    one.threads = 1;
    fill_all(values, &one, expected);
    free(values);
    for (number = 0; number < THREADS; number++) {
        numbers[number] = number;
        CHECK(pthread_create(&threads[number], NULL, work, &numbers[number]) == 0);
    }
    for (number = 0; number < THREADS; number++) CHECK(pthread_join(threads[number], NULL) == 0);
    return 0;
}
