/* Every choice given for another is refused: each enumerator in each place where another kind is expected, through
 * every function that takes a choice. Messages name what was given. */

#include "arguments.h"

typedef enum {
    DTYPE, LAYOUT, MODE, NONLINEARITY, TRUNCATION, FAMILY, DISTRIBUTION_KIND, INITIALIZER_KIND, LEVEL, PLAN_SOURCE
} kind;

static const struct {
    kind of;
    uint32_t number;
    const char *name;
} choices[] = {
#define CHOICE(KIND, NAME) {KIND, FANIN_##KIND##_##NAME, "FANIN_" #KIND "_" #NAME}
    CHOICE(DTYPE, F32),
    CHOICE(DTYPE, F64),
    CHOICE(DTYPE, BF16),
    CHOICE(DTYPE, F16),
    CHOICE(LAYOUT, TORCH),
    CHOICE(LAYOUT, JAX),
    CHOICE(LAYOUT, KERAS),
    CHOICE(MODE, FAN_IN),
    CHOICE(MODE, FAN_OUT),
    CHOICE(MODE, FAN_AVG),
    CHOICE(MODE, FAN_GEO_AVG),
    CHOICE(NONLINEARITY, LINEAR),
    CHOICE(NONLINEARITY, SIGMOID),
    CHOICE(NONLINEARITY, TANH),
    CHOICE(NONLINEARITY, RELU),
    CHOICE(NONLINEARITY, LEAKY_RELU),
    CHOICE(NONLINEARITY, SELU),
    CHOICE(TRUNCATION, NONE),
    CHOICE(TRUNCATION, CORRECTED),
    CHOICE(TRUNCATION, UNCORRECTED),
    CHOICE(FAMILY, UNIFORM),
    CHOICE(FAMILY, NORMAL),
    CHOICE(FAMILY, TRUNCATED_NORMAL),
    CHOICE(FAMILY, UNCORRECTED_TRUNCATED_NORMAL),
    CHOICE(DISTRIBUTION_KIND, CONSTANT),
    CHOICE(DISTRIBUTION_KIND, UNIFORM),
    CHOICE(DISTRIBUTION_KIND, NORMAL),
    CHOICE(DISTRIBUTION_KIND, TRUNCATED_NORMAL),
    CHOICE(INITIALIZER_KIND, XAVIER_UNIFORM),
    CHOICE(INITIALIZER_KIND, XAVIER_NORMAL),
    CHOICE(INITIALIZER_KIND, KAIMING_UNIFORM),
    CHOICE(INITIALIZER_KIND, KAIMING_NORMAL),
    CHOICE(INITIALIZER_KIND, LECUN_UNIFORM),
    CHOICE(INITIALIZER_KIND, LECUN_NORMAL),
    CHOICE(INITIALIZER_KIND, VARIANCE_SCALING),
    CHOICE(INITIALIZER_KIND, ORTHOGONAL),
    CHOICE(INITIALIZER_KIND, EYE),
    CHOICE(LEVEL, AUTO),
    CHOICE(LEVEL, PORTABLE),
    CHOICE(LEVEL, AVX2),
    CHOICE(LEVEL, AVX512),
    CHOICE(PLAN_SOURCE, RECIPE),
    CHOICE(PLAN_SOURCE, CONFIG),
    CHOICE(PLAN_SOURCE, PRESET),
};
#define CHOICES (sizeof choices / sizeof *choices)

static fanin_error error;
static fanin_plan *plan;
static const char *given; /* the name of the choice that is passed */

/* Checks that a call is refused, with a message that names what was given and for what. */
#define NAMED(parameter, call)                                                                               \
    do {                                                                                                     \
        REFUSED(INVALID_CHOICE, call);                                                                       \
        CHECK(error.status == FANIN_STATUS_INVALID_CHOICE);                                                  \
        if (given != NULL) CHECK(strstr(error.message, given) == error.message + 4); /* "got " */            \
        CHECK(strstr(error.message, "for `" parameter "`; expected one of FANIN_") != NULL);                 \
    } while (0)

