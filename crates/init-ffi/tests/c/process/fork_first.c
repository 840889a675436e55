/* A child that is forked while another thread makes the process's first shared fill can fill as well, and so can a
 * child with the process id of its parent. The arguments: the number of first fills (5000), and "ids" to test only
 * the process ids. */

#include <sys/syscall.h>

#include "process.h"

static uint64_t expected;
static volatile int started;

static void *fill_first(void *argument)
{
    (void)argument;
    __atomic_store_n(&started, 1, __ATOMIC_RELEASE);
    CHECK(filled(2) == expected);
    return NULL;
}

/* A process that has never filled, whose first fill is met by a fork after `wait` loops. */
static void meet(unsigned wait)
{
    pthread_t thread;
    volatile unsigned loops;
    pid_t child;
    CHECK(pthread_create(&thread, NULL, fill_first, NULL) == 0);
    while (!__atomic_load_n(&started, __ATOMIC_ACQUIRE)) sched_yield();
    for (loops = 0; loops < wait; loops++) { }
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        alarm(20); /* kills a child that waits for ever */
        CHECK(filled(2) == expected);
        _exit(0);
    }
    await(child);
    CHECK(pthread_join(thread, NULL) == 0);
}

#ifndef CLONE_NEWPID
#define CLONE_NEWPID 0x20000000
#define CLONE_NEWUSER 0x10000000
#endif

/* Has the next child be the first process of a namespace, with the id 1. */
static int next_child_is_first(void)
{
    return syscall(SYS_unshare, CLONE_NEWPID) == 0 || syscall(SYS_unshare, CLONE_NEWUSER | CLONE_NEWPID) == 0;
}

static int ids(void)
{
    pid_t child;
    if (!next_child_is_first()) {
        fprintf(stderr, "skipped: no process id namespaces (%s)\n", strerror(errno));
        return 0;
    }
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        pid_t grandchild;
        alarm(60);
        CHECK(getpid() == 1);
        CHECK(filled(2) == expected);
        CHECK(next_child_is_first());
        grandchild = fork();
        CHECK(grandchild >= 0);
        if (grandchild == 0) {
            alarm(20);
            CHECK(getpid() == 1);
            CHECK(filled(2) == expected);
            CHECK(filled(0) == expected);
            _exit(0);
        }
        await(grandchild);
        _exit(0);
    }
    await(child);
    return 0;
}

int main(int argc, char **argv)
{
    const unsigned attempts = argc > 1 ? (unsigned)atoi(argv[1]) : 5000;
    unsigned attempt;
    expected = filled(1);
    if (argc > 2) return ids();
    for (attempt = 0; attempt < attempts; attempt++) {
        pid_t process = fork();
        CHECK(process >= 0);
        if (process == 0) {
            alarm(60);
            meet((attempt % 1000) * 200);
            _exit(0);
        }
        await(process);
    }
    return ids();
}
