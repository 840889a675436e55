/* FANIN_LEVEL is read once: fills use the level with that name, or fail with a message. The argument is the name;
 * without an argument the variable is not set. */

#include "check.h"

static int is_level(uint32_t number)
{
    return strcmp(fanin_level_name((fanin_level)number), "unknown") != 0;
}

int main(int argc, char **argv)
{
    const fanin_stream stream = fanin_stream_new(42);
    const fanin_distribution dist = fanin_normal(0, 1);
    const char *const name = argc > 1 ? argv[1] : "";
    fanin_options portable = fanin_options_default();
    fanin_level level = FANIN_LEVEL_AUTO;
    uint32_t number, asked = FANIN_LEVEL_AUTO;
    fanin_status status;
    fanin_error error;
    float values[100], ours[100];
    portable.level = FANIN_LEVEL_PORTABLE;
    FINE(fanin_fill(ours, FANIN_DTYPE_F32, 100, dist, stream, &portable, &error));

    for (number = FANIN_LEVEL_PORTABLE; is_level(number); number++) {
        if (strcmp(name, fanin_level_name((fanin_level)number)) == 0) asked = number;
    }
    status = fanin_level_active(&level, &error);
    CHECK(fanin_fill_f32(values, 100, dist, stream) == status);
    if (argc == 1 || (asked != FANIN_LEVEL_AUTO && fanin_level_is_available((fanin_level)asked))) {
        CHECK(status == FANIN_STATUS_OK && fanin_level_is_available(level));
        CHECK(argc == 1 || level == (fanin_level)asked);
        CHECK(memcmp(values, ours, sizeof ours) == 0);
    } else {
        CHECK(status == FANIN_STATUS_LEVEL_UNAVAILABLE && level == FANIN_LEVEL_AUTO);
        CHECK(strstr(error.message, name) != NULL);
    }
    return 0;
}
