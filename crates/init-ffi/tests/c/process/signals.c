/* Threads of the library take none of the process's signals: a program that blocks SIGTERM and waits for it gets it.
 * A call from a signal handler that interrupts another call is refused and touches nothing but its fanin_error. */

/* Long enough that a signal meets a fill. */
#define LEN ((size_t)1 << 20)
#include "process.h"

static uint64_t expected;

/* The signals that pool threads do not block: those that their own instructions raise. */
static const int raised[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS};

/* Checks the mask of a thread of the library, as /proc shows it. */
static void check_mask(pid_t thread, void *found)
{
    char path[64], line[256];
    FILE *status;
    if (thread == getpid()) return;
    CHECK(snprintf(path, sizeof path, "/proc/self/task/%d/status", (int)thread) > 0);
    status = fopen(path, "r");
    if (status == NULL) return; /* it has ended */
    while (fgets(line, sizeof line, status) != NULL) {
        unsigned long long mask;
        size_t number;
        if (sscanf(line, "SigBlk: %llx", &mask) != 1) continue;
        for (number = 0; number < sizeof raised / sizeof *raised; number++) {
            CHECK((mask >> (raised[number] - 1) & 1) == 0);
        }
        for (number = 1; number < 32; number++) {
            const int can_be_blocked = number != SIGKILL && number != SIGSTOP;
            size_t other;
            for (other = 0; other < sizeof raised / sizeof *raised; other++) {
                if ((int)number == raised[other]) break;
            }
            if (can_be_blocked && other == sizeof raised / sizeof *raised) CHECK(mask >> (number - 1) & 1);
        }
        ++*(int *)found;
    }
    fclose(status);
}

static void waited_for(void)
{
    sigset_t set, before;
    int found = 0, signal = 0, round;
    CHECK(filled(4) == expected);
    each_thread(check_mask, &found);
    CHECK(found == 3);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    CHECK(pthread_sigmask(SIG_BLOCK, &set, &before) == 0);
    for (round = 0; round < 100; round++) {
        CHECK(kill(getpid(), SIGTERM) == 0);
        CHECK(sigwait(&set, &signal) == 0 && signal == SIGTERM);
    }
    CHECK(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
    /* The caller's own mask is as it was. */
    CHECK(filled(4) == expected);
    CHECK(pthread_sigmask(SIG_SETMASK, NULL, &set) == 0);
    CHECK(sigismember(&set, SIGTERM) == 0 && sigismember(&set, SIGUSR1) == 0);
}

static volatile sig_atomic_t inside, refused, accepted, wrong;

static void call_again(int signal)
{
    float values[8] = {1, 1, 1, 1, 1, 1, 1, 1};
    fanin_error error;
    fanin_status status;
    const int saved = errno;
    int i;
    (void)signal;
    if (!inside) return;
    memset(&error, 0x55, sizeof error);
    status = fanin_fill(values, FANIN_DTYPE_F32, 8, fanin_normal(0, 1), fanin_stream_new(3), NULL, &error);
    if (status == FANIN_STATUS_OK) {
        accepted = 1; /* the call had not begun, or was over */
    } else if (status == FANIN_STATUS_REENTERED) {
        refused = 1;
        for (i = 0; i < 8; i++) wrong |= values[i] != 1;
        wrong |= error.status != FANIN_STATUS_REENTERED || strlen(error.message) != error.length;
        fanin_shutdown(); /* ignored as well */
    } else {
        wrong = 1;
    }
    errno = saved;
}

static int stop;

static void *interrupt(void *argument)
{
    const pthread_t main_thread = *(const pthread_t *)argument;
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
        CHECK(pthread_kill(main_thread, SIGUSR1) == 0);
        sched_yield();
    }
    return NULL;
}

static void from_a_handler(void)
{
    struct sigaction action;
    pthread_t self = pthread_self(), thread;
    float *values = (float *)dirty(LEN * sizeof(float));
    memset(&action, 0, sizeof action);
    action.sa_handler = call_again;
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
    CHECK(pthread_create(&thread, NULL, interrupt, &self) == 0);
    while (!refused && !wrong) {
        inside = 1;
        FINE(fanin_fill_f32(values, LEN, fanin_normal(0, 1), fanin_stream_new(3)));
        inside = 0;
        CHECK(hash_of(values, LEN * sizeof(float)) == expected);
    }
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(!wrong);
    free(values);
}

int main(void)
{
    alarm(120);
    expected = filled(1);
    waited_for();
    from_a_handler();
    return 0;
}
