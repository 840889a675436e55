/* NULL, zero, misaligned, overflowing and out-of-range arguments of every function (those of the element types
 * are in arguments_typed.c): each returns its status and writes nothing. */

#include "arguments.h"

static fanin_error error;
static const char *const not_utf8 = "\xFF\xFE";

/* Checks that a call is refused with this status, also in `error`, with a message. */
#define FAILS(expected, call)                                                                                \
    do {                                                                                                     \
        memset(&error, 0xA5, sizeof error);                                                                  \
        REFUSED(expected, call);                                                                             \
        CHECK(error.status == FANIN_STATUS_##expected);                                                      \
        CHECK(error.length > 10 && error.length + 4 < sizeof error.message); /* not truncated */             \
        CHECK(strlen(error.message) == error.length);                                                        \
    } while (0)

static void by_dtype(fanin_dtype dtype)
{
    const fanin_distribution d = fanin_normal(0, 1);
    const fanin_layout torch = FANIN_LAYOUT_TORCH;
    void *const dst = base();
    void *const skew = misaligned();
    fanin_options options = fanin_options_default();
    struct {
        fanin_options known;
        unsigned char tail[16];
    } later;
    size_t i;

    FINE(fanin_fill(NULL, dtype, 0, d, valid(), NULL, &error));
    FINE(fanin_fill(skew, dtype, 0, d, valid(), NULL, &error));
    FAILS(NULL_POINTER, fanin_fill(NULL, dtype, 1, d, valid(), NULL, &error));
    FAILS(MISALIGNED, fanin_fill(skew, dtype, 1, d, valid(), NULL, &error));
    FAILS(OVERFLOW, fanin_fill(dst, dtype, SIZE_MAX, d, valid(), NULL, &error));
    FAILS(INVALID_STREAM, fanin_fill(dst, dtype, 1, d, invalid(), NULL, &error));
    FAILS(INVALID_CHOICE, fanin_fill(dst, (fanin_dtype)0, 1, d, valid(), NULL, &error));
    FAILS(INVALID_CHOICE, fanin_fill(dst, (fanin_dtype)UINT32_MAX, 1, d, valid(), NULL, &error));
    FAILS(INVALID_DISTRIBUTION, fanin_fill(dst, dtype, 1, fanin_uniform(1, 0), valid(), NULL, &error));
    FAILS(DTYPE_RANGE, fanin_fill(dst, dtype, 1, fanin_normal(0, 1.7e308), valid(), NULL, &error));
    FINE(fanin_fill_at(NULL, dtype, 0, UINT64_MAX, d, valid(), NULL, &error));
    FAILS(OVERFLOW, fanin_fill_at(dst, dtype, 2, UINT64_MAX, d, valid(), NULL, &error));
    FAILS(NULL_POINTER, fanin_fill_at(NULL, dtype, 2, 0, d, valid(), NULL, &error));
    FAILS(MISALIGNED, fanin_fill_at(skew, dtype, 2, 0, d, valid(), NULL, &error));
    FAILS(OVERFLOW, fanin_fill_at(dst, dtype, SIZE_MAX, 0, d, valid(), NULL, &error));
    FAILS(INVALID_STREAM, fanin_fill_at(dst, dtype, 2, 0, d, invalid(), NULL, &error));
    FAILS(INVALID_DISTRIBUTION, fanin_fill_at(dst, dtype, 1, 0, fanin_normal(0, -1), valid(), NULL, &error));
    FAILS(INVALID_CHOICE, fanin_fill_at(dst, (fanin_dtype)5, 1, 0, d, valid(), NULL, &error));
    FAILS(NULL_POINTER, fanin_fill_shard(NULL, dtype, 4, shape, origin, local, 2, d, valid(), NULL, &error));
    FAILS(NULL_POINTER, fanin_fill_shard(dst, dtype, 4, NULL, origin, local, 2, d, valid(), NULL, &error));
    FINE(fanin_fill_shard(NULL, dtype, 0, shape, origin, empty, 2, d, valid(), NULL, &error));
    FAILS(NULL_POINTER, fanin_fill_shard(dst, dtype, 4, shape, NULL, local, 2, d, valid(), NULL, &error));
    FAILS(NULL_POINTER, fanin_fill_shard(dst, dtype, 4, shape, origin, NULL, 2, d, valid(), NULL, &error));
    FAILS(MISALIGNED, fanin_fill_shard(skew, dtype, 4, shape, origin, local, 2, d, valid(), NULL, &error));
    FAILS(MISALIGNED, fanin_fill_shard(dst, dtype, 1, misaligned_sizes(), origin, local, 2, d, valid(), NULL, &error));
    FAILS(MISALIGNED, fanin_fill_shard(dst, dtype, 1, shape, misaligned_sizes(), local, 2, d, valid(), NULL, &error));
    FAILS(MISALIGNED, fanin_fill_shard(dst, dtype, 1, shape, origin, misaligned_sizes(), 2, d, valid(), NULL, &error));
    FAILS(INVALID_STREAM, fanin_fill_shard(dst, dtype, 4, shape, origin, local, 2, d, invalid(), NULL, &error));
    FAILS(OVERFLOW, fanin_fill_shard(dst, dtype, SIZE_MAX, shape, origin, local, 2, d, valid(), NULL, &error));
    FAILS(INVALID_LENGTH, fanin_fill_shard(dst, dtype, 5, shape, origin, local, 2, d, valid(), NULL, &error));
    FAILS(INVALID_SHARD, fanin_fill_shard(dst, dtype, 4, shape, outside, local, 2, d, valid(), NULL, &error));
    FAILS(OVERFLOW, fanin_fill_shard(dst, dtype, 4, huge, origin, local, 2, d, valid(), NULL, &error));
    FAILS(INVALID_CHOICE, fanin_fill_shard(dst, (fanin_dtype)5, 4, shape, origin, local, 2, d, valid(), NULL, &error));
    FAILS(INVALID_SHAPE, fanin_fill_shard(dst, dtype, 4, shape, origin, local, 65, d, valid(), NULL, &error));

    FAILS(NULL_POINTER, fanin_init(NULL, dtype, shape, 2, torch, "ones", valid(), &error));
    FAILS(NULL_POINTER, fanin_init(dst, dtype, NULL, 2, torch, "ones", valid(), &error));
    FAILS(NULL_POINTER, fanin_init(dst, dtype, shape, 2, torch, NULL, valid(), &error));
    FAILS(MISALIGNED, fanin_init(skew, dtype, shape, 2, torch, "ones", valid(), &error));
    FAILS(MISALIGNED, fanin_init(dst, dtype, misaligned_sizes(), 2, torch, "ones", valid(), &error));
    FAILS(INVALID_SHAPE, fanin_init(dst, dtype, shape, SIZE_MAX, torch, "ones", valid(), &error));
    FAILS(INVALID_TEXT, fanin_init(dst, dtype, shape, 2, torch, "", valid(), &error));
    FAILS(INVALID_TEXT, fanin_init(dst, dtype, shape, 2, torch, not_utf8, valid(), &error));
    FAILS(INVALID_TEXT, fanin_init(dst, dtype, shape, 2, torch, "xavier_unifrom", valid(), &error));
    CHECK(strstr(error.message, "xavier_uniform") != NULL);
    FAILS(INVALID_TEXT, fanin_init(dst, dtype, shape, 2, torch, "normal(0, -1)", valid(), &error));
    FAILS(INVALID_SHAPE, fanin_init(dst, dtype, one_axis, 1, torch, "he_normal", valid(), &error));
    FAILS(INVALID_SHAPE, fanin_init(dst, dtype, empty, 2, torch, "he_normal", valid(), &error));
    FAILS(INVALID_SHAPE, fanin_init(dst, dtype, shape, 2, torch, "dirac", valid(), &error));
    FAILS(INVALID_CHOICE, fanin_init(dst, dtype, shape, 2, (fanin_layout)0, "ones", valid(), &error));
    FAILS(INVALID_CHOICE, fanin_init(dst, (fanin_dtype)7, shape, 2, torch, "ones", valid(), &error));
    FAILS(INVALID_STREAM, fanin_init(dst, dtype, shape, 2, torch, "ones", invalid(), &error));
    FAILS(OVERFLOW, fanin_init(dst, dtype, huge, 2, torch, "ones", valid(), &error));
    FINE(fanin_init(NULL, dtype, empty, 2, torch, "zeros", valid(), &error));
    CHECK(error.status == FANIN_STATUS_OK && error.length == 0 && error.message[0] == 0);

    FAILS(NULL_POINTER, fanin_init_with(dst, dtype, shape, 2, NULL, "ones", valid(), NULL, &error));
    FAILS(NULL_POINTER, fanin_init_with(dst, dtype, shape, 2, "torch", NULL, valid(), NULL, &error));
    FAILS(NULL_POINTER, fanin_init_with(NULL, dtype, shape, 2, "torch", "ones", valid(), NULL, &error));
    FAILS(MISALIGNED, fanin_init_with(skew, dtype, shape, 2, "torch", "ones", valid(), NULL, &error));
    FAILS(INVALID_TEXT, fanin_init_with(dst, dtype, shape, 2, "pytorch", "ones", valid(), NULL, &error));
    FAILS(INVALID_TEXT, fanin_init_with(dst, dtype, shape, 2, not_utf8, "ones", valid(), NULL, &error));
    FAILS(INVALID_TEXT, fanin_init_with(dst, dtype, shape, 2, "torch", not_utf8, valid(), NULL, &error));
    FAILS(INVALID_CHOICE, fanin_init_with(dst, (fanin_dtype)0, shape, 2, "torch", "ones", valid(), NULL, &error));
    FAILS(NULL_POINTER, fanin_init_with(dst, dtype, NULL, 2, "torch", "ones", valid(), NULL, &error));
    FAILS(MISALIGNED, fanin_init_with(dst, dtype, misaligned_sizes(), 2, "torch", "ones", valid(), NULL, &error));
    FAILS(INVALID_STREAM, fanin_init_with(dst, dtype, shape, 2, "torch", "ones", invalid(), NULL, &error));
    FAILS(OVERFLOW, fanin_init_with(dst, dtype, huge, 2, "torch", "ones", valid(), NULL, &error));
    FAILS(INVALID_SHAPE, fanin_init_with(dst, dtype, shape, 65, "torch", "ones", valid(), NULL, &error));
    FAILS(INVALID_SHAPE, fanin_init_with(dst, dtype, shape, 2, "torch", "delta_orthogonal", valid(), NULL, &error));
    FINE(fanin_init_with(NULL, dtype, empty, 2, "torch", "ones", valid(), NULL, &error));

    FAILS(NULL_POINTER,
          fanin_init_shard(NULL, dtype, 4, shape, origin, local, 2, "torch", "ones", valid(), NULL, &error));
    FAILS(NULL_POINTER,
          fanin_init_shard(dst, dtype, 4, shape, NULL, local, 2, "torch", "ones", valid(), NULL, &error));
    FAILS(NULL_POINTER,
          fanin_init_shard(dst, dtype, 4, NULL, origin, local, 2, "torch", "ones", valid(), NULL, &error));
    FAILS(NULL_POINTER,
          fanin_init_shard(dst, dtype, 4, shape, origin, NULL, 2, "torch", "ones", valid(), NULL, &error));
    FAILS(NULL_POINTER, fanin_init_shard(dst, dtype, 4, shape, origin, local, 2, NULL, "ones", valid(), NULL, &error));
    FAILS(MISALIGNED,
          fanin_init_shard(dst, dtype, 1, misaligned_sizes(), origin, local, 2, "torch", "ones", valid(), NULL, &error));
    FAILS(MISALIGNED,
          fanin_init_shard(dst, dtype, 1, shape, misaligned_sizes(), local, 2, "torch", "ones", valid(), NULL, &error));
    FAILS(MISALIGNED,
          fanin_init_shard(dst, dtype, 1, shape, origin, misaligned_sizes(), 2, "torch", "ones", valid(), NULL, &error));
    FAILS(INVALID_STREAM,
          fanin_init_shard(dst, dtype, 4, shape, origin, local, 2, "torch", "ones", invalid(), NULL, &error));
    FAILS(OVERFLOW, fanin_init_shard(dst, dtype, 4, huge, origin, local, 2, "torch", "ones", valid(), NULL, &error));
    FAILS(INVALID_SHAPE,
          fanin_init_shard(dst, dtype, 4, shape, origin, local, 65, "torch", "ones", valid(), NULL, &error));
    FAILS(INVALID_TEXT,
          fanin_init_shard(dst, dtype, 4, shape, origin, local, 2, "torch", "onse", valid(), NULL, &error));
    FINE(fanin_init_shard(NULL, dtype, 0, shape, origin, empty, 2, "torch", "ones", valid(), NULL, &error));
    FAILS(MISALIGNED,
          fanin_init_shard(skew, dtype, 4, shape, origin, local, 2, "torch", "ones", valid(), NULL, &error));
    FAILS(INVALID_LENGTH,
          fanin_init_shard(dst, dtype, 3, shape, origin, local, 2, "torch", "orthogonal", valid(), NULL, &error));
    FAILS(INVALID_SHARD,
          fanin_init_shard(dst, dtype, 4, shape, outside, local, 2, "torch", "ones", valid(), NULL, &error));
    FAILS(INVALID_TEXT, fanin_init_shard(dst, dtype, 4, shape, origin, local, 2, "", "ones", valid(), NULL, &error));
    FAILS(NULL_POINTER, fanin_init_shard(dst, dtype, 4, shape, origin, local, 2, "jax", NULL, valid(), NULL, &error));
    FAILS(INVALID_CHOICE,
          fanin_init_shard(dst, (fanin_dtype)0, 4, shape, origin, local, 2, "jax", "ones", valid(), NULL, &error));

    /* Options. */
    options.struct_size = 0;
    FAILS(INVALID_OPTIONS, fanin_fill(dst, dtype, 1, d, valid(), &options, &error));
    options.struct_size = SIZE_MAX;
    FAILS(INVALID_OPTIONS, fanin_init_with(dst, dtype, shape, 2, "torch", "ones", valid(), &options, &error));
    options = fanin_options_default();
    options.threads = FANIN_MAX_THREADS + 1;
    FAILS(INVALID_OPTIONS, fanin_fill_at(dst, dtype, 1, 0, d, valid(), &options, &error));
    options.threads = 1;
    options.level = (fanin_level)17;
    FAILS(INVALID_CHOICE, fanin_fill_shard(dst, dtype, 4, shape, origin, local, 2, d, valid(), &options, &error));
    FAILS(INVALID_CHOICE,
          fanin_init_shard(dst, dtype, 4, shape, origin, local, 2, "jax", "ones", valid(), &options, &error));
    FAILS(MISALIGNED,
          fanin_fill(dst, dtype, 1, d, valid(), (const fanin_options *)(const void *)misaligned_sizes(), &error));
    memset(&later, 0, sizeof later);
    later.known = fanin_options_default();
    later.known.struct_size = sizeof later;
    FINE(fanin_fill(dst, dtype, 1, d, valid(), &later.known, &error));
    later.tail[15] = 1;
    FAILS(INVALID_OPTIONS, fanin_fill(dst, dtype, 1, d, valid(), &later.known, &error));
    options = fanin_options_default();
    options.struct_size = sizeof(size_t); /* the options of an older version, without the fields of this one */
    options.threads = UINT32_MAX;
    FINE(fanin_fill(dst, dtype, 1, d, valid(), &options, &error));
    options = fanin_options_default();
    FINE(fanin_fill(dst, dtype, 1, d, valid(), &options, &error));
    for (i = FANIN_LEVEL_PORTABLE; strcmp(fanin_level_name((fanin_level)i), "unknown") != 0; i++) {
        options.level = (fanin_level)i;
        if (fanin_level_is_available((fanin_level)i)) {
            FINE(fanin_fill(dst, dtype, 1, d, valid(), &options, &error));
        } else {
            FAILS(LEVEL_UNAVAILABLE, fanin_fill(dst, dtype, 1, d, valid(), &options, &error));
        }
    }

    /* An error that cannot be written. */
    REFUSED(MISALIGNED, fanin_fill(dst, dtype, 1, d, valid(), NULL, (fanin_error *)misaligned()));

    FINE(fanin_distribution_check(dtype, d, &error));
    FAILS(DTYPE_RANGE, fanin_distribution_check(dtype, fanin_normal(0, 1.7e308), &error));
    FAILS(INVALID_CHOICE, fanin_distribution_check((fanin_dtype)0, d, &error));
    FAILS(INVALID_DISTRIBUTION, fanin_distribution_check(dtype, fanin_normal((double)NAN, 1), &error));
}

static void texts_and_results(void)
{
    fanin_distribution *const d = (fanin_distribution *)base();
    fanin_fans *const fans = (fanin_fans *)base();
    fanin_resolution *const found = (fanin_resolution *)base();
    double *const gain = (double *)base();
    char *const text = (char *)base();
    fanin_distribution altered = fanin_constant(1);

    FAILS(NULL_POINTER, fanin_distribution_parse(NULL, "normal", &error));
    FAILS(NULL_POINTER, fanin_distribution_parse(d, NULL, &error));
    FAILS(MISALIGNED, fanin_distribution_parse((fanin_distribution *)misaligned(), "normal", &error));
    FAILS(INVALID_TEXT, fanin_distribution_parse(d, "norml", &error));
    FAILS(INVALID_TEXT, fanin_distribution_parse(d, not_utf8, &error));
    FAILS(INVALID_INITIALIZER, fanin_distribution_parse(d, "xavier_normal", &error));
    FAILS(INVALID_INITIALIZER, fanin_distribution_parse(d, "eye", &error));

    FAILS(NULL_POINTER, fanin_distribution_text(NULL, 256, fanin_normal(0, 1), &error));
    FAILS(INVALID_LENGTH, fanin_distribution_text(NULL, 0, fanin_normal(0, 1), &error));
    FAILS(INVALID_LENGTH, fanin_distribution_text(text, 21, fanin_normal(0, 1), &error));
    FINE(fanin_distribution_text(text, 22, fanin_normal(0, 1), &error));
    CHECK(strcmp(text, "normal(mean=0, std=1)") == 0);
    FAILS(INVALID_DISTRIBUTION, fanin_distribution_text(text, 256, fanin_normal(0, -1), &error));
    altered.kind = (fanin_distribution_kind)0;
    FAILS(INVALID_CHOICE, fanin_distribution_text(text, 256, altered, &error));
    CHECK(isnan(fanin_distribution_mean(altered)) && isnan(fanin_distribution_std(altered)));
    CHECK(isnan(fanin_distribution_mean(fanin_uniform(2, 1))));
    CHECK(isnan(fanin_distribution_std(fanin_normal((double)INFINITY, 1))));

    FAILS(NULL_POINTER, fanin_initializer_text(NULL, 256, fanin_xavier_uniform(2), &error));
    FAILS(INVALID_LENGTH, fanin_initializer_text(text, 3, fanin_xavier_uniform(2), &error));
    FAILS(INVALID_CHOICE,
          fanin_initializer_text(text, 256, fanin_kaiming_normal(0, (fanin_mode)9, FANIN_NONLINEARITY_RELU), &error));
    FINE(fanin_initializer_text(text, 256, fanin_xavier_uniform(2), &error));
    CHECK(strcmp(text, "xavier_uniform(gain=2)") == 0);

    FAILS(NULL_POINTER, fanin_fans_of(NULL, shape, 2, "torch", &error));
    FAILS(NULL_POINTER, fanin_fans_of(fans, NULL, 2, "torch", &error));
    FAILS(NULL_POINTER, fanin_fans_of(fans, shape, 2, NULL, &error));
    FAILS(MISALIGNED, fanin_fans_of((fanin_fans *)misaligned(), shape, 2, "torch", &error));
    FAILS(MISALIGNED, fanin_fans_of(fans, misaligned_sizes(), 2, "torch", &error));
    FAILS(INVALID_TEXT, fanin_fans_of(fans, shape, 2, "trch", &error));
    FAILS(INVALID_TEXT, fanin_fans_of(fans, shape, 2, not_utf8, &error));
    FAILS(INVALID_SHAPE, fanin_fans_of(fans, one_axis, 1, "torch", &error));
    FAILS(INVALID_SHAPE, fanin_fans_of(fans, shape, 100, "torch", &error));
    FAILS(OVERFLOW, fanin_fans_of(fans, huge, 2, "torch", &error));

    FAILS(NULL_POINTER, fanin_gain(NULL, "relu", 0, &error));
    FAILS(NULL_POINTER, fanin_gain(gain, NULL, 0, &error));
    FAILS(MISALIGNED, fanin_gain((double *)misaligned(), "relu", 0, &error));
    FAILS(INVALID_TEXT, fanin_gain(gain, "gelu", 0, &error));
    FAILS(INVALID_TEXT, fanin_gain(gain, "", 0, &error));
    FAILS(INVALID_TEXT, fanin_gain(gain, not_utf8, 0, &error));
    FAILS(INVALID_INITIALIZER, fanin_gain(gain, "leaky_relu", (double)NAN, &error));

    FAILS(NULL_POINTER, fanin_resolve(NULL, shape, 2, "torch", "ones", &error));
    FAILS(NULL_POINTER, fanin_resolve(found, NULL, 2, "torch", "ones", &error));
    FAILS(NULL_POINTER, fanin_resolve(found, shape, 2, NULL, "ones", &error));
    FAILS(NULL_POINTER, fanin_resolve(found, shape, 2, "torch", NULL, &error));
    FAILS(MISALIGNED, fanin_resolve((fanin_resolution *)misaligned(), shape, 2, "torch", "ones", &error));
    FAILS(MISALIGNED, fanin_resolve(found, misaligned_sizes(), 2, "torch", "ones", &error));
    FAILS(INVALID_TEXT, fanin_resolve(found, shape, 2, "torch", "twos", &error));
    FAILS(INVALID_TEXT, fanin_resolve(found, shape, 2, not_utf8, "ones", &error));
    FAILS(INVALID_SHAPE, fanin_resolve(found, shape, SIZE_MAX, "torch", "ones", &error));
    FAILS(INVALID_SHAPE, fanin_resolve(found, one_axis, 1, "torch", "lecun_normal", &error));
    FAILS(OVERFLOW, fanin_resolve(found, huge, 2, "torch", "ones", &error));
}

/* Functions that return a struct accept any number: only its use is refused. */
static void constructors(void)
{
    const double extreme[4] = {(double)NAN, (double)INFINITY, (double)-INFINITY, 0};
    const fanin_mode mode = (fanin_mode)UINT32_MAX;
    int i;
    for (i = 0; i < 4; i++) {
        const double x = extreme[i];
        const fanin_distribution dists[4] = {fanin_constant(x), fanin_uniform(x, -x), fanin_normal(x, -1),
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
            const fanin_status status = fanin_fill_f64((double *)base(), 1, dists[number], valid());
            CHECK(status == (i == 3 && number < 2 ? FANIN_STATUS_OK : FANIN_STATUS_INVALID_DISTRIBUTION));
        }
        for (number = 0; number < 6; number++) {
            fill_with_pattern();
            CHECK(fanin_init_f64((double *)base(), shape, 2, FANIN_LAYOUT_TORCH, schemes[number], valid()) != FANIN_STATUS_OK);
            CHECK(untouched());
        }
        FINE(fanin_init_f64((double *)base(), shape, 2, FANIN_LAYOUT_TORCH, plain, valid()));
    }
}

static int is(fanin_stream a, fanin_stream b) { return a.k0 == b.k0 && a.k1 == b.k1; }

static void everything_else(void)
{
    fanin_buffer **const buffer = (fanin_buffer **)base();
    fanin_level *const level = (fanin_level *)base();
    uint32_t status;
    int known = 0;

    /* A stream that cannot be made is invalid, and so are its children. */
    CHECK(is(fanin_stream_child(valid(), NULL), invalid()) && is(fanin_stream_child(valid(), not_utf8), invalid()));
    CHECK(is(fanin_stream_child(invalid(), "a"), invalid()) && is(fanin_stream_child_index(invalid(), 1), invalid()));
    CHECK(is(fanin_stream_child_n(valid(), NULL, 1), invalid()) && is(fanin_stream_child_n(invalid(), "a", 1), invalid()));
    CHECK(is(fanin_stream_child_n(valid(), "a", SIZE_MAX), invalid()));
    CHECK(is(fanin_stream_child_n(valid(), NULL, 0), fanin_stream_child(valid(), "")));
    CHECK(!is(valid(), invalid()));

    FAILS(NULL_POINTER, fanin_buffer_new(NULL, FANIN_DTYPE_F32, 8, &error));
    FAILS(MISALIGNED, fanin_buffer_new((fanin_buffer **)misaligned(), FANIN_DTYPE_F32, 8, &error));
    FAILS(INVALID_CHOICE, fanin_buffer_new(buffer, (fanin_dtype)0, 8, &error));
    FAILS(OVERFLOW, fanin_buffer_new(buffer, FANIN_DTYPE_F64, SIZE_MAX, &error));
    FAILS(OVERFLOW, fanin_buffer_new(buffer, FANIN_DTYPE_BF16, SIZE_MAX / 4 + 1, &error));
    FAILS(NO_MEMORY, fanin_buffer_new(buffer, FANIN_DTYPE_F64, SIZE_MAX / 32, &error));
    CHECK(fanin_buffer_data(NULL) == NULL && fanin_buffer_len(NULL) == 0);
    fanin_buffer_free(NULL);
    for (status = FANIN_DTYPE_F32; status <= FANIN_DTYPE_F16; status++) {
        fanin_buffer *handle;
        const unsigned char *bytes;
        size_t len = 1500000, i;
        FINE(fanin_buffer_new(&handle, (fanin_dtype)status, len, &error));
        CHECK(fanin_buffer_len(handle) == len && (uintptr_t)fanin_buffer_data(handle) % 64 == 0);
        bytes = (const unsigned char *)fanin_buffer_data(handle);
        for (i = 0; i < len * fanin_dtype_size((fanin_dtype)status); i += 997) CHECK(bytes[i] == 0);
        FINE(fanin_fill(fanin_buffer_data(handle), (fanin_dtype)status, len, fanin_normal(0, 1), valid(), NULL, NULL));
        CHECK(bytes[0] != 0 || bytes[1] != 0);
        fanin_buffer_free(handle);
        FINE(fanin_buffer_new(&handle, (fanin_dtype)status, 0, NULL));
        CHECK(fanin_buffer_len(handle) == 0);
        fanin_buffer_free(handle);
    }

    FAILS(NULL_POINTER, fanin_level_active(NULL, &error));
    FAILS(MISALIGNED, fanin_level_active((fanin_level *)misaligned(), &error));
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
        const char *text = fanin_status_string((fanin_status)status);
        CHECK(text != NULL && strlen(text) > 1);
        known += strcmp(text, "not a status of this version") != 0;
    }
    CHECK(known == 22);
    CHECK(strcmp(fanin_status_string(FANIN_STATUS_OK), "ok") == 0);
    CHECK(strcmp(fanin_status_string((fanin_status)UINT32_MAX), "not a status of this version") == 0);
}

int main(void)
{
    by_dtype(FANIN_DTYPE_F32);
    by_dtype(FANIN_DTYPE_F64);
    by_dtype(FANIN_DTYPE_BF16);
    by_dtype(FANIN_DTYPE_F16);
    constructors();
    texts_and_results();
    everything_else();
    fanin_shutdown(); /* at any time */
    return 0;
}
