/* The same as arguments.c for the functions of the element types. */

#include "arguments.h"

#define TYPED(TYPE, S)                                                                                       \
    static void typed_##S(void)                                                                              \
    {                                                                                                        \
        const fanin_distribution d = fanin_normal(0, 1);                                                     \
        const size_t most = (size_t)PTRDIFF_MAX / sizeof(TYPE) + 1;                                          \
        const fanin_mode in = FANIN_MODE_FAN_IN;                                                             \
        const fanin_nonlinearity relu = FANIN_NONLINEARITY_RELU;                                             \
        const fanin_layout torch = FANIN_LAYOUT_TORCH;                                                       \
        fanin_distribution altered = d;                                                                      \
        fanin_initializer scheme = fanin_lecun_normal();                                                     \
        TYPE *const dst = (TYPE *)base();                                                                    \
        TYPE *const skew = (TYPE *)misaligned();                                                             \
        FINE(fanin_fill_##S(NULL, 0, d, valid()));                                                           \
        FINE(fanin_fill_##S(skew, 0, d, valid()));                                                           \
        REFUSED(NULL_POINTER, fanin_fill_##S(NULL, 1, d, valid()));                                          \
        REFUSED(MISALIGNED, fanin_fill_##S(skew, 1, d, valid()));                                            \
        REFUSED(OVERFLOW, fanin_fill_##S(dst, most, d, valid()));                                            \
        REFUSED(OVERFLOW, fanin_fill_##S(dst, SIZE_MAX, d, valid()));                                        \
        REFUSED(INVALID_STREAM, fanin_fill_##S(dst, 1, d, invalid()));                                       \
        REFUSED(INVALID_STREAM, fanin_fill_##S(dst, 1, d, fanin_stream_child(valid(), NULL)));               \
        altered.kind = (fanin_distribution_kind)99;                                                          \
        REFUSED(INVALID_CHOICE, fanin_fill_##S(dst, 1, altered, valid()));                                   \
        altered = d;                                                                                         \
        altered.reserved = 1;                                                                                \
        REFUSED(INVALID_DISTRIBUTION, fanin_fill_##S(dst, 1, altered, valid()));                             \
        REFUSED(INVALID_DISTRIBUTION, fanin_fill_##S(dst, 1, fanin_normal(0, -1), valid()));                 \
        REFUSED(INVALID_DISTRIBUTION, fanin_fill_##S(dst, 1, fanin_uniform(1, 0), valid()));                 \
        REFUSED(INVALID_DISTRIBUTION, fanin_fill_##S(dst, 1, fanin_constant((double)NAN), valid()));         \
        REFUSED(INVALID_DISTRIBUTION, fanin_fill_##S(dst, 1, fanin_truncated_normal(0, 0, 0, 0), valid()));  \
        REFUSED(INVALID_DISTRIBUTION, fanin_fill_##S(NULL, 0, fanin_normal(0, -1), valid()));                \
        REFUSED(DTYPE_RANGE, fanin_fill_##S(dst, 1, fanin_normal(0, 1.7e308), valid()));                     \
        FINE(fanin_fill_at_##S(NULL, 0, UINT64_MAX, d, valid()));                                            \
        REFUSED(OVERFLOW, fanin_fill_at_##S(dst, 2, UINT64_MAX, d, valid()));                                \
        REFUSED(NULL_POINTER, fanin_fill_at_##S(NULL, 1, 0, d, valid()));                                    \
        REFUSED(MISALIGNED, fanin_fill_at_##S(skew, 1, 0, d, valid()));                                      \
        REFUSED(OVERFLOW, fanin_fill_at_##S(dst, most, 0, d, valid()));                                      \
        REFUSED(INVALID_STREAM, fanin_fill_at_##S(dst, 1, 0, d, invalid()));                                 \
        FINE(fanin_fill_shard_##S(NULL, 0, shape, origin, empty, 2, d, valid()));                            \
        FINE(fanin_fill_shard_##S(dst, 1, NULL, NULL, NULL, 0, d, valid()));                                 \
        REFUSED(NULL_POINTER, fanin_fill_shard_##S(NULL, 4, shape, origin, local, 2, d, valid()));           \
        REFUSED(NULL_POINTER, fanin_fill_shard_##S(dst, 4, NULL, origin, local, 2, d, valid()));             \
        REFUSED(NULL_POINTER, fanin_fill_shard_##S(dst, 4, shape, NULL, local, 2, d, valid()));              \
        REFUSED(NULL_POINTER, fanin_fill_shard_##S(dst, 4, shape, origin, NULL, 2, d, valid()));             \
        REFUSED(MISALIGNED, fanin_fill_shard_##S(skew, 4, shape, origin, local, 2, d, valid()));             \
        REFUSED(MISALIGNED, fanin_fill_shard_##S(dst, 1, misaligned_sizes(), origin, local, 2, d, valid())); \
        REFUSED(MISALIGNED, fanin_fill_shard_##S(dst, 1, shape, misaligned_sizes(), local, 2, d, valid()));  \
        REFUSED(MISALIGNED, fanin_fill_shard_##S(dst, 1, shape, origin, misaligned_sizes(), 2, d, valid())); \
        REFUSED(INVALID_LENGTH, fanin_fill_shard_##S(dst, 3, shape, origin, local, 2, d, valid()));          \
        REFUSED(INVALID_SHARD, fanin_fill_shard_##S(dst, 4, shape, outside, local, 2, d, valid()));          \
        REFUSED(INVALID_SHAPE, fanin_fill_shard_##S(dst, 4, shape, origin, local, 65, d, valid()));          \
        REFUSED(INVALID_SHAPE, fanin_fill_shard_##S(dst, 4, shape, origin, local, SIZE_MAX, d, valid()));    \
        REFUSED(OVERFLOW, fanin_fill_shard_##S(dst, 4, huge, origin, local, 2, d, valid()));                 \
        REFUSED(INVALID_STREAM, fanin_fill_shard_##S(dst, 4, shape, origin, local, 2, d, invalid()));        \
        REFUSED(NULL_POINTER, fanin_init_##S(NULL, shape, 2, torch, scheme, valid()));                       \
        REFUSED(NULL_POINTER, fanin_init_##S(dst, NULL, 2, torch, scheme, valid()));                         \
        REFUSED(MISALIGNED, fanin_init_##S(skew, shape, 2, torch, scheme, valid()));                         \
        REFUSED(MISALIGNED, fanin_init_##S(dst, misaligned_sizes(), 2, torch, scheme, valid()));             \
        REFUSED(OVERFLOW, fanin_init_##S(dst, huge, 2, torch, scheme, valid()));                             \
        REFUSED(INVALID_SHAPE, fanin_init_##S(dst, shape, 65, torch, scheme, valid()));                      \
        REFUSED(INVALID_SHAPE, fanin_init_##S(dst, one_axis, 1, torch, scheme, valid()));                    \
        REFUSED(INVALID_CHOICE, fanin_init_##S(dst, shape, 2, (fanin_layout)0, scheme, valid()));            \
        REFUSED(INVALID_CHOICE, fanin_init_##S(dst, shape, 2, (fanin_layout)UINT32_MAX, scheme, valid()));   \
        REFUSED(INVALID_STREAM, fanin_init_##S(dst, shape, 2, torch, scheme, invalid()));                    \
        scheme.kind = (fanin_initializer_kind)0;                                                             \
        REFUSED(INVALID_CHOICE, fanin_init_##S(dst, shape, 2, torch, scheme, valid()));                      \
        scheme = fanin_lecun_normal();                                                                       \
        scheme.truncation = (fanin_truncation)4;                                                             \
        REFUSED(INVALID_CHOICE, fanin_init_##S(dst, shape, 2, torch, scheme, valid()));                      \
        scheme = fanin_variance_scaling(1, in, (fanin_family)9);                                             \
        REFUSED(INVALID_CHOICE, fanin_init_##S(dst, shape, 2, torch, scheme, valid()));                      \
        scheme = fanin_variance_scaling(0, in, FANIN_FAMILY_NORMAL);                                         \
        REFUSED(INVALID_INITIALIZER, fanin_init_##S(dst, shape, 2, torch, scheme, valid()));                 \
        scheme.reserved = 7;                                                                                 \
        REFUSED(INVALID_INITIALIZER, fanin_init_##S(dst, shape, 2, torch, scheme, valid()));                 \
        FINE(fanin_init_##S(NULL, empty, 2, torch, fanin_eye(1), valid()));                                  \
        REFUSED(INVALID_SHAPE, fanin_xavier_uniform_##S(NULL, empty, 2, 1, valid()));                        \
        REFUSED(INVALID_SHAPE, fanin_kaiming_normal_##S(NULL, empty, 2, 0, in, relu, valid()));              \
        REFUSED(INVALID_SHAPE, fanin_lecun_normal_##S(NULL, empty, 2, valid()));                             \
        FINE(fanin_orthogonal_##S(NULL, empty, 2, 1, valid()));                                              \
        WEIGHTS(xavier_uniform_##S, (1, valid()), (1, invalid()), dst, skew)                                 \
        WEIGHTS(xavier_normal_##S, (1, valid()), (1, invalid()), dst, skew)                                  \
        WEIGHTS(kaiming_uniform_##S, (0, in, relu, valid()), (0, in, relu, invalid()), dst, skew)            \
        WEIGHTS(kaiming_normal_##S, (0, in, relu, valid()), (0, in, relu, invalid()), dst, skew)             \
        WEIGHTS(lecun_uniform_##S, (valid()), (invalid()), dst, skew)                                        \
        WEIGHTS(lecun_normal_##S, (valid()), (invalid()), dst, skew)                                         \
        WEIGHTS(orthogonal_##S, (1, valid()), (1, invalid()), dst, skew)                                     \
        REFUSED(INVALID_INITIALIZER, fanin_xavier_uniform_##S(dst, shape, 2, -1, valid()));                  \
        REFUSED(INVALID_INITIALIZER, fanin_xavier_normal_##S(dst, shape, 2, (double)INFINITY, valid()));     \
        REFUSED(INVALID_INITIALIZER, fanin_orthogonal_##S(dst, shape, 2, (double)NAN, valid()));             \
        REFUSED(INVALID_INITIALIZER,                                                                         \
                fanin_kaiming_uniform_##S(dst, shape, 2, (double)NAN, in, relu, valid()));                   \
        REFUSED(INVALID_CHOICE, fanin_kaiming_normal_##S(dst, shape, 2, 0, (fanin_mode)0, relu, valid()));   \
        REFUSED(INVALID_CHOICE,                                                                              \
                fanin_kaiming_uniform_##S(dst, shape, 2, 0, in, (fanin_nonlinearity)7, valid()));            \
    }

#define OPEN(...) __VA_ARGS__
#define WEIGHTS(NAME, REST, NO_STREAM, dst, skew)                                                            \
    REFUSED(NULL_POINTER, fanin_##NAME(NULL, shape, 2, OPEN REST));                                          \
    REFUSED(NULL_POINTER, fanin_##NAME(dst, NULL, 2, OPEN REST));                                            \
    REFUSED(MISALIGNED, fanin_##NAME(skew, shape, 2, OPEN REST));                                            \
    REFUSED(MISALIGNED, fanin_##NAME(dst, misaligned_sizes(), 2, OPEN REST));                                \
    REFUSED(OVERFLOW, fanin_##NAME(dst, huge, 2, OPEN REST));                                                \
    REFUSED(INVALID_SHAPE, fanin_##NAME(dst, shape, SIZE_MAX, OPEN REST));                                   \
    REFUSED(INVALID_SHAPE, fanin_##NAME(dst, NULL, 0, OPEN REST));                                           \
    REFUSED(INVALID_SHAPE, fanin_##NAME(dst, one_axis, 1, OPEN REST));                                       \
    REFUSED(INVALID_STREAM, fanin_##NAME(dst, shape, 2, OPEN NO_STREAM));

TYPED(float, f32)
TYPED(double, f64)
TYPED(uint16_t, bf16)
TYPED(uint16_t, f16)

int main(void)
{
    typed_f32();
    typed_f64();
    typed_bf16();
    typed_f16();
    return 0;
}
