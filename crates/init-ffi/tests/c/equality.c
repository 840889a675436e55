/* Prints the results of every function, as hashes, bits and words; expected.rs prints the same from Rust's own
 * functions. An argument sets the host's floating-point mode first: nothing may change. */

#include <math.h>

#include "check.h"

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

#define LEN 70000u

static void line(const char *name, const char *type, const void *data, size_t size)
{
    printf("%s %s %016llx\n", name, type, (unsigned long long)hash_of(data, size));
}

static void bits(const char *name, double value)
{
    uint64_t word;
    memcpy(&word, &value, sizeof word);
    printf("%s %016llx\n", name, (unsigned long long)word);
}

static fanin_distribution dist(int number)
{
    switch (number) {
    case 0: return fanin_constant(0.1);
    case 1: return fanin_uniform(-0.0759555, 0.0759555);
    case 2: return fanin_normal(0.25, 0.02);
    default: return fanin_truncated_normal(0, 0.02, -0.03, 0.05);
    }
}

static const size_t whole[3] = {50, 40, 35};
static const size_t at[3] = {3, 10, 5};
static const size_t part[3] = {40, 20, 7};
static const size_t weight[4] = {24, 16, 3, 3};

#define TYPED(TYPE, S, DTYPE)                                                                                \
    static void typed_##S(fanin_stream stream)                                                               \
    {                                                                                                        \
        TYPE *dst = (TYPE *)dirty(LEN * sizeof(TYPE));                                                       \
        const size_t n = (size_t)24 * 16 * 3 * 3 * sizeof(TYPE);                                             \
        const fanin_mode out = FANIN_MODE_FAN_OUT;                                                           \
        const fanin_nonlinearity leaky = FANIN_NONLINEARITY_LEAKY_RELU;                                      \
        fanin_options one = fanin_options_default(), three = fanin_options_default();                        \
        fanin_error error;                                                                                   \
        int number;                                                                                          \
        one.threads = 1;                                                                                     \
        one.level = FANIN_LEVEL_PORTABLE;                                                                    \
        three.threads = 3;                                                                                   \
        for (number = 0; number < 4; number++) {                                                             \
            FINE(fanin_fill_##S(dst, LEN, dist(number), stream));                                            \
            line("fill", #S, dst, LEN * sizeof(TYPE));                                                       \
            FINE(fanin_fill(dst, DTYPE, LEN, dist(number), stream, &one, &error));                           \
            line("fill", #S, dst, LEN * sizeof(TYPE));                                                       \
            FINE(fanin_fill(dst, DTYPE, LEN, dist(number), stream, &three, NULL));                           \
            line("fill", #S, dst, LEN * sizeof(TYPE));                                                       \
            FINE(fanin_fill_at_##S(dst, 5000, 123456789, dist(number), stream));                             \
            line("fill_at", #S, dst, 5000 * sizeof(TYPE));                                                   \
            FINE(fanin_fill_at(dst, DTYPE, 5000, 123456789, dist(number), stream, NULL, &error));            \
            line("fill_at", #S, dst, 5000 * sizeof(TYPE));                                                   \
            FINE(fanin_fill_shard_##S(dst, 5600, whole, at, part, 3, dist(number), stream));                 \
            line("fill_shard", #S, dst, 5600 * sizeof(TYPE));                                                \
            FINE(fanin_fill_shard(dst, DTYPE, 5600, whole, at, part, 3, dist(number), stream, &one, NULL));  \
            line("fill_shard", #S, dst, 5600 * sizeof(TYPE));                                                \
        }                                                                                                    \
        FINE(fanin_xavier_uniform_##S(dst, weight, 4, 1.5, stream));                                         \
        line("xavier_uniform", #S, dst, n);                                                                  \
        FINE(fanin_xavier_normal_##S(dst, weight, 4, 1.5, stream));                                          \
        line("xavier_normal", #S, dst, n);                                                                   \
        FINE(fanin_kaiming_uniform_##S(dst, weight, 4, 0.2, out, leaky, stream));                            \
        line("kaiming_uniform", #S, dst, n);                                                                 \
        FINE(fanin_kaiming_normal_##S(dst, weight, 4, 0.2, out, leaky, stream));                             \
        line("kaiming_normal", #S, dst, n);                                                                  \
        FINE(fanin_lecun_uniform_##S(dst, weight, 4, stream));                                               \
        line("lecun_uniform", #S, dst, n);                                                                   \
        FINE(fanin_lecun_normal_##S(dst, weight, 4, stream));                                                \
        line("lecun_normal", #S, dst, n);                                                                    \
        FINE(fanin_orthogonal_##S(dst, weight, 4, 1.5, stream));                                             \
        line("orthogonal", #S, dst, n);                                                                      \
        for (number = 0; number < SCHEMES; number++) {                                                       \
            FINE(fanin_init_##S(dst, weight, 4, FANIN_LAYOUT_TORCH, scheme(number), stream));                \
            line("init_torch", #S, dst, n);                                                                  \
            FINE(fanin_init_##S(dst, weight, 4, FANIN_LAYOUT_JAX, scheme(number), stream));                  \
            line("init_jax", #S, dst, n);                                                                    \
            FINE(fanin_init_##S(dst, weight, 4, FANIN_LAYOUT_KERAS, scheme(number), stream));                \
            line("init_keras", #S, dst, n);                                                                  \
        }                                                                                                    \
        texts(DTYPE, #S, stream);                                                                            \
        free(dst);                                                                                           \
    }

#define SCHEMES 10

static fanin_initializer scheme(int number)
{
    fanin_initializer jax = fanin_xavier_normal(1);
    switch (number) {
    case 0: return fanin_xavier_uniform(0.5);
    case 1: return fanin_xavier_normal(0.5);
    case 2: return fanin_kaiming_uniform(0, FANIN_MODE_FAN_AVG, FANIN_NONLINEARITY_TANH);
    case 3: return fanin_kaiming_normal(0, FANIN_MODE_FAN_GEO_AVG, FANIN_NONLINEARITY_SELU);
    case 4: return fanin_lecun_uniform();
    case 5: return fanin_lecun_normal();
    case 6: return fanin_variance_scaling(2, FANIN_MODE_FAN_IN, FANIN_FAMILY_UNCORRECTED_TRUNCATED_NORMAL);
    case 7: return fanin_orthogonal(0.5);
    case 8: return fanin_eye(0.5);
    default: jax.truncation = FANIN_TRUNCATION_CORRECTED; return jax;
    }
}

/* Every initializer of docs/initializers.md, each with a shape and a layout that suit it. */
typedef struct {
    const char *initializer, *layout;
    size_t ndim, shape[4];
} example;

static const example examples[] = {
#include "examples.h" /* printed by expected.rs */
};

static fanin_layout plain(const char *layout)
{
    if (strcmp(layout, "torch") == 0) return FANIN_LAYOUT_TORCH;
    if (strcmp(layout, "jax") == 0) return FANIN_LAYOUT_JAX;
    return strcmp(layout, "keras") == 0 ? FANIN_LAYOUT_KERAS : (fanin_layout)0;
}

static void texts(fanin_dtype dtype, const char *type, fanin_stream stream)
{
    size_t number;
    for (number = 0; number < sizeof examples / sizeof *examples; number++) {
        const example *this_one = &examples[number];
        const fanin_layout layout = plain(this_one->layout);
        size_t offsets[4] = {0, 0, 0, 0}, local[4] = {1, 1, 1, 1}, len = 1, shard = 1, axis;
        fanin_error error;
        void *memory;
        for (axis = 0; axis < this_one->ndim; axis++) {
            len *= this_one->shape[axis];
            local[axis] = (this_one->shape[axis] + 1) / 2;
            offsets[axis] = this_one->shape[axis] - local[axis];
            shard *= local[axis];
        }
        memory = dirty(len * fanin_dtype_size(dtype));
        FINE(fanin_init_with(memory, dtype, this_one->shape, this_one->ndim, this_one->layout,
                             this_one->initializer, stream, NULL, &error));
        line(this_one->initializer, type, memory, len * fanin_dtype_size(dtype));
        if (layout != (fanin_layout)0) {
            const uint64_t first = hash_of(memory, len * fanin_dtype_size(dtype));
            memset(memory, 0x5A, len * fanin_dtype_size(dtype));
            FINE(fanin_init(memory, dtype, this_one->shape, this_one->ndim, layout, this_one->initializer,
                            stream, &error));
            CHECK(hash_of(memory, len * fanin_dtype_size(dtype)) == first);
        }
        FINE(fanin_init_shard(memory, dtype, shard, this_one->shape, offsets, local, this_one->ndim,
                              this_one->layout, this_one->initializer, stream, NULL, &error));
        line("shard of it", type, memory, shard * fanin_dtype_size(dtype));
        free(memory);
    }
}

TYPED(float, f32, FANIN_DTYPE_F32)
TYPED(double, f64, FANIN_DTYPE_F64)
TYPED(uint16_t, bf16, FANIN_DTYPE_BF16)
TYPED(uint16_t, f16, FANIN_DTYPE_F16)

static void resolutions(void)
{
    static const char *const gains[] = {"relu", "tanh", "leaky_relu", "selu", "exact(gelu)", "backward(silu)"};
    size_t number;
    fanin_error error;
    char text[256];
    for (number = 0; number < sizeof gains / sizeof *gains; number++) {
        double gain;
        FINE(fanin_gain(&gain, gains[number], 0.01, &error));
        bits(gains[number], gain);
    }
    for (number = 0; number < sizeof examples / sizeof *examples; number++) {
        const example *this_one = &examples[number];
        fanin_resolution found;
        fanin_fans fans;
        FINE(fanin_resolve(&found, this_one->shape, this_one->ndim, this_one->layout, this_one->initializer,
                           &error));
        printf("%s\n", found.text);
        if (fanin_fans_of(&fans, this_one->shape, this_one->ndim, this_one->layout, &error)
            == FANIN_STATUS_OK) {
            bits("fan_in", fans.fan_in);
            bits("fan_out", fans.fan_out);
            CHECK(memcmp(&fans, &found.fans, sizeof fans) == 0);
        } else {
            printf("%s\n", error.message);
        }
        if (found.distribution.kind != (fanin_distribution_kind)0) {
            bits("mean", found.mean);
            bits("std", found.std);
            bits("low", found.low);
            bits("high", found.high);
            bits("mean", fanin_distribution_mean(found.distribution));
            bits("std", fanin_distribution_std(found.distribution));
            FINE(fanin_distribution_text(text, sizeof text, found.distribution, &error));
            CHECK(strcmp(text, found.text) == 0);
            {
                fanin_distribution read;
                FINE(fanin_distribution_parse(&read, text, &error));
                CHECK(memcmp(&read, &found.distribution, sizeof read) == 0);
            }
        }
    }
    for (number = 0; number < SCHEMES; number++) {
        FINE(fanin_initializer_text(text, sizeof text, scheme((int)number), &error));
        printf("%s\n", text);
    }
}

/* Every choice, by its name in Rust. */
static void choices(void)
{
    uint32_t mode, other, truncation;
    fanin_error error;
    fanin_level level;
    char text[FANIN_TEXT_SIZE];
    for (mode = FANIN_MODE_FAN_IN; mode <= FANIN_MODE_FAN_GEO_AVG; mode++) {
        for (other = FANIN_NONLINEARITY_LINEAR; other <= FANIN_NONLINEARITY_SELU; other++) {
            for (truncation = FANIN_TRUNCATION_NONE; truncation <= FANIN_TRUNCATION_UNCORRECTED; truncation++) {
                fanin_initializer he = fanin_kaiming_normal(0.5, (fanin_mode)mode, (fanin_nonlinearity)other);
                he.truncation = (fanin_truncation)truncation;
                FINE(fanin_initializer_text(text, sizeof text, he, &error));
                printf("%s\n", text);
            }
        }
        for (other = FANIN_FAMILY_UNIFORM; other <= FANIN_FAMILY_UNCORRECTED_TRUNCATED_NORMAL; other++) {
            const fanin_initializer any = fanin_variance_scaling(2, (fanin_mode)mode, (fanin_family)other);
            FINE(fanin_initializer_text(text, sizeof text, any, &error));
            printf("%s\n", text);
        }
    }
    FINE(fanin_level_active(&level, &error));
    printf("%s\n", fanin_level_name(level));
    for (other = FANIN_LEVEL_PORTABLE; strcmp(fanin_level_name((fanin_level)other), "unknown") != 0; other++) {
        printf("%s %d\n", fanin_level_name((fanin_level)other), fanin_level_is_available((fanin_level)other));
    }
    for (other = FANIN_DTYPE_F32; other <= FANIN_DTYPE_F16; other++) {
        printf("%u bytes\n", (unsigned)fanin_dtype_size((fanin_dtype)other));
    }
}

/* The texts of tests/c/plan.toml, plan.json and plan_rules.toml. */
#include "models.h" /* printed by expected.rs */

static void plan_of(fanin_plan_source source, const char *text, const fanin_plan_options *options)
{
    fanin_plan *plan;
    fanin_error error;
    char digest[FANIN_TEXT_SIZE];
    size_t index;
    FINE(fanin_plan_open(&plan, source, text, options, &error));
    FINE(fanin_plan_digest(digest, sizeof digest, plan, &error));
    printf("%s %llu %llu %llu\n", digest, (unsigned long long)fanin_plan_seed(plan),
           (unsigned long long)fanin_plan_elements(plan), (unsigned long long)fanin_plan_bytes(plan));
    for (index = 0; index < fanin_plan_len(plan); index++) {
        static const fanin_dtype dtypes[4] = {FANIN_DTYPE_F32, FANIN_DTYPE_F64, FANIN_DTYPE_BF16, FANIN_DTYPE_F16};
        static const char *const types[4] = {"f32", "f64", "bf16", "f16"};
        fanin_parameter found;
        size_t offsets[4], local[4], shard = 1, axis, again;
        unsigned char *memory;
        int number;
        FINE(fanin_plan_parameter(&found, plan, index, &error));
        FINE(fanin_plan_find(&again, plan, found.name, &error));
        CHECK(again == index && found.ndim <= 4);
        printf("%s %s %s %s %u", found.name, found.initializer, found.scheme == NULL ? "-" : found.scheme, found.values,
               (unsigned)fanin_dtype_size(found.dtype));
        for (axis = 0; axis < found.ndim; axis++) {
            printf(" %lu", (unsigned long)found.shape[axis]);
            local[axis] = (found.shape[axis] + 1) / 2;
            offsets[axis] = (found.shape[axis] - local[axis]) / 2;
            shard *= local[axis];
        }
        printf("\n");
        if (!isnan(found.fans.fan_in)) bits("fan_in", found.fans.fan_in);
        bits("forward", found.multipliers.forward);
        bits("learning_rate", found.multipliers.learning_rate);
        bits("weight_decay", found.multipliers.weight_decay);
        if (!isnan(found.multipliers.residual)) bits("residual", found.multipliers.residual);
        for (number = 0; number < 4; number++) {
            const size_t size = fanin_dtype_size(dtypes[number]), from = found.elements / 3, len = found.elements / 2;
            memory = (unsigned char *)dirty(found.elements * size);
            FINE(fanin_plan_fill(memory, dtypes[number], found.elements, plan, index, NULL, &error));
            line("plan", types[number], memory, found.elements * size);
            memset(memory, 0xA5, found.elements * size);
            FINE(fanin_plan_fill_at(memory, dtypes[number], len, from, plan, index, NULL, &error));
            line("plan at", types[number], memory, len * size);
            memset(memory, 0xA5, found.elements * size);
            FINE(fanin_plan_fill_shard(memory, dtypes[number], shard, offsets, local, found.ndim, plan, index, NULL, &error));
            line("plan shard", types[number], memory, shard * size);
            free(memory);
        }
    }
    fanin_plan_close(plan);
}

static void plans(void)
{
    fanin_plan_options options = fanin_plan_options_default();
    fanin_parametrization found;
    fanin_error error;
    plan_of(FANIN_PLAN_SOURCE_RECIPE, plan_recipe, NULL);
    plan_of(FANIN_PLAN_SOURCE_CONFIG, plan_config, NULL);
    options.has_seed = 1;
    options.seed = 99;
    options.dtype = FANIN_DTYPE_F16;
    plan_of(FANIN_PLAN_SOURCE_PRESET, "lenet-300-100", &options);
    options.layout = "jax";
    plan_of(FANIN_PLAN_SOURCE_RECIPE, plan_recipe, &options);
    options.rules = plan_rules;
    plan_of(FANIN_PLAN_SOURCE_CONFIG, plan_config, &options);
    {
        static const char *const schemes[] = {"mup(role=hidden, base_fan_in=7)", "deep_norm(part=scaled, layers=12)", "spectral",
                                              "siren(part=hidden)", "zero_gamma"};
        static const size_t dims[2] = {48, 20};
        size_t number;
        for (number = 0; number < sizeof schemes / sizeof *schemes; number++) {
            FINE(fanin_scheme_resolve(&found, dims, 2, "jax", schemes[number], &error));
            printf("%s\n", found.initializer);
            bits("forward", found.multipliers.forward);
            bits("learning_rate", found.multipliers.learning_rate);
            bits("weight_decay", found.multipliers.weight_decay);
            if (!isnan(found.multipliers.residual)) bits("residual", found.multipliers.residual);
        }
    }
}

/* Errors have the same messages as in Rust. */
static void refusals(void)
{
    static const char *const texts[] = {"xavier_unifrom", "normal(0, -1)", "uniform(1, 0)", "sparse", "eye(1", "normal(std=x)"};
    static const char *const layouts[] = {"trch", "conv(torch, groups=0)", "axes(in=[9])"};
    static const size_t shape[2] = {30, 20}, one_axis[1] = {30};
    const fanin_distribution dists[] = {fanin_constant(1e-30),    fanin_constant(1e6),       fanin_uniform(-1, 1),
                                       fanin_uniform(-1e300, 1), fanin_normal(0, 1e-300),   fanin_normal(0, -1),
                                       fanin_normal(70000, 1),   fanin_truncated_normal(0, 1, 3, 2)};
    fanin_resolution found;
    fanin_error error;
    fanin_fans fans;
    uint32_t dtype;
    size_t number;
    for (dtype = FANIN_DTYPE_F32; dtype <= FANIN_DTYPE_F16; dtype++) {
        for (number = 0; number < sizeof dists / sizeof *dists; number++) {
            const fanin_status status = fanin_distribution_check((fanin_dtype)dtype, dists[number], &error);
            CHECK(status == error.status);
            printf("%s\n", status == FANIN_STATUS_OK ? "fine" : error.message);
        }
    }
    for (number = 0; number < sizeof texts / sizeof *texts; number++) {
        CHECK(fanin_resolve(&found, shape, 2, "torch", texts[number], &error) != FANIN_STATUS_OK);
        printf("%s\n", error.message);
    }
    for (number = 0; number < sizeof layouts / sizeof *layouts; number++) {
        CHECK(fanin_fans_of(&fans, shape, 2, layouts[number], &error) != FANIN_STATUS_OK);
        printf("%s\n", error.message);
    }
    CHECK(fanin_resolve(&found, one_axis, 1, "torch", "xavier_uniform", &error) == FANIN_STATUS_INVALID_SHAPE);
    printf("%s\n", error.message);
}

static void stream(const char *name, fanin_stream made)
{
    printf("%s %016llx %016llx\n", name, (unsigned long long)made.k0, (unsigned long long)made.k1);
}

int main(int argc, char **argv)
{
    const unsigned mode = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 16) : 0;
    const fanin_stream root = fanin_stream_new(42);
    const fanin_stream child = fanin_stream_child(root, "fc.weight");
#if defined(__SSE__)
    if (argc > 1) _mm_setcsr(mode);
#endif
    stream("root", root);
    stream("root", fanin_stream_new(0));
    stream("root", fanin_stream_new(UINT64_MAX));
    stream("child", child);
    stream("child", fanin_stream_child_n(root, "fc.weight and more", 9));
    stream("unicode", fanin_stream_child(root, "\xCF\x83"));
    stream("empty", fanin_stream_child_n(root, NULL, 0));
    stream("index", fanin_stream_child_index(child, UINT64_C(0xFFFFFFFFFFFFFFFF)));
    choices();
    refusals();
    resolutions();
    plans();
    typed_f32(child);
    typed_f64(child);
    typed_bf16(child);
    typed_f16(child);
    printf("%s %u\n", fanin_version(), (unsigned)fanin_value_format());
    CHECK(strcmp(fanin_version(), FANIN_VERSION) == 0);
    CHECK(fanin_value_format() == FANIN_VALUE_FORMAT);
#if defined(__SSE__)
    if (argc > 1) CHECK((_mm_getcsr() & ~0x3Fu) == mode); /* except the sticky exception flags */
#endif
    return 0;
}
