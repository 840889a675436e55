/* NULL, zero, misaligned, overflowing and out-of-range arguments of every function (those of the element types
 * are in arguments_typed.c): each gives its status, and writes nothing. */

#include "arguments.h"

static fanin_error error;
static const char *const not_utf8 = "\xFF\xFE";

/* A call that is refused with this status, and tells it in `error`, in words. */
#define TOLD(outcome, call)                                                                                  \
    do {                                                                                                     \
        memset(&error, 0xA5, sizeof error);                                                                  \
        REFUSED(outcome, call);                                                                              \
        CHECK(error.status == FANIN_STATUS_##outcome);                                                       \
        CHECK(error.length > 10 && error.length + 4 < sizeof error.message); /* not cut */                   \
        CHECK(strlen(error.message) == error.length);                                                        \
    } while (0)

static void by_dtype(fanin_dtype dtype)
{
    const fanin_distribution d = fanin_normal(0, 1);
    const fanin_layout torch = FANIN_LAYOUT_TORCH;
    void *const dst = base();
    void *const skew = askew();
    fanin_options options = fanin_options_default();
    struct {
        fanin_options known;
        unsigned char tail[16];
    } later;
    size_t i;

    FINE(fanin_fill(NULL, dtype, 0, d, good(), NULL, &error));
    FINE(fanin_fill(skew, dtype, 0, d, good(), NULL, &error));
    TOLD(NULL_POINTER, fanin_fill(NULL, dtype, 1, d, good(), NULL, &error));
    TOLD(MISALIGNED, fanin_fill(skew, dtype, 1, d, good(), NULL, &error));
    TOLD(OVERFLOW, fanin_fill(dst, dtype, SIZE_MAX, d, good(), NULL, &error));
    TOLD(INVALID_STREAM, fanin_fill(dst, dtype, 1, d, none(), NULL, &error));
    TOLD(INVALID_CHOICE, fanin_fill(dst, (fanin_dtype)0, 1, d, good(), NULL, &error));
    TOLD(INVALID_CHOICE, fanin_fill(dst, (fanin_dtype)UINT32_MAX, 1, d, good(), NULL, &error));
    TOLD(INVALID_DISTRIBUTION, fanin_fill(dst, dtype, 1, fanin_uniform(1, 0), good(), NULL, &error));
    TOLD(DTYPE_RANGE, fanin_fill(dst, dtype, 1, fanin_normal(0, 1.7e308), good(), NULL, &error));
    FINE(fanin_fill_at(NULL, dtype, 0, UINT64_MAX, d, good(), NULL, &error));
    TOLD(OVERFLOW, fanin_fill_at(dst, dtype, 2, UINT64_MAX, d, good(), NULL, &error));
    TOLD(NULL_POINTER, fanin_fill_at(NULL, dtype, 2, 0, d, good(), NULL, &error));
    TOLD(MISALIGNED, fanin_fill_at(skew, dtype, 2, 0, d, good(), NULL, &error));
    TOLD(OVERFLOW, fanin_fill_at(dst, dtype, SIZE_MAX, 0, d, good(), NULL, &error));
    TOLD(INVALID_STREAM, fanin_fill_at(dst, dtype, 2, 0, d, none(), NULL, &error));
    TOLD(INVALID_DISTRIBUTION, fanin_fill_at(dst, dtype, 1, 0, fanin_normal(0, -1), good(), NULL, &error));
    TOLD(INVALID_CHOICE, fanin_fill_at(dst, (fanin_dtype)5, 1, 0, d, good(), NULL, &error));
    TOLD(NULL_POINTER, fanin_fill_shard(NULL, dtype, 4, shape, origin, local, 2, d, good(), NULL, &error));
    TOLD(NULL_POINTER, fanin_fill_shard(dst, dtype, 4, NULL, origin, local, 2, d, good(), NULL, &error));
    FINE(fanin_fill_shard(NULL, dtype, 0, shape, origin, empty, 2, d, good(), NULL, &error));
    TOLD(NULL_POINTER, fanin_fill_shard(dst, dtype, 4, shape, NULL, local, 2, d, good(), NULL, &error));
    TOLD(NULL_POINTER, fanin_fill_shard(dst, dtype, 4, shape, origin, NULL, 2, d, good(), NULL, &error));
    TOLD(MISALIGNED, fanin_fill_shard(skew, dtype, 4, shape, origin, local, 2, d, good(), NULL, &error));
    TOLD(MISALIGNED, fanin_fill_shard(dst, dtype, 1, skewed(), origin, local, 2, d, good(), NULL, &error));
    TOLD(MISALIGNED, fanin_fill_shard(dst, dtype, 1, shape, skewed(), local, 2, d, good(), NULL, &error));
    TOLD(MISALIGNED, fanin_fill_shard(dst, dtype, 1, shape, origin, skewed(), 2, d, good(), NULL, &error));
    TOLD(INVALID_STREAM, fanin_fill_shard(dst, dtype, 4, shape, origin, local, 2, d, none(), NULL, &error));
    TOLD(OVERFLOW, fanin_fill_shard(dst, dtype, SIZE_MAX, shape, origin, local, 2, d, good(), NULL, &error));
    TOLD(INVALID_LENGTH, fanin_fill_shard(dst, dtype, 5, shape, origin, local, 2, d, good(), NULL, &error));
    TOLD(INVALID_SHARD, fanin_fill_shard(dst, dtype, 4, shape, outside, local, 2, d, good(), NULL, &error));
    TOLD(OVERFLOW, fanin_fill_shard(dst, dtype, 4, huge, origin, local, 2, d, good(), NULL, &error));
    TOLD(INVALID_CHOICE, fanin_fill_shard(dst, (fanin_dtype)5, 4, shape, origin, local, 2, d, good(), NULL, &error));
    TOLD(INVALID_SHAPE, fanin_fill_shard(dst, dtype, 4, shape, origin, local, 65, d, good(), NULL, &error));

    TOLD(NULL_POINTER, fanin_init(NULL, dtype, shape, 2, torch, "ones", good(), &error));
    TOLD(NULL_POINTER, fanin_init(dst, dtype, NULL, 2, torch, "ones", good(), &error));
    TOLD(NULL_POINTER, fanin_init(dst, dtype, shape, 2, torch, NULL, good(), &error));
    TOLD(MISALIGNED, fanin_init(skew, dtype, shape, 2, torch, "ones", good(), &error));
    TOLD(MISALIGNED, fanin_init(dst, dtype, skewed(), 2, torch, "ones", good(), &error));
    TOLD(INVALID_SHAPE, fanin_init(dst, dtype, shape, SIZE_MAX, torch, "ones", good(), &error));
    TOLD(INVALID_TEXT, fanin_init(dst, dtype, shape, 2, torch, "", good(), &error));
    TOLD(INVALID_TEXT, fanin_init(dst, dtype, shape, 2, torch, not_utf8, good(), &error));
    TOLD(INVALID_TEXT, fanin_init(dst, dtype, shape, 2, torch, "xavier_unifrom", good(), &error));
    CHECK(strstr(error.message, "xavier_uniform") != NULL);
    TOLD(INVALID_TEXT, fanin_init(dst, dtype, shape, 2, torch, "normal(0, -1)", good(), &error));
    TOLD(INVALID_SHAPE, fanin_init(dst, dtype, one_axis, 1, torch, "he_normal", good(), &error));
    TOLD(INVALID_SHAPE, fanin_init(dst, dtype, empty, 2, torch, "he_normal", good(), &error));
    TOLD(INVALID_SHAPE, fanin_init(dst, dtype, shape, 2, torch, "dirac", good(), &error));
    TOLD(INVALID_CHOICE, fanin_init(dst, dtype, shape, 2, (fanin_layout)0, "ones", good(), &error));
    TOLD(INVALID_CHOICE, fanin_init(dst, (fanin_dtype)7, shape, 2, torch, "ones", good(), &error));
    TOLD(INVALID_STREAM, fanin_init(dst, dtype, shape, 2, torch, "ones", none(), &error));
    TOLD(OVERFLOW, fanin_init(dst, dtype, huge, 2, torch, "ones", good(), &error));
    FINE(fanin_init(NULL, dtype, empty, 2, torch, "zeros", good(), &error));
    CHECK(error.status == FANIN_STATUS_OK && error.length == 0 && error.message[0] == 0);

    TOLD(NULL_POINTER, fanin_init_with(dst, dtype, shape, 2, NULL, "ones", good(), NULL, &error));
    TOLD(NULL_POINTER, fanin_init_with(dst, dtype, shape, 2, "torch", NULL, good(), NULL, &error));
    TOLD(NULL_POINTER, fanin_init_with(NULL, dtype, shape, 2, "torch", "ones", good(), NULL, &error));
    TOLD(MISALIGNED, fanin_init_with(skew, dtype, shape, 2, "torch", "ones", good(), NULL, &error));
    TOLD(INVALID_TEXT, fanin_init_with(dst, dtype, shape, 2, "pytorch", "ones", good(), NULL, &error));
    TOLD(INVALID_TEXT, fanin_init_with(dst, dtype, shape, 2, not_utf8, "ones", good(), NULL, &error));
    TOLD(INVALID_TEXT, fanin_init_with(dst, dtype, shape, 2, "torch", not_utf8, good(), NULL, &error));
    TOLD(INVALID_CHOICE, fanin_init_with(dst, (fanin_dtype)0, shape, 2, "torch", "ones", good(), NULL, &error));
    TOLD(NULL_POINTER, fanin_init_with(dst, dtype, NULL, 2, "torch", "ones", good(), NULL, &error));
    TOLD(MISALIGNED, fanin_init_with(dst, dtype, skewed(), 2, "torch", "ones", good(), NULL, &error));
    TOLD(INVALID_STREAM, fanin_init_with(dst, dtype, shape, 2, "torch", "ones", none(), NULL, &error));
    TOLD(OVERFLOW, fanin_init_with(dst, dtype, huge, 2, "torch", "ones", good(), NULL, &error));
    TOLD(INVALID_SHAPE, fanin_init_with(dst, dtype, shape, 65, "torch", "ones", good(), NULL, &error));
    TOLD(INVALID_SHAPE, fanin_init_with(dst, dtype, shape, 2, "torch", "delta_orthogonal", good(), NULL, &error));
    FINE(fanin_init_with(NULL, dtype, empty, 2, "torch", "ones", good(), NULL, &error));

    TOLD(NULL_POINTER,
         fanin_init_shard(NULL, dtype, 4, shape, origin, local, 2, "torch", "ones", good(), NULL, &error));
    TOLD(NULL_POINTER,
         fanin_init_shard(dst, dtype, 4, shape, NULL, local, 2, "torch", "ones", good(), NULL, &error));
    TOLD(NULL_POINTER,
         fanin_init_shard(dst, dtype, 4, NULL, origin, local, 2, "torch", "ones", good(), NULL, &error));
    TOLD(NULL_POINTER,
         fanin_init_shard(dst, dtype, 4, shape, origin, NULL, 2, "torch", "ones", good(), NULL, &error));
    TOLD(NULL_POINTER, fanin_init_shard(dst, dtype, 4, shape, origin, local, 2, NULL, "ones", good(), NULL, &error));
    TOLD(MISALIGNED,
         fanin_init_shard(dst, dtype, 1, skewed(), origin, local, 2, "torch", "ones", good(), NULL, &error));
    TOLD(MISALIGNED,
         fanin_init_shard(dst, dtype, 1, shape, skewed(), local, 2, "torch", "ones", good(), NULL, &error));
    TOLD(MISALIGNED,
         fanin_init_shard(dst, dtype, 1, shape, origin, skewed(), 2, "torch", "ones", good(), NULL, &error));
    TOLD(INVALID_STREAM,
         fanin_init_shard(dst, dtype, 4, shape, origin, local, 2, "torch", "ones", none(), NULL, &error));
    TOLD(OVERFLOW, fanin_init_shard(dst, dtype, 4, huge, origin, local, 2, "torch", "ones", good(), NULL, &error));
    TOLD(INVALID_SHAPE,
         fanin_init_shard(dst, dtype, 4, shape, origin, local, 65, "torch", "ones", good(), NULL, &error));
    TOLD(INVALID_TEXT,
         fanin_init_shard(dst, dtype, 4, shape, origin, local, 2, "torch", "onse", good(), NULL, &error));
    FINE(fanin_init_shard(NULL, dtype, 0, shape, origin, empty, 2, "torch", "ones", good(), NULL, &error));
    TOLD(MISALIGNED,
         fanin_init_shard(skew, dtype, 4, shape, origin, local, 2, "torch", "ones", good(), NULL, &error));
    TOLD(INVALID_LENGTH,
         fanin_init_shard(dst, dtype, 3, shape, origin, local, 2, "torch", "orthogonal", good(), NULL, &error));
    TOLD(INVALID_SHARD,
         fanin_init_shard(dst, dtype, 4, shape, outside, local, 2, "torch", "ones", good(), NULL, &error));
    TOLD(INVALID_TEXT, fanin_init_shard(dst, dtype, 4, shape, origin, local, 2, "", "ones", good(), NULL, &error));
    TOLD(NULL_POINTER, fanin_init_shard(dst, dtype, 4, shape, origin, local, 2, "jax", NULL, good(), NULL, &error));
    TOLD(INVALID_CHOICE,
         fanin_init_shard(dst, (fanin_dtype)0, 4, shape, origin, local, 2, "jax", "ones", good(), NULL, &error));

    /* Options. */
    options.struct_size = 0;
    TOLD(INVALID_OPTIONS, fanin_fill(dst, dtype, 1, d, good(), &options, &error));
    options.struct_size = SIZE_MAX;
    TOLD(INVALID_OPTIONS, fanin_init_with(dst, dtype, shape, 2, "torch", "ones", good(), &options, &error));
    options = fanin_options_default();
    options.threads = FANIN_MAX_THREADS + 1;
    TOLD(INVALID_OPTIONS, fanin_fill_at(dst, dtype, 1, 0, d, good(), &options, &error));
    options.threads = 1;
    options.level = (fanin_level)17;
    TOLD(INVALID_CHOICE, fanin_fill_shard(dst, dtype, 4, shape, origin, local, 2, d, good(), &options, &error));
    TOLD(INVALID_CHOICE,
         fanin_init_shard(dst, dtype, 4, shape, origin, local, 2, "jax", "ones", good(), &options, &error));
    TOLD(MISALIGNED,
         fanin_fill(dst, dtype, 1, d, good(), (const fanin_options *)(const void *)skewed(), &error));
    memset(&later, 0, sizeof later);
    later.known = fanin_options_default();
    later.known.struct_size = sizeof later;
    FINE(fanin_fill(dst, dtype, 1, d, good(), &later.known, &error));
    later.tail[15] = 1;
    TOLD(INVALID_OPTIONS, fanin_fill(dst, dtype, 1, d, good(), &later.known, &error));
    options = fanin_options_default();
    options.struct_size = sizeof(size_t); /* an older version's, with no field known here */
    options.threads = UINT32_MAX;
    FINE(fanin_fill(dst, dtype, 1, d, good(), &options, &error));
    options = fanin_options_default();
    for (i = 0; i < 4; i++) {
        static const fanin_level levels[4] = {FANIN_LEVEL_AUTO, FANIN_LEVEL_PORTABLE, FANIN_LEVEL_AVX2,
                                              FANIN_LEVEL_AVX512};
        options.level = levels[i];
        if (fanin_level_is_available(levels[i])) {
            FINE(fanin_fill(dst, dtype, 1, d, good(), &options, &error));
        } else {
            TOLD(LEVEL_UNAVAILABLE, fanin_fill(dst, dtype, 1, d, good(), &options, &error));
        }
    }

    /* An error that can't be written. */
    REFUSED(MISALIGNED, fanin_fill(dst, dtype, 1, d, good(), NULL, (fanin_error *)askew()));

    FINE(fanin_distribution_check(dtype, d, &error));
    TOLD(DTYPE_RANGE, fanin_distribution_check(dtype, fanin_normal(0, 1.7e308), &error));
    TOLD(INVALID_CHOICE, fanin_distribution_check((fanin_dtype)0, d, &error));
    TOLD(INVALID_DISTRIBUTION, fanin_distribution_check(dtype, fanin_normal((double)NAN, 1), &error));
}

static void texts_and_figures(void)
{
    fanin_distribution *const d = (fanin_distribution *)base();
    fanin_fans *const fans = (fanin_fans *)base();
    fanin_resolution *const found = (fanin_resolution *)base();
    double *const gain = (double *)base();
    char *const text = (char *)base();
    fanin_distribution odd = fanin_constant(1);

    TOLD(NULL_POINTER, fanin_distribution_parse(NULL, "normal", &error));
    TOLD(NULL_POINTER, fanin_distribution_parse(d, NULL, &error));
    TOLD(MISALIGNED, fanin_distribution_parse((fanin_distribution *)askew(), "normal", &error));
    TOLD(INVALID_TEXT, fanin_distribution_parse(d, "norml", &error));
    TOLD(INVALID_TEXT, fanin_distribution_parse(d, not_utf8, &error));
    TOLD(INVALID_INITIALIZER, fanin_distribution_parse(d, "xavier_normal", &error));
    TOLD(INVALID_INITIALIZER, fanin_distribution_parse(d, "eye", &error));

    TOLD(NULL_POINTER, fanin_distribution_text(NULL, 256, fanin_normal(0, 1), &error));
    TOLD(INVALID_LENGTH, fanin_distribution_text(NULL, 0, fanin_normal(0, 1), &error));
    TOLD(INVALID_LENGTH, fanin_distribution_text(text, 21, fanin_normal(0, 1), &error));
    FINE(fanin_distribution_text(text, 22, fanin_normal(0, 1), &error));
    CHECK(strcmp(text, "normal(mean=0, std=1)") == 0);
    TOLD(INVALID_DISTRIBUTION, fanin_distribution_text(text, 256, fanin_normal(0, -1), &error));
    odd.kind = (fanin_distribution_kind)0;
    TOLD(INVALID_CHOICE, fanin_distribution_text(text, 256, odd, &error));
    CHECK(isnan(fanin_distribution_mean(odd)) && isnan(fanin_distribution_std(odd)));
    CHECK(isnan(fanin_distribution_mean(fanin_uniform(2, 1))));
    CHECK(isnan(fanin_distribution_std(fanin_normal((double)INFINITY, 1))));

    TOLD(NULL_POINTER, fanin_initializer_text(NULL, 256, fanin_xavier_uniform(2), &error));
    TOLD(INVALID_LENGTH, fanin_initializer_text(text, 3, fanin_xavier_uniform(2), &error));
    TOLD(INVALID_CHOICE,
         fanin_initializer_text(text, 256, fanin_kaiming_normal(0, (fanin_mode)9, FANIN_NONLINEARITY_RELU), &error));
    FINE(fanin_initializer_text(text, 256, fanin_xavier_uniform(2), &error));
    CHECK(strcmp(text, "xavier_uniform(gain=2)") == 0);

    TOLD(NULL_POINTER, fanin_fans_of(NULL, shape, 2, "torch", &error));
    TOLD(NULL_POINTER, fanin_fans_of(fans, NULL, 2, "torch", &error));
    TOLD(NULL_POINTER, fanin_fans_of(fans, shape, 2, NULL, &error));
    TOLD(MISALIGNED, fanin_fans_of((fanin_fans *)askew(), shape, 2, "torch", &error));
    TOLD(MISALIGNED, fanin_fans_of(fans, skewed(), 2, "torch", &error));
    TOLD(INVALID_TEXT, fanin_fans_of(fans, shape, 2, "trch", &error));
    TOLD(INVALID_TEXT, fanin_fans_of(fans, shape, 2, not_utf8, &error));
    TOLD(INVALID_SHAPE, fanin_fans_of(fans, one_axis, 1, "torch", &error));
    TOLD(INVALID_SHAPE, fanin_fans_of(fans, shape, 100, "torch", &error));
    TOLD(OVERFLOW, fanin_fans_of(fans, huge, 2, "torch", &error));

    TOLD(NULL_POINTER, fanin_gain(NULL, "relu", 0, &error));
    TOLD(NULL_POINTER, fanin_gain(gain, NULL, 0, &error));
    TOLD(MISALIGNED, fanin_gain((double *)askew(), "relu", 0, &error));
    TOLD(INVALID_TEXT, fanin_gain(gain, "gelu", 0, &error));
    TOLD(INVALID_TEXT, fanin_gain(gain, "", 0, &error));
    TOLD(INVALID_TEXT, fanin_gain(gain, not_utf8, 0, &error));
    TOLD(INVALID_INITIALIZER, fanin_gain(gain, "leaky_relu", (double)NAN, &error));

    TOLD(NULL_POINTER, fanin_resolve(NULL, shape, 2, "torch", "ones", &error));
    TOLD(NULL_POINTER, fanin_resolve(found, NULL, 2, "torch", "ones", &error));
    TOLD(NULL_POINTER, fanin_resolve(found, shape, 2, NULL, "ones", &error));
    TOLD(NULL_POINTER, fanin_resolve(found, shape, 2, "torch", NULL, &error));
    TOLD(MISALIGNED, fanin_resolve((fanin_resolution *)askew(), shape, 2, "torch", "ones", &error));
    TOLD(MISALIGNED, fanin_resolve(found, skewed(), 2, "torch", "ones", &error));
    TOLD(INVALID_TEXT, fanin_resolve(found, shape, 2, "torch", "twos", &error));
    TOLD(INVALID_TEXT, fanin_resolve(found, shape, 2, not_utf8, "ones", &error));
    TOLD(INVALID_SHAPE, fanin_resolve(found, shape, SIZE_MAX, "torch", "ones", &error));
    TOLD(INVALID_SHAPE, fanin_resolve(found, one_axis, 1, "torch", "lecun_normal", &error));
    TOLD(OVERFLOW, fanin_resolve(found, huge, 2, "torch", "ones", &error));
}

/* What makes a struct takes any number: only its use is refused. */
static void makers(void)
{
    const double odd[4] = {(double)NAN, (double)INFINITY, (double)-INFINITY, 0};
    const fanin_mode mode = (fanin_mode)UINT32_MAX;
    int i;
    for (i = 0; i < 4; i++) {
        const double x = odd[i];
        const fanin_distribution laws[4] = {fanin_constant(x), fanin_uniform(x, -x), fanin_normal(x, -1),
                                            fanin_truncated_normal(x, x, x, x)};
        const fanin_initializer schemes[6] = {
            fanin_kaiming_uniform(x, mode, FANIN_NONLINEARITY_RELU),
            fanin_kaiming_normal(x, mode, FANIN_NONLINEARITY_RELU),
            fanin_variance_scaling(x, mode, FANIN_FAMILY_NORMAL),
            fanin_xavier_normal(x - 1),
            fanin_orthogonal(x - 1),
            fanin_eye((double)NAN)};
        const fanin_initializer plain = i % 2 == 0 ? fanin_lecun_uniform() : fanin_lecun_normal();
        int number;
        for (number = 0; number < 4; number++) {
            const fanin_status status = fanin_fill_f64((double *)base(), 1, laws[number], good());
            CHECK(status == (i == 3 && number < 2 ? FANIN_STATUS_OK : FANIN_STATUS_INVALID_DISTRIBUTION));
        }
        for (number = 0; number < 6; number++) {
            soil();
            CHECK(fanin_init_f64((double *)base(), shape, 2, FANIN_LAYOUT_TORCH, schemes[number], good()) != FANIN_STATUS_OK);
            CHECK(untouched());
        }
        FINE(fanin_init_f64((double *)base(), shape, 2, FANIN_LAYOUT_TORCH, plain, good()));
    }
}

static int is(fanin_stream a, fanin_stream b) { return a.k0 == b.k0 && a.k1 == b.k1; }

static void the_rest(void)
{
    fanin_buffer **const buffer = (fanin_buffer **)base();
    fanin_level *const level = (fanin_level *)base();
    uint32_t status;
    int known = 0;

    /* A stream that can't be made is none, and so are its children. */
    CHECK(is(fanin_stream_child(good(), NULL), none()) && is(fanin_stream_child(good(), not_utf8), none()));
    CHECK(is(fanin_stream_child(none(), "a"), none()) && is(fanin_stream_child_index(none(), 1), none()));
    CHECK(is(fanin_stream_child_n(good(), NULL, 1), none()) && is(fanin_stream_child_n(none(), "a", 1), none()));
    CHECK(is(fanin_stream_child_n(good(), "a", SIZE_MAX), none()));
    CHECK(is(fanin_stream_child_n(good(), NULL, 0), fanin_stream_child(good(), "")));
    CHECK(!is(good(), none()));

    TOLD(NULL_POINTER, fanin_buffer_new(NULL, FANIN_DTYPE_F32, 8, &error));
    TOLD(MISALIGNED, fanin_buffer_new((fanin_buffer **)askew(), FANIN_DTYPE_F32, 8, &error));
    TOLD(INVALID_CHOICE, fanin_buffer_new(buffer, (fanin_dtype)0, 8, &error));
    TOLD(NO_MEMORY, fanin_buffer_new(buffer, FANIN_DTYPE_F64, SIZE_MAX, &error));
    TOLD(NO_MEMORY, fanin_buffer_new(buffer, FANIN_DTYPE_F64, SIZE_MAX / 32, &error));
    CHECK(fanin_buffer_data(NULL) == NULL && fanin_buffer_len(NULL) == 0);
    fanin_buffer_free(NULL);
    for (status = 1; status <= 4; status++) { /* every dtype */
        fanin_buffer *made;
        const unsigned char *bytes;
        size_t len = 1500000, i;
        FINE(fanin_buffer_new(&made, (fanin_dtype)status, len, &error));
        CHECK(fanin_buffer_len(made) == len && (uintptr_t)fanin_buffer_data(made) % 64 == 0);
        bytes = (const unsigned char *)fanin_buffer_data(made);
        for (i = 0; i < len * fanin_dtype_size((fanin_dtype)status); i += 997) CHECK(bytes[i] == 0);
        FINE(fanin_fill(fanin_buffer_data(made), (fanin_dtype)status, len, fanin_normal(0, 1), good(), NULL, NULL));
        CHECK(bytes[0] != 0 || bytes[1] != 0);
        fanin_buffer_free(made);
        FINE(fanin_buffer_new(&made, (fanin_dtype)status, 0, NULL));
        CHECK(fanin_buffer_len(made) == 0);
        fanin_buffer_free(made);
    }

    TOLD(NULL_POINTER, fanin_level_active(NULL, &error));
    TOLD(MISALIGNED, fanin_level_active((fanin_level *)askew(), &error));
    FINE(fanin_level_active(level, &error));
    CHECK(*level != FANIN_LEVEL_AUTO && fanin_level_is_available(*level));
    CHECK(fanin_level_is_available(FANIN_LEVEL_AUTO) && fanin_level_is_available(FANIN_LEVEL_PORTABLE));
    CHECK(!fanin_level_is_available((fanin_level)99));
    CHECK(strcmp(fanin_level_name(FANIN_LEVEL_AVX512), "avx512") == 0);
    CHECK(strcmp(fanin_level_name((fanin_level)99), "unknown") == 0);

    CHECK(strlen(fanin_version()) >= 5 && fanin_value_format() >= 1);

    CHECK(fanin_dtype_size(FANIN_DTYPE_F32) == 4 && fanin_dtype_size(FANIN_DTYPE_F64) == 8);
    CHECK(fanin_dtype_size(FANIN_DTYPE_BF16) == 2 && fanin_dtype_size(FANIN_DTYPE_F16) == 2);
    CHECK(fanin_dtype_size((fanin_dtype)0) == 0 && fanin_dtype_size((fanin_dtype)5) == 0);

    for (status = 0; status < 100; status++) {
        const char *words = fanin_status_string((fanin_status)status);
        CHECK(words != NULL && strlen(words) > 1);
        known += strcmp(words, "no status of this version") != 0;
    }
    CHECK(known == 19);
    CHECK(strcmp(fanin_status_string(FANIN_STATUS_OK), "ok") == 0);
    CHECK(strcmp(fanin_status_string((fanin_status)UINT32_MAX), "no status of this version") == 0);
}

int main(void)
{
    by_dtype(FANIN_DTYPE_F32);
    by_dtype(FANIN_DTYPE_F64);
    by_dtype(FANIN_DTYPE_BF16);
    by_dtype(FANIN_DTYPE_F16);
    makers();
    texts_and_figures();
    the_rest();
    return 0;
}
