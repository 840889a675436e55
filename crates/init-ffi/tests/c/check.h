/* Shared by the tests. */

#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fanin.h"

/* Unlike assert, it also checks with NDEBUG. */
#define CHECK(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                  \
            abort();                                                                                         \
        }                                                                                                    \
    } while (0)

#define FINE(call) CHECK((call) == FANIN_STATUS_OK)

/* 64-bit FNV-1a, as in expected.rs. */
static inline uint64_t hash_of(const void *data, size_t size)
{
    const unsigned char *bytes = (const unsigned char *)data;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    size_t i;
    for (i = 0; i < size; i++) {
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

/* Allocates memory that is not zero. */
static inline void *dirty(size_t size)
{
    void *memory = malloc(size);
    CHECK(memory != NULL);
    memset(memory, 0xA5, size);
    return memory;
}

#endif