static const char recipe[] = "[parameters]\nw = [2, 2]\n[[rule]]\nmatch = \"w\"\ninit = \"normal\"\n";

static void as_dtype(fanin_dtype wrong)
{
    const fanin_distribution d = fanin_normal(0, 1);
    void *const dst = base();
    NAMED("dtype", fanin_fill(dst, wrong, 4, d, valid(), NULL, &error));
    NAMED("dtype", fanin_fill_at(dst, wrong, 4, 0, d, valid(), NULL, &error));
    NAMED("dtype", fanin_fill_shard(dst, wrong, 4, shape, origin, local, 2, d, valid(), NULL, &error));
    NAMED("dtype", fanin_init(dst, wrong, shape, 2, FANIN_LAYOUT_TORCH, "ones", valid(), &error));
    NAMED("dtype", fanin_init_with(dst, wrong, shape, 2, "torch", "ones", valid(), NULL, &error));
    NAMED("dtype", fanin_init_shard(dst, wrong, 4, shape, origin, local, 2, "torch", "ones", valid(), NULL, &error));
    NAMED("dtype", fanin_distribution_check(wrong, d, &error));
    NAMED("dtype", fanin_buffer_new((fanin_buffer **)dst, wrong, 8, &error));
    CHECK(fanin_dtype_size(wrong) == 0);
    NAMED("dtype", fanin_plan_fill(dst, wrong, 4, plan, 0, NULL, &error));
    NAMED("dtype", fanin_plan_fill_at(dst, wrong, 4, 0, plan, 0, NULL, &error));
    NAMED("dtype", fanin_plan_fill_shard(dst, wrong, 4, origin, local, 2, plan, 0, NULL, &error));
    if (wrong != (fanin_dtype)0) { /* 0 takes the model's own */
        fanin_plan_options options = fanin_plan_options_default();
        options.dtype = wrong;
        NAMED("dtype", fanin_plan_open((fanin_plan **)dst, FANIN_PLAN_SOURCE_RECIPE, recipe, &options, &error));
    }
}

/* Checks that an initializer with a wrong choice is refused by every function that takes one. */
#define INITIALIZER(parameter, initializer)                                                                  \
    do {                                                                                                     \
        const fanin_initializer altered = initializer;                                                       \
        NAMED(parameter, fanin_initializer_text((char *)base(), 256, altered, &error));                      \
        REFUSED(INVALID_CHOICE, fanin_init_f32((float *)base(), shape, 2, FANIN_LAYOUT_TORCH, altered, valid())); \
        REFUSED(INVALID_CHOICE, fanin_init_f64((double *)base(), shape, 2, FANIN_LAYOUT_TORCH, altered, valid())); \
        REFUSED(INVALID_CHOICE, fanin_init_bf16((uint16_t *)base(), shape, 2, FANIN_LAYOUT_TORCH, altered, valid())); \
        REFUSED(INVALID_CHOICE, fanin_init_f16((uint16_t *)base(), shape, 2, FANIN_LAYOUT_TORCH, altered, valid())); \
    } while (0)

static void as_layout(fanin_layout wrong)
{
    const fanin_initializer eye = fanin_eye(1);
    NAMED("layout", fanin_init(base(), FANIN_DTYPE_F32, shape, 2, wrong, "ones", valid(), &error));
    REFUSED(INVALID_CHOICE, fanin_init_f32((float *)base(), shape, 2, wrong, eye, valid()));
    REFUSED(INVALID_CHOICE, fanin_init_f64((double *)base(), shape, 2, wrong, eye, valid()));
    REFUSED(INVALID_CHOICE, fanin_init_bf16((uint16_t *)base(), shape, 2, wrong, eye, valid()));
    REFUSED(INVALID_CHOICE, fanin_init_f16((uint16_t *)base(), shape, 2, wrong, eye, valid()));
}

