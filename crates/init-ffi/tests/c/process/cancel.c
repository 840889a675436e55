/* A thread with a pending pthread_cancel completes its calls, the first shared fill among them, and ends at its own
 * next cancellation point. */

#include "process.h"

static uint64_t expected;

static void *cancelled(void *argument)
{
    fanin_buffer *buffer = NULL;
    int state = 0;
    (void)argument;
    CHECK(pthread_cancel(pthread_self()) == 0);
    CHECK(filled(0) == expected);
    CHECK(filled(3) == expected);
    FINE(fanin_buffer_new(&buffer, FANIN_DTYPE_F32, LEN, NULL));
    fanin_buffer_free(buffer);
    /* The state is the caller's again. */
    CHECK(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &state) == 0);
    CHECK(state == PTHREAD_CANCEL_ENABLE);
    pthread_testcancel();
    return NULL;
}

int main(void)
{
    int round;
    alarm(120);
    expected = filled(1);
    for (round = 0; round < 20; round++) {
        pthread_t thread;
        void *result = NULL;
        CHECK(pthread_create(&thread, NULL, cancelled, NULL) == 0);
        CHECK(pthread_join(thread, &result) == 0);
        CHECK(result == PTHREAD_CANCELED);
    }
    return 0;
}
