/* Where the system starts no thread, every fill works with the caller's alone: with the default options and with
 * FANIN_THREADS. Only options that ask for threads fail, and write nothing. */

#include <sys/resource.h>

#include "process.h"

static void none(const char *variable, uint64_t expected)
{
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        const struct rlimit one = {1, 1};
        fanin_options options = fanin_options_default();
        float *values = (float *)dirty(LEN * sizeof(float));
        const uint64_t before = hash_of(values, LEN * sizeof(float));
        pthread_t thread;
        fanin_error error;
        int round;
        alarm(60);
        if (variable != NULL) CHECK(setenv("FANIN_THREADS", variable, 1) == 0);
        CHECK(setrlimit(RLIMIT_NPROC, &one) == 0);
        /* The limit does not bind root. */
        if (getuid() == 0) CHECK(setgid(65534) == 0 && setuid(65534) == 0);
        CHECK(pthread_create(&thread, NULL, (void *(*)(void *))abort, NULL) == EAGAIN);
        for (round = 0; round < 3; round++) {
            CHECK(filled(0) == expected);
            options.threads = 4;
            CHECK(fanin_fill(values, FANIN_DTYPE_F32, LEN, fanin_normal(0, 1), fanin_stream_new(3), &options, &error)
                  == FANIN_STATUS_NO_THREADS);
            CHECK(strstr(error.message, "4 threads") != NULL);
            CHECK(hash_of(values, LEN * sizeof(float)) == before);
            CHECK(filled(1) == expected);
        }
        CHECK(threads_alive() == 1);
        _exit(0);
    }
    await(child);
}

/* A wrong FANIN_THREADS is an error of every fill, not of large ones only. */
static void wrong(const char *variable)
{
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        float value = 7;
        fanin_error error;
        CHECK(setenv("FANIN_THREADS", variable, 1) == 0);
        CHECK(fanin_fill(&value, FANIN_DTYPE_F32, 1, fanin_normal(0, 1), fanin_stream_new(3), NULL, &error)
              == FANIN_STATUS_INVALID_OPTIONS);
        CHECK(strstr(error.message, "FANIN_THREADS") != NULL && strstr(error.message, variable) != NULL);
        CHECK(value == 7);
        _exit(0);
    }
    await(child);
}

/* FANIN_THREADS limits the threads of the default options. */
static void limited(uint64_t expected)
{
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(setenv("FANIN_THREADS", "1", 1) == 0);
        CHECK(filled(0) == expected);
        CHECK(threads_alive() == 1);
        CHECK(filled(3) == expected);
        CHECK(threads_alive() == 3);
        _exit(0);
    }
    await(child);
}

int main(void)
{
    /* The library has not been used here before the forks: FANIN_THREADS is read once. */
    uint64_t expected = 0;
    int ends[2];
    pid_t child;
    CHECK(unsetenv("FANIN_THREADS") == 0 && pipe(ends) == 0);
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        expected = filled(1);
        CHECK(write(ends[1], &expected, sizeof expected) == sizeof expected);
        _exit(0);
    }
    await(child);
    CHECK(read(ends[0], &expected, sizeof expected) == sizeof expected);
    none(NULL, expected);
    none("4", expected);
    limited(expected);
    wrong("many");
    wrong("-1");
    wrong("1025");
    return 0;
}
