/* Shared by the tests of what the library does to its process. Linux only: they read /proc. */

#ifndef PROCESS_H
#define PROCESS_H

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../check.h"

/* Long enough to be shared at every level. */
#ifndef LEN
#define LEN ((size_t)1 << 18)
#endif

/* Hashes the values of a fill with the default options, or with a number of threads. */
static inline uint64_t filled(uint32_t threads)
{
    float *values = (float *)dirty(LEN * sizeof(float));
    fanin_options options = fanin_options_default();
    uint64_t hash;
    options.threads = threads;
    FINE(fanin_fill(values, FANIN_DTYPE_F32, LEN, fanin_normal(0, 1), fanin_stream_new(3), &options, NULL));
    hash = hash_of(values, LEN * sizeof(float));
    free(values);
    return hash;
}

/* Waits for a child to exit with success. */
static inline void await(pid_t child)
{
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    if (WIFSIGNALED(status)) fprintf(stderr, "signal %d\n", WTERMSIG(status));
    CHECK(status == 0);
}

/* Calls visit with the id of each thread of this process, and returns their number. */
static inline size_t each_thread(void (*visit)(pid_t thread, void *context), void *context)
{
    DIR *tasks = opendir("/proc/self/task");
    struct dirent *entry;
    size_t count = 0;
    CHECK(tasks != NULL);
    while ((entry = readdir(tasks)) != NULL) {
        if (entry->d_name[0] == '.') continue;
        if (visit != NULL) visit((pid_t)atoi(entry->d_name), context);
        count++;
    }
    closedir(tasks);
    return count;
}

static inline size_t threads_alive(void)
{
    return each_thread(NULL, NULL);
}

/* Waits until there are that many threads: those that have ended remain in /proc for a moment. */
static inline void await_threads(size_t count)
{
    while (threads_alive() != count) sched_yield(); /* the caller has set an alarm */
}

static inline double seconds(void)
{
    struct timespec now;
    CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

#endif
