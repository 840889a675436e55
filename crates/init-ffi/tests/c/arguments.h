/* Shared by arguments.c and arguments_typed.c: a call that is refused returns its status and writes nothing. */

#ifndef ARGUMENTS_H
#define ARGUMENTS_H

#include <math.h>

#include "check.h"

#define SIZE 4096

static unsigned char memory[SIZE + 64];

static inline void fill_with_pattern(void) { memset(memory, 0xA5, sizeof memory); }

static inline int untouched(void)
{
    size_t i;
    for (i = 0; i < sizeof memory; i++) {
        if (memory[i] != 0xA5) return 0;
    }
    return 1;
}

/* Returns memory that is aligned for every type. */
static inline void *base(void) { return memory + (64 - (uintptr_t)memory % 64); }

static inline void *misaligned(void) { return (unsigned char *)base() + 1; }

/* Checks that a call is refused with this status. */
#define REFUSED(expected, call)                                                                              \
    do {                                                                                                     \
        fill_with_pattern();                                                                                 \
        CHECK((call) == FANIN_STATUS_##expected);                                                            \
        CHECK(untouched());                                                                                  \
    } while (0)

static const size_t shape[2] = {8, 4}, origin[2] = {0, 0}, local[2] = {2, 2}, outside[2] = {7, 3};
static const size_t empty[2] = {0, 4}, huge[2] = {SIZE_MAX, 2}, one_axis[1] = {32};

static inline fanin_stream valid(void) { return fanin_stream_new(1); }
static inline fanin_stream invalid(void)
{
    fanin_stream stream;
    memset(&stream, 0, sizeof stream);
    return stream;
}
static inline const size_t *misaligned_sizes(void)
{
    static size_t sizes[4] = {1, 1, 1, 1};
    return (const size_t *)(const void *)((const unsigned char *)sizes + 1);
}

#endif
