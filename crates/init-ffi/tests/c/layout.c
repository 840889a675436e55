/* The sizes and offsets that never change. src/layout.rs checks the same in Rust. Compiled, not run. */

#include <stddef.h>

#include "fanin.h"

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
/* C99 has no _Static_assert: an array type of -1 elements is an error. */
#define HOLDS(condition) typedef char JOIN(holds_, __LINE__)[(condition) ? 1 : -1]

#if UINTPTR_MAX == UINT64_MAX
HOLDS(sizeof(fanin_stream) == 16);
HOLDS(offsetof(fanin_stream, k0) == 0);
HOLDS(offsetof(fanin_stream, k1) == 8);

HOLDS(sizeof(fanin_error) == 1024);
HOLDS(offsetof(fanin_error, status) == 0);
HOLDS(offsetof(fanin_error, length) == 4);
HOLDS(offsetof(fanin_error, message) == 8);

HOLDS(sizeof(fanin_distribution) == 40);
HOLDS(offsetof(fanin_distribution, kind) == 0);
HOLDS(offsetof(fanin_distribution, reserved) == 4);
HOLDS(offsetof(fanin_distribution, mean) == 8);
HOLDS(offsetof(fanin_distribution, std) == 16);
HOLDS(offsetof(fanin_distribution, low) == 24);
HOLDS(offsetof(fanin_distribution, high) == 32);

HOLDS(sizeof(fanin_initializer) == 40);
HOLDS(offsetof(fanin_initializer, kind) == 0);
HOLDS(offsetof(fanin_initializer, mode) == 4);
HOLDS(offsetof(fanin_initializer, nonlinearity) == 8);
HOLDS(offsetof(fanin_initializer, truncation) == 12);
HOLDS(offsetof(fanin_initializer, family) == 16);
HOLDS(offsetof(fanin_initializer, reserved) == 20);
HOLDS(offsetof(fanin_initializer, gain) == 24);
HOLDS(offsetof(fanin_initializer, a) == 32);

HOLDS(sizeof(fanin_options) == 16);
HOLDS(offsetof(fanin_options, struct_size) == 0);
HOLDS(offsetof(fanin_options, threads) == 8);
HOLDS(offsetof(fanin_options, level) == 12);

HOLDS(sizeof(fanin_fans) == 16);
HOLDS(offsetof(fanin_fans, fan_in) == 0);
HOLDS(offsetof(fanin_fans, fan_out) == 8);

HOLDS(sizeof(fanin_resolution) == 344);
HOLDS(offsetof(fanin_resolution, distribution) == 0);
HOLDS(offsetof(fanin_resolution, fans) == 40);
HOLDS(offsetof(fanin_resolution, mean) == 56);
HOLDS(offsetof(fanin_resolution, std) == 64);
HOLDS(offsetof(fanin_resolution, low) == 72);
HOLDS(offsetof(fanin_resolution, high) == 80);
HOLDS(offsetof(fanin_resolution, text) == 88);

HOLDS(sizeof(fanin_multipliers) == 32);
HOLDS(offsetof(fanin_multipliers, forward) == 0);
HOLDS(offsetof(fanin_multipliers, learning_rate) == 8);
HOLDS(offsetof(fanin_multipliers, weight_decay) == 16);
HOLDS(offsetof(fanin_multipliers, residual) == 24);

HOLDS(sizeof(fanin_parametrization) == 288);
HOLDS(offsetof(fanin_parametrization, multipliers) == 0);
HOLDS(offsetof(fanin_parametrization, initializer) == 32);

HOLDS(sizeof(fanin_plan_options) == 40);
HOLDS(offsetof(fanin_plan_options, struct_size) == 0);
HOLDS(offsetof(fanin_plan_options, seed) == 8);
HOLDS(offsetof(fanin_plan_options, has_seed) == 16);
HOLDS(offsetof(fanin_plan_options, dtype) == 20);
HOLDS(offsetof(fanin_plan_options, layout) == 24);
HOLDS(offsetof(fanin_plan_options, rules) == 32);

HOLDS(sizeof(fanin_parameter) == 112);
HOLDS(offsetof(fanin_parameter, name) == 0);
HOLDS(offsetof(fanin_parameter, shape) == 8);
HOLDS(offsetof(fanin_parameter, ndim) == 16);
HOLDS(offsetof(fanin_parameter, elements) == 24);
HOLDS(offsetof(fanin_parameter, dtype) == 32);
HOLDS(offsetof(fanin_parameter, reserved) == 36);
HOLDS(offsetof(fanin_parameter, initializer) == 40);
HOLDS(offsetof(fanin_parameter, scheme) == 48);
HOLDS(offsetof(fanin_parameter, values) == 56);
HOLDS(offsetof(fanin_parameter, fans) == 64);
HOLDS(offsetof(fanin_parameter, multipliers) == 80);
#endif

