/* The threads of the library end: after two idle seconds, so that a process whose main thread leaves by pthread_exit
 * ends, and at once with fanin_shutdown, which may be called at any time and any number of times.
 * With an argument, for valgrind, nobody else fills, and there is no child, which has lost the memory of its parent's
 * threads. */

#include "process.h"

static uint64_t expected;

/* The main thread leaves after a fill; nobody else is there but the library's threads. */
static void left(void)
{
    const double start = seconds();
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(filled(4) == expected);
        CHECK(threads_alive() == 4);
        alarm(60);
        pthread_exit(NULL);
    }
    await(child);
    CHECK(seconds() - start > 1.5); /* they were waited for, not lost */
}

static int stop;

static void *fill_on(void *argument)
{
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) CHECK(filled(*(const uint32_t *)argument) == expected);
    return NULL;
}

int main(int argc, char **argv)
{
    static uint32_t counts[3] = {0, 2, 5};
    pthread_t threads[3];
    const int callers = argc == 1 ? 3 : 0;
    int number;
    (void)argv;
    alarm(300);
    fanin_shutdown(); /* before anything was started */
    expected = filled(1);
    CHECK(filled(8) == expected);
    CHECK(threads_alive() == 8);
    fanin_shutdown();
    await_threads(1);
    fanin_shutdown();
    for (number = 0; number < callers; number++) {
        CHECK(pthread_create(&threads[number], NULL, fill_on, &counts[number]) == 0);
    }
    for (number = 0; number < (argc == 1 ? 200 : 5); number++) {
        fanin_shutdown();
        CHECK(filled(3) == expected);
    }
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    for (number = 0; number < callers; number++) CHECK(pthread_join(threads[number], NULL) == 0);
    fanin_shutdown();
    await_threads(1);
    if (argc == 1) left();
    return 0;
}
