/* What arguments.c and arguments_typed.c share: a call that is refused gives its status, and writes nothing. */

#ifndef ARGUMENTS_H
#define ARGUMENTS_H

#include <math.h>

#include "check.h"

#define SIZE 4096

static unsigned char memory[SIZE + 64];

static inline void soil(void) { memset(memory, 0xA5, sizeof memory); }

static inline int untouched(void)
{
    size_t i;
    for (i = 0; i < sizeof memory; i++) {
        if (memory[i] != 0xA5) return 0;
    }
    return 1;
}

/* Aligned for every type. */
static inline void *base(void) { return memory + (64 - (uintptr_t)memory % 64); }

static inline void *askew(void) { return (unsigned char *)base() + 1; }

/* A call that is refused with this status. */
#define REFUSED(outcome, call)                                                                               \
    do {                                                                                                     \
        soil();                                                                                              \
        CHECK((call) == FANIN_STATUS_##outcome);                                                             \
        CHECK(untouched());                                                                                  \
    } while (0)

static const size_t shape[2] = {8, 4}, origin[2] = {0, 0}, local[2] = {2, 2}, outside[2] = {7, 3};
static const size_t empty[2] = {0, 4}, huge[2] = {SIZE_MAX, 2}, one_axis[1] = {32};

static inline fanin_stream good(void) { return fanin_stream_new(1); }
static inline fanin_stream none(void)
{
    fanin_stream stream;
    memset(&stream, 0, sizeof stream);
    return stream;
}
static inline const size_t *skewed(void)
{
    static size_t sizes[4] = {1, 1, 1, 1};
    return (const size_t *)(const void *)((const unsigned char *)sizes + 1);
}

#endif
