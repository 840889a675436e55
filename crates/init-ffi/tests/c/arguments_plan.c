/* The same as arguments.c for schemes and plans; and thousands of recipes and configurations with random mistakes, each
 * of which is a plan or an error. */

#include "arguments.h"

static fanin_error error;
static const char *const not_utf8 = "\xFF\xFE";

static const char recipe[] =
    "seed = 7\n"
    "[fields]\nn_layer = 2\n"
    "[parameters]\n"
    "\"h.0.qkv\" = [24, 8]\n\"h.1.qkv\" = [24, 8]\n"
    "\"h.0.out\" = [8, 24]\n\"h.1.out\" = [8, 24]\n"
    "\"norm\" = [8]\n"
    "[[rule]]\nregex = 'h\\.\\d+\\.qkv'\ninit = \"xavier_uniform(gain=relu)\"\n"
    "blocks = { qkv = [\"q\", \"k\", \"v\"] }\n"
    "[[rule]]\nmatch = \"*.out\"\nscheme = \"scaled_residual(writers=4)\"\nscale = 0.5\ndtype = \"bf16\"\n"
    "[[rule]]\nmatch = \"norm\"\ninit = \"ones\"\n";

static const char config[] =
    "{\"model_type\": \"llama\", \"hidden_size\": 16, \"num_hidden_layers\": 1, \"num_attention_heads\": 2,\n"
    " \"num_key_value_heads\": 1, \"intermediate_size\": 24, \"vocab_size\": 10, \"torch_dtype\": \"float16\"}";

static const char rules[] = "[[rule]]\nmatch = \"*\"\ninit = \"normal(std=1/sqrt(hidden_size))\"\n";