/* Checks the functions of the element types that take a mode and a nonlinearity. */
static void kaiming(fanin_mode mode, fanin_nonlinearity nonlinearity)
{
    REFUSED(INVALID_CHOICE, fanin_kaiming_uniform_f32((float *)base(), shape, 2, 0, mode, nonlinearity, valid()));
    REFUSED(INVALID_CHOICE, fanin_kaiming_uniform_f64((double *)base(), shape, 2, 0, mode, nonlinearity, valid()));
    REFUSED(INVALID_CHOICE, fanin_kaiming_uniform_bf16((uint16_t *)base(), shape, 2, 0, mode, nonlinearity, valid()));
    REFUSED(INVALID_CHOICE, fanin_kaiming_uniform_f16((uint16_t *)base(), shape, 2, 0, mode, nonlinearity, valid()));
    REFUSED(INVALID_CHOICE, fanin_kaiming_normal_f32((float *)base(), shape, 2, 0, mode, nonlinearity, valid()));
    REFUSED(INVALID_CHOICE, fanin_kaiming_normal_f64((double *)base(), shape, 2, 0, mode, nonlinearity, valid()));
    REFUSED(INVALID_CHOICE, fanin_kaiming_normal_bf16((uint16_t *)base(), shape, 2, 0, mode, nonlinearity, valid()));
    REFUSED(INVALID_CHOICE, fanin_kaiming_normal_f16((uint16_t *)base(), shape, 2, 0, mode, nonlinearity, valid()));
}

static void as_mode(fanin_mode wrong)
{
    INITIALIZER("mode", fanin_kaiming_uniform(0, wrong, FANIN_NONLINEARITY_RELU));
    INITIALIZER("mode", fanin_kaiming_normal(0, wrong, FANIN_NONLINEARITY_RELU));
    INITIALIZER("mode", fanin_variance_scaling(1, wrong, FANIN_FAMILY_NORMAL));
    kaiming(wrong, FANIN_NONLINEARITY_RELU);
}

static void as_nonlinearity(fanin_nonlinearity wrong)
{
    INITIALIZER("nonlinearity", fanin_kaiming_uniform(0, FANIN_MODE_FAN_IN, wrong));
    INITIALIZER("nonlinearity", fanin_kaiming_normal(0, FANIN_MODE_FAN_IN, wrong));
    kaiming(FANIN_MODE_FAN_IN, wrong);
}

static void as_truncation(fanin_truncation wrong)
{
    fanin_initializer normal[3];
    int i;
    normal[0] = fanin_xavier_normal(1);
    normal[1] = fanin_lecun_normal();
    normal[2] = fanin_kaiming_normal(0, FANIN_MODE_FAN_IN, FANIN_NONLINEARITY_RELU);
    for (i = 0; i < 3; i++) {
        normal[i].truncation = wrong;
        INITIALIZER("truncation", normal[i]);
    }
}

static void as_family(fanin_family wrong)
{
    INITIALIZER("family", fanin_variance_scaling(1, FANIN_MODE_FAN_IN, wrong));
}

static void as_initializer_kind(fanin_initializer_kind wrong)
{
    fanin_initializer other = fanin_eye(1);
    other.kind = wrong;
    INITIALIZER("kind", other);
}

