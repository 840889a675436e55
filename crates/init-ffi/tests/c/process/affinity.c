/* The threads of the library run on the processors of the process, not on those of the thread that happened to fill
 * first; a process that is confined to one processor starts none. Needs two processors. */

#include "process.h"

static cpu_set_t all, one;
static uint64_t expected;

static void pin(const cpu_set_t *set)
{
    CHECK(sched_setaffinity(0, sizeof *set, set) == 0);
}

/* Counts the threads that the library started, which may use all processors. */
static void count_wide(pid_t thread, void *count)
{
    cpu_set_t set;
    char path[64], name[32] = "";
    FILE *comm;
    CHECK(snprintf(path, sizeof path, "/proc/self/task/%d/comm", (int)thread) > 0);
    comm = fopen(path, "r");
    if (comm == NULL) return;
    if (fgets(name, sizeof name, comm) == NULL) name[0] = 0;
    fclose(comm);
    if (strncmp(name, "fanin", 5) != 0) return;
    CHECK(sched_getaffinity(thread, sizeof set, &set) == 0);
    if (CPU_EQUAL(&set, &all)) ++*(int *)count;
}

/* Waits for a thread of the library that may use all processors: it sets them when it begins to run. */
static void await_wide(void)
{
    int count = 0;
    while (count == 0) {
        CHECK(filled(0) == expected);
        each_thread(count_wide, &count); /* the caller has set an alarm */
    }
}

static void *pinned_fill(void *argument)
{
    (void)argument;
    pin(&one);
    await_wide();
    return NULL;
}

/* The first caller is pinned, the main thread is not. */
static void pinned_caller(void)
{
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, pinned_fill, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
}

static int stop;

static void *idle(void *argument)
{
    (void)argument;
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) sched_yield();
    return NULL;
}

/* The main thread is pinned, as with OMP_PROC_BIND=true; other threads are not, and come later than the first fill. */
static void pinned_main(void)
{
    pthread_t thread;
    pin(&one);
    CHECK(filled(0) == expected);
    CHECK(threads_alive() == 1);
    pin(&all);
    CHECK(pthread_create(&thread, NULL, idle, NULL) == 0);
    pin(&one);
    await_wide();
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    CHECK(pthread_join(thread, NULL) == 0);
}

/* The whole process is confined to one processor, as by taskset. */
static void confined(void)
{
    int round;
    pin(&one);
    for (round = 0; round < 5; round++) CHECK(filled(0) == expected);
    CHECK(threads_alive() == 1);
}

static void note(pid_t thread, void *largest)
{
    if (thread > *(pid_t *)largest) *(pid_t *)largest = thread;
}

/* Five sizes in turn start no thread after the first round. */
static void sizes(void)
{
    pid_t before = 0, after = 0;
    uint32_t threads;
    int round;
    for (round = 0; round < 50; round++) {
        for (threads = 2; threads < 7; threads++) CHECK(filled(threads) == expected);
        if (round == 0) each_thread(note, &before);
    }
    each_thread(note, &after);
    CHECK(before == after);
    CHECK(threads_alive() == 6);
}

static void in_a_child(void (*test)(void))
{
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        alarm(60);
        test();
        _exit(0);
    }
    await(child);
}

int main(void)
{
    size_t processor;
    CHECK(sched_getaffinity(0, sizeof all, &all) == 0);
    expected = filled(1);
    if (CPU_COUNT(&all) < 2) {
        fprintf(stderr, "skipped: one processor\n");
        return 0;
    }
    for (processor = 0; !CPU_ISSET(processor, &all); processor++) { }
    CPU_ZERO(&one);
    CPU_SET(processor, &one);
    in_a_child(pinned_caller);
    in_a_child(pinned_main);
    in_a_child(confined);
    in_a_child(sizes);
    return 0;
}
