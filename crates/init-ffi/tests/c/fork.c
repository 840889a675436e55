/* A child forked from a program that has filled, or is filling, can fill as well. With one argument, no thread
 * fills, starts or falls asleep at the moment of the fork: the sanitizers' own allocators would leave their locks
 * locked in the child. With two arguments there are fewer elements, for valgrind; enough that several threads
 * share a fill. */

#include <pthread.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static size_t len = 1000000;
static int stop, quiet;

static uint64_t filled(uint32_t threads)
{
    float *values = (float *)dirty(len * sizeof(float));
    fanin_options options = fanin_options_default();
    uint64_t hash;
    options.threads = threads;
    FINE(fanin_fill(values, FANIN_DTYPE_F32, len, fanin_normal(0, 1), fanin_stream_new(3), &options, NULL));
    hash = hash_of(values, len * sizeof(float));
    free(values);
    return hash;
}

static void *fill_on(void *argument)
{
    const uint32_t threads = *(const uint32_t *)argument;
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) (void)filled(threads);
    return NULL;
}

/* Waits for a child to exit with success. */
static void await(pid_t child)
{
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    if (WIFSIGNALED(status)) fprintf(stderr, "signal %d\n", WTERMSIG(status));
    CHECK(status == 0);
}

/* Forks a child that fills, and that itself forks a child that fills. */
static pid_t family(uint64_t expected, uint32_t threads, int depth)
{
    const struct timespec settling = {0, 300000000};
    pid_t child;
    if (quiet) CHECK(nanosleep(&settling, NULL) == 0);
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        alarm(120); /* kills a child that waits for ever */
        CHECK(filled(threads) == expected);
        CHECK(filled(0) == expected);
        if (depth > 0) {
            await(family(expected, threads, depth - 1));
        }
        _exit(0);
    }
    return child;
}

int main(int argc, char **argv)
{
    static uint32_t counts[3] = {2, 3, 4};
    uint64_t expected;
    pthread_t threads[3];
    pid_t children[12];
    const size_t filling = argc > 1 ? 0 : 3;
    size_t number;
    (void)argv;
    quiet = argc > 1;
    if (argc > 2) len = 40000;
    alarm(600);
    expected = filled(1);
    CHECK(filled(4) == expected);
    for (number = 0; number < filling; number++) {
        CHECK(pthread_create(&threads[number], NULL, fill_on, &counts[number]) == 0);
    }
    for (number = 0; number < 12; number++) {
        children[number] = family(expected, (uint32_t)(number % 5), 2);
        CHECK(filled(4) == expected);
    }
    for (number = 0; number < 12; number++) await(children[number]);
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    for (number = 0; number < filling; number++) CHECK(pthread_join(threads[number], NULL) == 0);
    return 0;
}