#define DISTRIBUTION(TYPE, S)                                                                                \
    REFUSED(INVALID_CHOICE, fanin_fill_##S((TYPE *)base(), 4, d, valid()));                                  \
    REFUSED(INVALID_CHOICE, fanin_fill_at_##S((TYPE *)base(), 4, 0, d, valid()));                            \
    REFUSED(INVALID_CHOICE, fanin_fill_shard_##S((TYPE *)base(), 4, shape, origin, local, 2, d, valid()))

static void as_distribution_kind(fanin_distribution_kind wrong)
{
    const fanin_dtype f32 = FANIN_DTYPE_F32;
    fanin_distribution d = fanin_uniform(0, 1);
    d.mean = 0.5;
    d.std = 1;
    d.kind = wrong;
    NAMED("kind", fanin_fill(base(), f32, 4, d, valid(), NULL, &error));
    NAMED("kind", fanin_fill_at(base(), f32, 4, 0, d, valid(), NULL, &error));
    NAMED("kind", fanin_fill_shard(base(), f32, 4, shape, origin, local, 2, d, valid(), NULL, &error));
    NAMED("kind", fanin_distribution_check(f32, d, &error));
    NAMED("kind", fanin_distribution_text((char *)base(), 256, d, &error));
    CHECK(isnan(fanin_distribution_mean(d)) && isnan(fanin_distribution_std(d)));
    DISTRIBUTION(float, f32);
    DISTRIBUTION(double, f64);
    DISTRIBUTION(uint16_t, bf16);
    DISTRIBUTION(uint16_t, f16);
}

static void as_level(fanin_level wrong)
{
    const fanin_distribution d = fanin_normal(0, 1);
    const fanin_dtype f32 = FANIN_DTYPE_F32;
    void *const dst = base();
    fanin_options options = fanin_options_default();
    options.level = wrong;
    NAMED("level", fanin_fill(dst, f32, 4, d, valid(), &options, &error));
    NAMED("level", fanin_fill_at(dst, f32, 4, 0, d, valid(), &options, &error));
    NAMED("level", fanin_fill_shard(dst, f32, 4, shape, origin, local, 2, d, valid(), &options, &error));
    NAMED("level", fanin_init_with(dst, f32, shape, 2, "jax", "ones", valid(), &options, &error));
    NAMED("level", fanin_init_shard(dst, f32, 4, shape, origin, local, 2, "jax", "ones", valid(), &options, &error));
    NAMED("level", fanin_plan_fill(dst, f32, 4, plan, 0, &options, &error));
    NAMED("level", fanin_plan_fill_at(dst, f32, 4, 0, plan, 0, &options, &error));
    NAMED("level", fanin_plan_fill_shard(dst, f32, 4, origin, local, 2, plan, 0, &options, &error));
    CHECK(!fanin_level_is_available(wrong));
    CHECK(strcmp(fanin_level_name(wrong), "unknown") == 0);
}

static void as_source(fanin_plan_source wrong)
{
    NAMED("source", fanin_plan_open((fanin_plan **)base(), wrong, recipe, NULL, &error));
}

/* Passes a number in every place where another kind of choice is expected. */
static void elsewhere(int own, uint32_t number)
{
    if (own != DTYPE) as_dtype((fanin_dtype)number);
    if (own != LAYOUT) as_layout((fanin_layout)number);
    if (own != MODE) as_mode((fanin_mode)number);
    if (own != NONLINEARITY) as_nonlinearity((fanin_nonlinearity)number);
    if (own != TRUNCATION) as_truncation((fanin_truncation)number);
    if (own != FAMILY) as_family((fanin_family)number);
    if (own != DISTRIBUTION_KIND) as_distribution_kind((fanin_distribution_kind)number);
    if (own != INITIALIZER_KIND) as_initializer_kind((fanin_initializer_kind)number);
    if (own != LEVEL && number != FANIN_LEVEL_AUTO) as_level((fanin_level)number);
    if (own != PLAN_SOURCE) as_source((fanin_plan_source)number);
}

int main(void)
{
    static const uint32_t none[] = {1, 2, 3, 4, 7, 20, 21, 99, 100, 105, 200, 1000, 4000, UINT32_MAX};
    size_t i;
    FINE(fanin_plan_open(&plan, FANIN_PLAN_SOURCE_RECIPE, recipe, NULL, &error));
    for (i = 0; i < CHOICES; i++) {
        given = choices[i].number == 0 ? NULL : choices[i].name;
        elsewhere((int)choices[i].of, choices[i].number);
    }
    given = "0, which is not a number of any choice,";
    elsewhere(-1, 0); /* what a struct has that was never set */
    for (i = 0; i < sizeof none / sizeof *none; i++) {
        given = NULL;
        elsewhere(-1, none[i]);
    }
    fanin_plan_close(plan);
    return 0;
}
