/* Loading and unloading the library repeatedly changes nothing. The argument is the path of the library. */

#include <dlfcn.h>

#include "check.h"

typedef fanin_status (*fill_f32)(float *, size_t, fanin_distribution, fanin_stream);
typedef fanin_stream (*stream_new)(uint64_t);
typedef fanin_distribution (*normal)(double, double);

/* ISO C has no cast from an object pointer to a function pointer; in POSIX both have the same representation. */
static void look_up(void *library, const char *name, void *function)
{
    void *symbol = dlsym(library, name);
    CHECK(symbol != NULL);
    memcpy(function, &symbol, sizeof symbol);
}

int main(int argc, char **argv)
{
    const size_t len = 200000;
    float *values = (float *)dirty(len * sizeof(float));
    uint64_t expected = 0;
    int round;
    CHECK(argc == 2);
    for (round = 0; round < 100; round++) {
        void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
        fill_f32 fill;
        stream_new stream;
        normal make_normal;
        uint64_t hash;
        CHECK(library != NULL);
        look_up(library, "fanin_fill_f32", (void *)&fill);
        look_up(library, "fanin_stream_new", (void *)&stream);
        look_up(library, "fanin_normal", (void *)&make_normal);
        memset(values, round, len * sizeof(float));
        FINE(fill(values, len, make_normal(0, 1), stream(5)));
        hash = hash_of(values, len * sizeof(float));
        CHECK(round == 0 || hash == expected);
        expected = hash;
        CHECK(dlclose(library) == 0);
    }
    free(values);
    return 0;
}