HOLDS(sizeof(fanin_status) == 4);
HOLDS(sizeof(fanin_dtype) == 4);
HOLDS(sizeof(fanin_layout) == 4);
HOLDS(sizeof(fanin_mode) == 4);
HOLDS(sizeof(fanin_nonlinearity) == 4);
HOLDS(sizeof(fanin_truncation) == 4);
HOLDS(sizeof(fanin_family) == 4);
HOLDS(sizeof(fanin_level) == 4);
HOLDS(sizeof(fanin_distribution_kind) == 4);
HOLDS(sizeof(fanin_initializer_kind) == 4);
HOLDS(sizeof(fanin_plan_source) == 4);

/* The numbers of the choices: a hundred for each kind, and none is given again. */
HOLDS(FANIN_DTYPE_F32 == 101);
HOLDS(FANIN_DTYPE_F64 == 102);
HOLDS(FANIN_DTYPE_BF16 == 103);
HOLDS(FANIN_DTYPE_F16 == 104);
HOLDS(FANIN_LAYOUT_TORCH == 201);
HOLDS(FANIN_LAYOUT_JAX == 202);
HOLDS(FANIN_LAYOUT_KERAS == 203);
HOLDS(FANIN_MODE_FAN_IN == 301);
HOLDS(FANIN_MODE_FAN_OUT == 302);
HOLDS(FANIN_MODE_FAN_AVG == 303);
HOLDS(FANIN_MODE_FAN_GEO_AVG == 304);
HOLDS(FANIN_NONLINEARITY_LINEAR == 401);
HOLDS(FANIN_NONLINEARITY_SIGMOID == 402);
HOLDS(FANIN_NONLINEARITY_TANH == 403);
HOLDS(FANIN_NONLINEARITY_RELU == 404);
HOLDS(FANIN_NONLINEARITY_LEAKY_RELU == 405);
HOLDS(FANIN_NONLINEARITY_SELU == 406);
HOLDS(FANIN_TRUNCATION_NONE == 501);
HOLDS(FANIN_TRUNCATION_CORRECTED == 502);
HOLDS(FANIN_TRUNCATION_UNCORRECTED == 503);
HOLDS(FANIN_FAMILY_UNIFORM == 601);
HOLDS(FANIN_FAMILY_NORMAL == 602);
HOLDS(FANIN_FAMILY_TRUNCATED_NORMAL == 603);
HOLDS(FANIN_FAMILY_UNCORRECTED_TRUNCATED_NORMAL == 604);
HOLDS(FANIN_DISTRIBUTION_KIND_CONSTANT == 701);
HOLDS(FANIN_DISTRIBUTION_KIND_UNIFORM == 702);
HOLDS(FANIN_DISTRIBUTION_KIND_NORMAL == 703);
HOLDS(FANIN_DISTRIBUTION_KIND_TRUNCATED_NORMAL == 704);
HOLDS(FANIN_INITIALIZER_KIND_XAVIER_UNIFORM == 801);
HOLDS(FANIN_INITIALIZER_KIND_XAVIER_NORMAL == 802);
HOLDS(FANIN_INITIALIZER_KIND_KAIMING_UNIFORM == 803);
HOLDS(FANIN_INITIALIZER_KIND_KAIMING_NORMAL == 804);
HOLDS(FANIN_INITIALIZER_KIND_LECUN_UNIFORM == 805);
HOLDS(FANIN_INITIALIZER_KIND_LECUN_NORMAL == 806);
HOLDS(FANIN_INITIALIZER_KIND_VARIANCE_SCALING == 807);
HOLDS(FANIN_INITIALIZER_KIND_ORTHOGONAL == 820);
HOLDS(FANIN_INITIALIZER_KIND_EYE == 821);
HOLDS(FANIN_LEVEL_AUTO == 0);
HOLDS(FANIN_LEVEL_PORTABLE == 901);
HOLDS(FANIN_LEVEL_AVX2 == 902);
HOLDS(FANIN_LEVEL_AVX512 == 903);
HOLDS(FANIN_PLAN_SOURCE_RECIPE == 1001);
HOLDS(FANIN_PLAN_SOURCE_CONFIG == 1002);
HOLDS(FANIN_PLAN_SOURCE_PRESET == 1003);

int main(void) { return 0; }