/* Checks that a call is refused with this status, also in `error`, with a message. */
#define FAILS(expected, call)                                                                                \
    do {                                                                                                     \
        memset(&error, 0xA5, sizeof error);                                                                  \
        REFUSED(expected, call);                                                                             \
        CHECK(error.status == FANIN_STATUS_##expected);                                                      \
        CHECK(error.length > 10 && strlen(error.message) == error.length);                                   \
    } while (0)

static int says(const char *part) { return strstr(error.message, part) != NULL; }

static void opening(void)
{
    const fanin_plan_source source = FANIN_PLAN_SOURCE_RECIPE;
    fanin_plan **const made = (fanin_plan **)base();
    fanin_plan_options options = fanin_plan_options_default();
    struct {
        fanin_plan_options known;
        unsigned char tail[16];
    } later;
    fanin_plan *plan;

    FAILS(NULL_POINTER, fanin_plan_open(NULL, source, recipe, NULL, &error));
    FAILS(NULL_POINTER, fanin_plan_open(made, source, NULL, NULL, &error));
    FAILS(MISALIGNED, fanin_plan_open((fanin_plan **)misaligned(), source, recipe, NULL, &error));
    FAILS(MISALIGNED, fanin_plan_open(made, source, recipe, (const fanin_plan_options *)(const void *)misaligned_sizes(), &error));
    REFUSED(MISALIGNED, fanin_plan_open(made, source, recipe, NULL, (fanin_error *)misaligned()));
    FAILS(INVALID_CHOICE, fanin_plan_open(made, (fanin_plan_source)0, recipe, NULL, &error));
    FAILS(INVALID_CHOICE, fanin_plan_open(made, (fanin_plan_source)UINT32_MAX, recipe, NULL, &error));
    FAILS(INVALID_TEXT, fanin_plan_open(made, source, not_utf8, NULL, &error));
    FAILS(INVALID_MODEL, fanin_plan_open(made, source, "", NULL, &error));
    FAILS(INVALID_MODEL, fanin_plan_open(made, source, "seed = ", NULL, &error));
    CHECK(says("recipe:1: "));
    FAILS(INVALID_MODEL, fanin_plan_open(made, source, config, NULL, &error));
    FAILS(INVALID_MODEL, fanin_plan_open(made, FANIN_PLAN_SOURCE_CONFIG, recipe, NULL, &error));
    FAILS(INVALID_MODEL, fanin_plan_open(made, FANIN_PLAN_SOURCE_CONFIG, "{}", NULL, &error));
    FAILS(INVALID_MODEL, fanin_plan_open(made, FANIN_PLAN_SOURCE_PRESET, "gpt-2", NULL, &error));
    CHECK(says("did you mean `gpt2`"));
    FAILS(INVALID_MODEL, fanin_plan_open(made, source, "[parameters]\nw = [4]\n", NULL, &error));
    FAILS(INVALID_MODEL,
          fanin_plan_open(made, source, "[parameters]\nw = [4, 4]\n[[rule]]\nmatch = \"w\"\ninit = \"kaiming_normal(relu)\"\n", NULL, &error));
    CHECK(says("recipe:5: ") && says("did you mean `kaiming_normal(nonlinearity=relu)`?"));
    FAILS(INVALID_MODEL,
          fanin_plan_open(made, source, "[parameters]\n\"a\\u0000b\" = [4]\n[[rule]]\nmatch = \"*\"\ninit = \"ones\"\n", NULL, &error));
    FAILS(INVALID_MODEL,
          fanin_plan_open(made, source, "[parameters]\nw = [9223372036854775807]\n[[rule]]\nmatch = \"*\"\ninit = \"ones\"\n", NULL, &error));

    /* Options. A struct that was never set is refused. */
    memset(&options, 0, sizeof options);
    FAILS(INVALID_OPTIONS, fanin_plan_open(made, source, recipe, &options, &error));
    options.struct_size = SIZE_MAX;
    FAILS(INVALID_OPTIONS, fanin_plan_open(made, source, recipe, &options, &error));
    options = fanin_plan_options_default();
    options.has_seed = 2;
    FAILS(INVALID_OPTIONS, fanin_plan_open(made, source, recipe, &options, &error));
    options = fanin_plan_options_default();
    options.dtype = (fanin_dtype)FANIN_LAYOUT_TORCH;
    FAILS(INVALID_CHOICE, fanin_plan_open(made, source, recipe, &options, &error));
    CHECK(says("got FANIN_LAYOUT_TORCH, a layout, for `dtype`"));
    options = fanin_plan_options_default();
    options.layout = "trch";
    FAILS(INVALID_TEXT, fanin_plan_open(made, source, recipe, &options, &error));
    options.layout = not_utf8;
    FAILS(INVALID_TEXT, fanin_plan_open(made, source, recipe, &options, &error));
    options = fanin_plan_options_default();
    options.rules = rules;
    FAILS(INVALID_OPTIONS, fanin_plan_open(made, source, recipe, &options, &error));
    FAILS(INVALID_OPTIONS, fanin_plan_open(made, FANIN_PLAN_SOURCE_PRESET, "gpt2", &options, &error));
    options.rules = recipe;
    FAILS(INVALID_MODEL, fanin_plan_open(made, FANIN_PLAN_SOURCE_CONFIG, config, &options, &error));
    options.rules = "[[rule]]\nmatch = \"*\"\ninit = \"normal(std=no_field)\"\n";
    FAILS(INVALID_MODEL, fanin_plan_open(made, FANIN_PLAN_SOURCE_CONFIG, config, &options, &error));
    CHECK(says("rules:3: "));
    memset(&later, 0, sizeof later);
    later.known = fanin_plan_options_default();
    later.known.struct_size = sizeof later;
    FINE(fanin_plan_open(&plan, source, recipe, &later.known, &error));
    fanin_plan_close(plan);
    later.tail[15] = 1;
    FAILS(INVALID_OPTIONS, fanin_plan_open(made, source, recipe, &later.known, &error));
    options = fanin_plan_options_default();
    options.struct_size = sizeof(size_t); /* the options of an older version, without the fields of this one */
    options.has_seed = 99;
    FINE(fanin_plan_open(&plan, source, recipe, &options, &error));
    CHECK(fanin_plan_seed(plan) == 7);
    fanin_plan_close(plan);
    options = fanin_plan_options_default();
    options.has_seed = 1;
    options.seed = UINT64_MAX;
    FINE(fanin_plan_open(&plan, source, recipe, &options, NULL));
    CHECK(fanin_plan_seed(plan) == UINT64_MAX);
    fanin_plan_close(plan);
    fanin_plan_close(NULL);
}

/* The arguments of every function of an open plan. */
static void using_one(void)
{
    fanin_parameter *const parameter = (fanin_parameter *)base();
    size_t *const index = (size_t *)base();
    char *const text = (char *)base();
    void *const dst = base(), *const skew = misaligned();
    const fanin_dtype f32 = FANIN_DTYPE_F32;
    const size_t zeros[2] = {0, 0}, sizes[2] = {2, 3}, beyond[2] = {23, 6}, none[2] = {0, 3}, max[2] = {SIZE_MAX, 1}, three_by_two[2] = {3, 2};
    fanin_options options = fanin_options_default();
    fanin_plan *plan;
    fanin_plan *const odd = (fanin_plan *)misaligned();
    fanin_parameter found;
    size_t at;

    FINE(fanin_plan_open(&plan, FANIN_PLAN_SOURCE_RECIPE, recipe, NULL, &error));
    CHECK(error.status == FANIN_STATUS_OK && error.length == 0);
    CHECK(fanin_plan_len(plan) == 5 && fanin_plan_len(NULL) == 0);
    CHECK(fanin_plan_elements(plan) == 4 * 192 + 8 && fanin_plan_elements(NULL) == 0);
    CHECK(fanin_plan_bytes(plan) == 2 * 192 * 4 + 2 * 192 * 2 + 8 * 4 && fanin_plan_bytes(NULL) == 0);
    CHECK(fanin_plan_seed(plan) == 7 && fanin_plan_seed(NULL) == 0);

    FAILS(NULL_POINTER, fanin_plan_digest(NULL, 256, plan, &error));
    FAILS(NULL_POINTER, fanin_plan_digest(text, 256, NULL, &error));
    FAILS(MISALIGNED, fanin_plan_digest(text, 256, odd, &error));
    FAILS(INVALID_LENGTH, fanin_plan_digest(text, 35, plan, &error));
    FINE(fanin_plan_digest(text, 36, plan, &error));
    CHECK(strlen(text) == 35 && strncmp(text, "v1-", 3) == 0);

    FAILS(NULL_POINTER, fanin_plan_find(NULL, plan, "norm", &error));
    FAILS(NULL_POINTER, fanin_plan_find(index, NULL, "norm", &error));
    FAILS(NULL_POINTER, fanin_plan_find(index, plan, NULL, &error));
    FAILS(MISALIGNED, fanin_plan_find((size_t *)misaligned(), plan, "norm", &error));
    FAILS(MISALIGNED, fanin_plan_find(index, odd, "norm", &error));
    FAILS(INVALID_TEXT, fanin_plan_find(index, plan, not_utf8, &error));
    FAILS(UNKNOWN_PARAMETER, fanin_plan_find(index, plan, "", &error));
    FAILS(UNKNOWN_PARAMETER, fanin_plan_find(index, plan, "h.0.out.weight.of.another.model", &error));
    FAILS(UNKNOWN_PARAMETER, fanin_plan_find(index, plan, "h.0.qvk", &error));
    CHECK(says("did you mean `h.0.qkv`"));
    FINE(fanin_plan_find(&at, plan, "norm", &error));
    CHECK(at == 4);

    FAILS(NULL_POINTER, fanin_plan_parameter(NULL, plan, 0, &error));
    FAILS(NULL_POINTER, fanin_plan_parameter(parameter, NULL, 0, &error));
    FAILS(MISALIGNED, fanin_plan_parameter((fanin_parameter *)misaligned(), plan, 0, &error));
    FAILS(MISALIGNED, fanin_plan_parameter(parameter, odd, 0, &error));
    FAILS(UNKNOWN_PARAMETER, fanin_plan_parameter(parameter, plan, 5, &error));
    FAILS(UNKNOWN_PARAMETER, fanin_plan_parameter(parameter, plan, SIZE_MAX, &error));
    FINE(fanin_plan_parameter(&found, plan, 2, NULL));
    CHECK(found.reserved == 0 && found.ndim == 2 && found.shape[0] == 8 && found.shape[1] == 24);
    CHECK(found.scheme != NULL && found.dtype == FANIN_DTYPE_BF16 && isnan(found.multipliers.residual));

    FAILS(NULL_POINTER, fanin_plan_fill(NULL, f32, 192, plan, 0, NULL, &error));
    FAILS(NULL_POINTER, fanin_plan_fill(dst, f32, 192, NULL, 0, NULL, &error));
    FAILS(MISALIGNED, fanin_plan_fill(skew, f32, 192, plan, 0, NULL, &error));
    FAILS(MISALIGNED, fanin_plan_fill(dst, f32, 192, odd, 0, NULL, &error));
    FAILS(UNKNOWN_PARAMETER, fanin_plan_fill(dst, f32, 192, plan, 5, NULL, &error));
    FAILS(INVALID_LENGTH, fanin_plan_fill(dst, f32, 191, plan, 0, NULL, &error));
    FAILS(INVALID_LENGTH, fanin_plan_fill(NULL, f32, 0, plan, 0, NULL, &error));
    FAILS(INVALID_LENGTH, fanin_plan_fill(dst, f32, SIZE_MAX, plan, 0, NULL, &error));
    FAILS(INVALID_CHOICE, fanin_plan_fill(dst, (fanin_dtype)0, 192, plan, 0, NULL, &error));
    options.struct_size = 0;
    FAILS(INVALID_OPTIONS, fanin_plan_fill(dst, f32, 192, plan, 0, &options, &error));
    FAILS(INVALID_OPTIONS, fanin_plan_fill_at(dst, f32, 1, 0, plan, 0, &options, &error));
    FAILS(INVALID_OPTIONS, fanin_plan_fill_shard(dst, f32, 6, zeros, sizes, 2, plan, 0, &options, &error));

    FINE(fanin_plan_fill_at(NULL, f32, 0, 0, plan, 0, NULL, &error));
    FINE(fanin_plan_fill_at(NULL, f32, 0, 192, plan, 2, NULL, &error));
    FAILS(NULL_POINTER, fanin_plan_fill_at(NULL, f32, 1, 0, plan, 0, NULL, &error));
    FAILS(NULL_POINTER, fanin_plan_fill_at(dst, f32, 1, 0, NULL, 0, NULL, &error));
    FAILS(MISALIGNED, fanin_plan_fill_at(skew, f32, 1, 0, plan, 0, NULL, &error));
    FAILS(UNKNOWN_PARAMETER, fanin_plan_fill_at(dst, f32, 1, 0, plan, 5, NULL, &error));
    FAILS(INVALID_LENGTH, fanin_plan_fill_at(dst, f32, 2, 191, plan, 0, NULL, &error));
    FAILS(INVALID_LENGTH, fanin_plan_fill_at(dst, f32, 2, 191, plan, 2, NULL, &error));
    FAILS(INVALID_LENGTH, fanin_plan_fill_at(dst, f32, SIZE_MAX, 0, plan, 0, NULL, &error));
    FAILS(OVERFLOW, fanin_plan_fill_at(dst, f32, 2, UINT64_MAX, plan, 0, NULL, &error));
    FAILS(INVALID_CHOICE, fanin_plan_fill_at(dst, (fanin_dtype)7, 1, 0, plan, 0, NULL, &error));

    for (at = 0; at < 3; at += 2) { /* packed, and not */
        FINE(fanin_plan_fill_shard(NULL, f32, 0, zeros, none, 2, plan, at, NULL, &error));
        FAILS(NULL_POINTER, fanin_plan_fill_shard(NULL, f32, 6, zeros, sizes, 2, plan, at, NULL, &error));
        FAILS(NULL_POINTER, fanin_plan_fill_shard(dst, f32, 6, NULL, sizes, 2, plan, at, NULL, &error));
        FAILS(NULL_POINTER, fanin_plan_fill_shard(dst, f32, 6, zeros, NULL, 2, plan, at, NULL, &error));
        FAILS(NULL_POINTER, fanin_plan_fill_shard(dst, f32, 6, zeros, sizes, 2, NULL, at, NULL, &error));
        FAILS(MISALIGNED, fanin_plan_fill_shard(skew, f32, 6, zeros, sizes, 2, plan, at, NULL, &error));
        FAILS(MISALIGNED, fanin_plan_fill_shard(dst, f32, 6, misaligned_sizes(), sizes, 2, plan, at, NULL, &error));
        FAILS(MISALIGNED, fanin_plan_fill_shard(dst, f32, 6, zeros, misaligned_sizes(), 2, plan, at, NULL, &error));
        FAILS(UNKNOWN_PARAMETER, fanin_plan_fill_shard(dst, f32, 6, zeros, sizes, 2, plan, 99, NULL, &error));
        FAILS(INVALID_LENGTH, fanin_plan_fill_shard(dst, f32, 5, zeros, sizes, 2, plan, at, NULL, &error));
        FAILS(INVALID_LENGTH, fanin_plan_fill_shard(dst, f32, SIZE_MAX, zeros, sizes, 2, plan, at, NULL, &error));
        FAILS(INVALID_SHARD, fanin_plan_fill_shard(dst, f32, 6, beyond, sizes, 2, plan, at, NULL, &error));
        FAILS(INVALID_SHARD, fanin_plan_fill_shard(dst, f32, 6, max, sizes, 2, plan, at, NULL, &error));
        FAILS(INVALID_SHARD, fanin_plan_fill_shard(dst, f32, 6, zeros, max, 2, plan, at, NULL, &error));
        FAILS(INVALID_SHARD, fanin_plan_fill_shard(dst, f32, 2, zeros, sizes, 1, plan, at, NULL, &error));
        FAILS(INVALID_SHARD, fanin_plan_fill_shard(dst, f32, 1, NULL, NULL, 0, plan, at, NULL, &error));
        FAILS(INVALID_SHAPE, fanin_plan_fill_shard(dst, f32, 6, zeros, sizes, 65, plan, at, NULL, &error));
        FAILS(INVALID_CHOICE, fanin_plan_fill_shard(dst, (fanin_dtype)0, 6, zeros, sizes, 2, plan, at, NULL, &error));
    }
    fanin_plan_close(plan);

    /* What the dtype of the buffer cannot represent is refused, packed or not, before a byte is written. */
    FINE(fanin_plan_open(&plan, FANIN_PLAN_SOURCE_RECIPE,
                         "[parameters]\na = [4, 2]\nb = [8]\n[[rule]]\nmatch = \"a\"\ninit = \"normal(0, 1e6)\"\n"
                         "blocks = { a = [\"x\", \"y\"] }\n[[rule]]\nmatch = \"b\"\ninit = \"constant(1e6)\"\n",
                         NULL, &error));
    for (at = 0; at < 2; at++) {
        FAILS(DTYPE_RANGE, fanin_plan_fill(dst, FANIN_DTYPE_F16, 8, plan, at, NULL, &error));
        FAILS(DTYPE_RANGE, fanin_plan_fill_at(dst, FANIN_DTYPE_F16, 3, 1, plan, at, NULL, &error));
        FINE(fanin_plan_fill(dst, FANIN_DTYPE_BF16, 8, plan, at, NULL, &error));
    }
    FAILS(DTYPE_RANGE, fanin_plan_fill_shard(dst, FANIN_DTYPE_F16, 6, zeros, three_by_two, 2, plan, 0, NULL, &error));
    fanin_plan_close(plan);
}

static void schemes(void)
{
    fanin_parametrization *const found = (fanin_parametrization *)base();
    const char *const mup = "mup(role=hidden, base_fan_in=4)";
    fanin_parametrization wide;
    FAILS(NULL_POINTER, fanin_scheme_resolve(NULL, shape, 2, "torch", mup, &error));
    FAILS(NULL_POINTER, fanin_scheme_resolve(found, NULL, 2, "torch", mup, &error));
    FAILS(NULL_POINTER, fanin_scheme_resolve(found, shape, 2, NULL, mup, &error));
    FAILS(NULL_POINTER, fanin_scheme_resolve(found, shape, 2, "torch", NULL, &error));
    FAILS(MISALIGNED, fanin_scheme_resolve((fanin_parametrization *)misaligned(), shape, 2, "torch", mup, &error));
    FAILS(MISALIGNED, fanin_scheme_resolve(found, misaligned_sizes(), 2, "torch", mup, &error));
    FAILS(INVALID_TEXT, fanin_scheme_resolve(found, shape, 2, "trch", mup, &error));
    FAILS(INVALID_TEXT, fanin_scheme_resolve(found, shape, 2, not_utf8, mup, &error));
    FAILS(INVALID_TEXT, fanin_scheme_resolve(found, shape, 2, "torch", "", &error));
    FAILS(INVALID_TEXT, fanin_scheme_resolve(found, shape, 2, "torch", not_utf8, &error));
    FAILS(INVALID_TEXT, fanin_scheme_resolve(found, shape, 2, "torch", "ones", &error));
    FAILS(INVALID_SHAPE, fanin_scheme_resolve(found, shape, SIZE_MAX, "torch", mup, &error));
    FAILS(INVALID_SHAPE, fanin_scheme_resolve(found, shape, 2, "packed(torch, blocks=3, axis=0)", mup, &error));
    FAILS(OVERFLOW, fanin_scheme_resolve(found, huge, 2, "torch", mup, &error));
    FINE(fanin_scheme_resolve(&wide, shape, 2, "torch", mup, NULL));
    CHECK(strcmp(wide.initializer, "normal(std=0.5)") == 0 && isnan(wide.multipliers.residual));
}

/* xorshift64. */
static uint64_t state = UINT64_C(0x9E3779B97F4A7C15);
static size_t below(size_t n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (size_t)(state % n);
}

/* Changes a text in up to four places: bytes, pieces of the grammar, repeats, deletions. */
static void mutate(char *text, size_t size, const char *original)
{
    static const char *const pieces[] = {"[[rule]]\n", "[parameters]\n", "\"\\u0000\"", "{0..9}", "{0..9999999999}",
        "= [", "]", "[", "{", "}", "(", ")", "\"", "'", "9223372036854775807", "-1", "0", "1e309", "nan", "*", "**", "\\d+",
        "(((((((((", "init = ", "scheme = ", "match = ", "blocks = { qkv = [] }\n", "axis = -9\n", "scale = 1e300\n",
        "optional = true\n", "dtype = \"f16\"\n", "orthogonal", "sparse(0.5)", "packed(torch, blocks=3, axis=0)", "\xCF\x83",
        "\xFF", "\n", "#", "null", ":", "h.0.qkv", "2**2**2", "n_layer*n_layer", "skip = [\"*\"]\n"};
    size_t changes = 1 + below(4);
    strncpy(text, original, size - 1);
    text[size - 1] = 0;
    while (changes-- > 0) {
        const size_t length = strlen(text), at = below(length + 1), rest = length - at;
        const char *const piece = pieces[below(sizeof pieces / sizeof *pieces)];
        size_t cut = below(rest + 1), room = strlen(piece);
        if (cut > 12) cut %= 12;
        switch (below(4)) {
        case 0:
            if (rest > 0) text[at] = (char)(1 + below(255));
            break;
        case 1: memmove(text + at, text + at + cut, rest - cut + 1); break;
        case 2:
            if (length + room < size) {
                memmove(text + at + room, text + at, rest + 1);
                memcpy(text + at, piece, room);
            }
            break;
        default: /* a line again, elsewhere */
            room = cut * 4 < rest ? cut * 4 : rest;
            if (length + room < size) {
                memmove(text + at + room, text + at, rest + 1);
            }
        }
    }
}

static void mutations(const char *original, fanin_plan_source source, int count, int *fine)
{
    static char text[4096];
    static float values[1024];
    int number;
    for (number = 0; number < count; number++) {
        fanin_plan *plan = NULL;
        size_t index;
        fanin_status status;
        mutate(text, sizeof text, original);
        status = fanin_plan_open(&plan, source, text, NULL, &error);
        CHECK(status == error.status && status != FANIN_STATUS_PANIC);
        CHECK((status == FANIN_STATUS_OK) == (plan != NULL));
        if (plan == NULL) {
            CHECK(error.length > 10);
            continue;
        }
        *fine += 1;
        for (index = 0; index < fanin_plan_len(plan) && index < 40; index++) {
            fanin_parameter found;
            size_t again;
            FINE(fanin_plan_parameter(&found, plan, index, NULL));
            FINE(fanin_plan_find(&again, plan, found.name, NULL));
            CHECK(again == index);
            if (found.elements <= 1024) {
                status = fanin_plan_fill(values, FANIN_DTYPE_F32, found.elements, plan, index, NULL, &error);
                CHECK(status == FANIN_STATUS_OK || status == FANIN_STATUS_DTYPE_RANGE);
            }
        }
        fanin_plan_close(plan);
    }
}

int main(int argc, char **argv)
{
    const int count = argc > 1 && strcmp(argv[1], "few") == 0 ? 150 : 3000;
    int fine = 0;
    opening();
    using_one();
    schemes();
    mutations(recipe, FANIN_PLAN_SOURCE_RECIPE, count, &fine);
    mutations(config, FANIN_PLAN_SOURCE_CONFIG, count, &fine);
    printf("%d of %d mutated models are plans\n", fine, 2 * count);
    CHECK(fine > count / 50 && fine < 2 * count);
    return 0;
}
