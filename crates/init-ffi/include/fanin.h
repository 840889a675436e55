/* fanin.h: the initial weights of neural networks, the same bits on every machine. See CONVENTIONS.md. Written by cbindgen; do not edit. */

#ifndef FANIN_H
#define FANIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The version of this header; `fanin_version()` is that of the library that is running. */
#define FANIN_VERSION "0.1.0"
#define FANIN_VERSION_MAJOR 0
#define FANIN_VERSION_MINOR 1
#define FANIN_VERSION_PATCH 0

/** The version of the value format; values of the same version are the same, bit for bit, in every release. */
#define FANIN_VALUE_FORMAT 1

/** No exception and no panic leaves the library. */
#if defined(__cplusplus)
#define FANIN_NOEXCEPT noexcept
#else
#define FANIN_NOEXCEPT
#endif

/** A result that is worth nothing if it is not looked at. */
#if defined(__GNUC__) || defined(__clang__)
#define FANIN_NODISCARD __attribute__((warn_unused_result))
#else
#define FANIN_NODISCARD
#endif

/**
 * Bytes of a message, its NUL included.
 */
#define FANIN_MESSAGE_SIZE 1016

/**
 * The most threads that can be asked for.
 */
#define FANIN_MAX_THREADS 1024

/**
 * Bytes of a text, its NUL included: room for what `fanin_distribution_text` and `fanin_initializer_text` write.
 */
#define FANIN_TEXT_SIZE 256

/**
 * What a call came to. `FANIN_STATUS_OK` is 0; whatever else it is, the destination was not written.
 *
 * New ones may be added between these, and none is ever renumbered.
 */
enum fanin_status
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Done.
     */
    FANIN_STATUS_OK = 0,
    /**
     * A pointer is NULL that something has to be read from or written to.
     */
    FANIN_STATUS_NULL_POINTER = 10,
    /**
     * A pointer is no multiple of its type's alignment.
     */
    FANIN_STATUS_MISALIGNED = 11,
    /**
     * A size, an offset or their sum is more than can be addressed or counted.
     */
    FANIN_STATUS_OVERFLOW = 12,
    /**
     * The length of a buffer does not go with the shape, the shard or the text.
     */
    FANIN_STATUS_INVALID_LENGTH = 13,
    /**
     * A number in the place of a dtype, layout, mode, nonlinearity or other choice is none of them.
     */
    FANIN_STATUS_INVALID_CHOICE = 20,
    /**
     * The stream is `{0, 0}`: it was never made, or its parent was invalid, or a child's name was NULL or no UTF-8.
     */
    FANIN_STATUS_INVALID_STREAM = 21,
    /**
     * A text is no UTF-8, or no initializer, layout or nonlinearity.
     */
    FANIN_STATUS_INVALID_TEXT = 22,
    /**
     * The numbers of a distribution make no law.
     */
    FANIN_STATUS_INVALID_DISTRIBUTION = 23,
    /**
     * A parameter of an initializer is out of range, or it is structured where a distribution is needed.
     */
    FANIN_STATUS_INVALID_INITIALIZER = 24,
    /**
     * The initializer does not go with the shape and layout: no fans, no elements, no place for a structure.
     */
    FANIN_STATUS_INVALID_SHAPE = 25,
    /**
     * The shard has other dimensions than its tensor, or leaves it.
     */
    FANIN_STATUS_INVALID_SHARD = 26,
    /**
     * The options have a size that can't be, or something that this version does not know.
     */
    FANIN_STATUS_INVALID_OPTIONS = 27,
    /**
     * The dtype can't hold the values, or has none between the bounds.
     */
    FANIN_STATUS_DTYPE_RANGE = 30,
    /**
     * The machine does not have the level asked for, or FANIN_LEVEL names none.
     */
    FANIN_STATUS_LEVEL_UNAVAILABLE = 40,
    /**
     * The system gave no memory.
     */
    FANIN_STATUS_NO_MEMORY = 41,
    /**
     * The system gave no threads.
     */
    FANIN_STATUS_NO_THREADS = 42,
    /**
     * This version can't do it.
     */
    FANIN_STATUS_UNSUPPORTED = 50,
    /**
     * A fault in the library. The destination may be written in part.
     */
    FANIN_STATUS_PANIC = 60,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum fanin_status fanin_status;
#else
typedef uint32_t fanin_status;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * The type of a tensor's elements.
 */
enum fanin_dtype
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * IEEE 754 binary32: `float`.
     */
    FANIN_DTYPE_F32 = 1,
    /**
     * IEEE 754 binary64: `double`.
     */
    FANIN_DTYPE_F64 = 2,
    /**
     * bfloat16, the upper half of a binary32, in a `uint16_t`.
     */
    FANIN_DTYPE_BF16 = 3,
    /**
     * IEEE 754 binary16, in a `uint16_t`.
     */
    FANIN_DTYPE_F16 = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum fanin_dtype fanin_dtype;
#else
typedef uint32_t fanin_dtype;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * The order of a weight's axes. The functions that take a layout as text know more: `conv(…)`, `axes(…)`, `packed(…)`.
 */
enum fanin_layout
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * PyTorch's (out, in / groups, *kernel).
     */
    FANIN_LAYOUT_TORCH = 1,
    /**
     * JAX's and Flax's (*kernel, in, out).
     */
    FANIN_LAYOUT_JAX = 2,
    /**
     * Keras's and TensorFlow's (*kernel, in, out), which has fans for one and no dimension, too.
     */
    FANIN_LAYOUT_KERAS = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum fanin_layout fanin_layout;
#else
typedef uint32_t fanin_layout;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Which fan a scheme divides its variance by.
 */
enum fanin_mode
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * fan_in: keeps the variance of the activations.
     */
    FANIN_MODE_FAN_IN = 1,
    /**
     * fan_out: keeps the variance of the gradients.
     */
    FANIN_MODE_FAN_OUT = 2,
    /**
     * (fan_in + fan_out) / 2.
     */
    FANIN_MODE_FAN_AVG = 3,
    /**
     * √(fan_in · fan_out).
     */
    FANIN_MODE_FAN_GEO_AVG = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum fanin_mode fanin_mode;
#else
typedef uint32_t fanin_mode;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * The activation function that follows, with PyTorch's gain. Texts know more: `exact(gelu)`.
 */
enum fanin_nonlinearity
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * None: gain 1.
     */
    FANIN_NONLINEARITY_LINEAR = 1,
    /**
     * Gain 1.
     */
    FANIN_NONLINEARITY_SIGMOID = 2,
    /**
     * Gain 5/3.
     */
    FANIN_NONLINEARITY_TANH = 3,
    /**
     * Gain √2.
     */
    FANIN_NONLINEARITY_RELU = 4,
    /**
     * Gain √(2 / (1 + a²)).
     */
    FANIN_NONLINEARITY_LEAKY_RELU = 5,
    /**
     * Gain 3/4.
     */
    FANIN_NONLINEARITY_SELU = 6,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum fanin_nonlinearity fanin_nonlinearity;
#else
typedef uint32_t fanin_nonlinearity;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * How the normal schemes are cut.
 */
enum fanin_truncation
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Not at all, as in PyTorch.
     */
    FANIN_TRUNCATION_NONE = 1,
    /**
     * At two standard deviations of a law that is wider for it, as in JAX and Keras.
     */
    FANIN_TRUNCATION_CORRECTED = 2,
    /**
     * At two standard deviations.
     */
    FANIN_TRUNCATION_UNCORRECTED = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum fanin_truncation fanin_truncation;
#else
typedef uint32_t fanin_truncation;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * The law that variance scaling draws from.
 */
enum fanin_family
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Even.
     */
    FANIN_FAMILY_UNIFORM = 1,
    /**
     * Normal, not cut.
     */
    FANIN_FAMILY_NORMAL = 2,
    /**
     * Normal, cut at two standard deviations and made up for it.
     */
    FANIN_FAMILY_TRUNCATED_NORMAL = 3,
    /**
     * Normal, cut at two standard deviations and not made up for it.
     */
    FANIN_FAMILY_UNCORRECTED_TRUNCATED_NORMAL = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum fanin_family fanin_family;
#else
typedef uint32_t fanin_family;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Which instructions fill. They change the speed, never the values.
 */
enum fanin_level
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * The best that the machine has, or what the environment variable FANIN_LEVEL says.
     */
    FANIN_LEVEL_AUTO = 0,
    /**
     * Every machine.
     */
    FANIN_LEVEL_PORTABLE = 1,
    /**
     * x86-64 with AVX2, FMA and F16C.
     */
    FANIN_LEVEL_AVX2 = 2,
    /**
     * x86-64 with AVX-512 F, BW, DQ and VL.
     */
    FANIN_LEVEL_AVX512 = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum fanin_level fanin_level;
#else
typedef uint32_t fanin_level;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * The kinds of distributions.
 */
enum fanin_distribution_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Every element `mean`.
     */
    FANIN_DISTRIBUTION_KIND_CONSTANT = 1,
    /**
     * Even over [low, high).
     */
    FANIN_DISTRIBUTION_KIND_UNIFORM = 2,
    /**
     * Normal with `mean` and `std`.
     */
    FANIN_DISTRIBUTION_KIND_NORMAL = 3,
    /**
     * Normal under the condition that the value lies in [low, high].
     */
    FANIN_DISTRIBUTION_KIND_TRUNCATED_NORMAL = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum fanin_distribution_kind fanin_distribution_kind;
#else
typedef uint32_t fanin_distribution_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * The initializers that have a struct. All have a text, which the functions that take a text read.
 */
enum fanin_initializer_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Even over ±gain · √(6 / (fan_in + fan_out)).
     */
    FANIN_INITIALIZER_KIND_XAVIER_UNIFORM = 1,
    /**
     * Normal with std = gain · √(2 / (fan_in + fan_out)).
     */
    FANIN_INITIALIZER_KIND_XAVIER_NORMAL = 2,
    /**
     * Even over ±√3 · gain(nonlinearity, a) / √fan.
     */
    FANIN_INITIALIZER_KIND_KAIMING_UNIFORM = 3,
    /**
     * Normal with std = gain(nonlinearity, a) / √fan.
     */
    FANIN_INITIALIZER_KIND_KAIMING_NORMAL = 4,
    /**
     * Even over ±√(3 / fan_in).
     */
    FANIN_INITIALIZER_KIND_LECUN_UNIFORM = 5,
    /**
     * Normal with std = √(1 / fan_in).
     */
    FANIN_INITIALIZER_KIND_LECUN_NORMAL = 6,
    /**
     * Of the family, with variance = gain / fan.
     */
    FANIN_INITIALIZER_KIND_VARIANCE_SCALING = 7,
    /**
     * `gain` times orthonormal rows or columns, whichever are fewer.
     */
    FANIN_INITIALIZER_KIND_ORTHOGONAL = 20,
    /**
     * `gain` on the diagonal, elsewhere 0.
     */
    FANIN_INITIALIZER_KIND_EYE = 21,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum fanin_initializer_kind fanin_initializer_kind;
#else
typedef uint32_t fanin_initializer_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Memory straight from the system, in huge pages where it is large: zeros that no one has touched yet.
 *
 * Its pages come into being under the fill, on all threads that take part: a fill of new memory is then about twice as fast as one of
 * `malloc`'s. Made by `fanin_buffer_new`, given back by `fanin_buffer_free`.
 */
typedef struct fanin_buffer fanin_buffer;

/**
 * A source of values: a key of 128 bits, from which every value of a tensor follows by its index alone.
 *
 * It is a number, not a generator: it has no position, is copied by `=`, and using it changes nothing. There is nothing to free.
 * A model has the stream of its seed, a parameter the child that bears its name.
 *
 * `{0, 0}` is no stream: whatever is asked of it gives `FANIN_STATUS_INVALID_STREAM`.
 */
typedef struct fanin_stream {
    /**
     * The first word of the key.
     */
    uint64_t k0;
    /**
     * The second word.
     */
    uint64_t k1;
} fanin_stream;

/**
 * What independent elements are drawn from.
 *
 * `fanin_constant`, `fanin_uniform`, `fanin_normal` and `fanin_truncated_normal` make one; it is checked where it is used. Numbers that
 * its kind does not name are not looked at.
 */
typedef struct fanin_distribution {
    /**
     * Which law.
     */
    fanin_distribution_kind kind;
    /**
     * 0, for later versions.
     */
    uint32_t reserved;
    /**
     * The value of a constant; the mean of a normal law, before the cut if there is one; finite.
     */
    double mean;
    /**
     * The standard deviation of a normal law, before the cut; finite, at least 0, above 0 if it is cut.
     */
    double std;
    /**
     * The lower bound; finite, or -INFINITY of a truncated normal.
     */
    double low;
    /**
     * The upper bound, at least `low`; finite, or INFINITY of a truncated normal.
     */
    double high;
} fanin_distribution;

/**
 * Room for the whole message of a call; the caller's own, and never read.
 *
 * Any function that takes one takes NULL instead. It need not be initialised, and after the call it always tells of that call: on
 * success `status` is `FANIN_STATUS_OK` and the message is empty. Bytes behind the message's NUL are not written.
 */
typedef struct fanin_error {
    /**
     * What the call came to: the same that it returned.
     */
    fanin_status status;
    /**
     * Bytes of the message, the NUL not counted.
     */
    uint32_t length;
    /**
     * What was given, why it can't be and what would work: UTF-8, with a NUL at its end. What is longer is cut.
     */
    char message[FANIN_MESSAGE_SIZE];
} fanin_error;

/**
 * A scheme by which a weight gets its first values, not yet tied to a shape.
 *
 * `fanin_xavier_uniform` and its like make one; a field can then be set, such as `truncation`. It is checked where it is used. Fields
 * that its kind does not name are not looked at.
 */
typedef struct fanin_initializer {
    /**
     * Which scheme.
     */
    fanin_initializer_kind kind;
    /**
     * Of kaiming and variance scaling: which fan to divide by.
     */
    fanin_mode mode;
    /**
     * Of kaiming: the activation function that follows.
     */
    fanin_nonlinearity nonlinearity;
    /**
     * Of xavier, kaiming and lecun normal: how the law is cut.
     */
    fanin_truncation truncation;
    /**
     * Of variance scaling: the law.
     */
    fanin_family family;
    /**
     * 0, for later versions.
     */
    uint32_t reserved;
    /**
     * Of xavier, orthogonal and eye: the factor; of variance scaling: the scale.
     */
    double gain;
    /**
     * Of kaiming: the negative slope of leaky_relu.
     */
    double a;
} fanin_initializer;

/**
 * How to fill. Nothing here changes a value.
 *
 * Made by `fanin_options_default`, then changed. Where options are taken, NULL stands for the defaults.
 */
typedef struct fanin_options {
    /**
     * `sizeof(fanin_options)`, by which the library knows the caller's version. Options of a later version are refused where they ask for
     * what this one does not know.
     */
    size_t struct_size;
    /**
     * How many threads fill, up to 1024. 0: as many as the process may use. 1: the caller's thread alone, and no other is ever started.
     */
    uint32_t threads;
    /**
     * Which instructions: `FANIN_LEVEL_AUTO` or one that the machine has.
     */
    fanin_level level;
} fanin_options;

/**
 * How many inputs feed one output, and how many outputs one input feeds.
 */
typedef struct fanin_fans {
    /**
     * Inputs of one output.
     */
    double fan_in;
    /**
     * Outputs of one input.
     */
    double fan_out;
} fanin_fans;

/**
 * What an initializer comes to for a shape.
 */
typedef struct fanin_resolution {
    /**
     * The distribution, which can be filled in; of kind 0 if the initializer is structured.
     */
    struct fanin_distribution distribution;
    /**
     * The fans of the shape in this layout; NAN where it has none.
     */
    struct fanin_fans fans;
    /**
     * The mean of the elements, of a truncated normal that after the cut; NAN if structured.
     */
    double mean;
    /**
     * The standard deviation of the elements, after the cut; NAN if structured.
     */
    double std;
    /**
     * No element is below; -INFINITY for a normal law, NAN if structured.
     */
    double low;
    /**
     * No element is above; INFINITY for a normal law, NAN if structured.
     */
    double high;
    /**
     * The same in words, with a NUL: `uniform(low=-1, high=1)`, `orthogonal(rows=32, cols=144, gain=2)`. What is longer is cut.
     */
    char text[FANIN_TEXT_SIZE];
} fanin_resolution;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * What a status means, in a few words; for a number that is no status, that it is none. Never NULL, never freed.
 *
 * Thread-safe.
 */
FANIN_NODISCARD
const char *fanin_status_string(fanin_status status)
FANIN_NOEXCEPT;

/**
 * The stream of a seed. Seeds that differ in one bit give unrelated streams.
 *
 * Thread-safe.
 */
FANIN_NODISCARD struct fanin_stream fanin_stream_new(uint64_t seed) FANIN_NOEXCEPT;

/**
 * The child that bears this name: for a model's parameter, its full name, such as `h.0.attn.c_attn.weight`.
 *
 * `name` is UTF-8 and ends with a NUL; if it is NULL or no UTF-8, or `parent` is invalid, so is the child, and whatever is asked of it
 * says so. Thread-safe.
 */
FANIN_NODISCARD
struct fanin_stream fanin_stream_child(struct fanin_stream parent,
                                       const char *name)
FANIN_NOEXCEPT;

/**
 * As `fanin_stream_child`, for a name of `length` bytes without a NUL. NULL is the empty name if `length` is 0.
 *
 * Thread-safe.
 */
FANIN_NODISCARD
struct fanin_stream fanin_stream_child_n(struct fanin_stream parent,
                                         const char *name,
                                         size_t length)
FANIN_NOEXCEPT;

/**
 * The child of this index. No index child equals a named child.
 *
 * Thread-safe.
 */
FANIN_NODISCARD
struct fanin_stream fanin_stream_child_index(struct fanin_stream parent,
                                             uint64_t index)
FANIN_NOEXCEPT;

/**
 * Bytes of an element: 2, 4 or 8; 0 for a number that is no dtype.
 *
 * Thread-safe.
 */
FANIN_NODISCARD size_t fanin_dtype_size(fanin_dtype dtype) FANIN_NOEXCEPT;

/**
 * Every element `value`.
 *
 * Thread-safe.
 */
FANIN_NODISCARD struct fanin_distribution fanin_constant(double value) FANIN_NOEXCEPT;

/**
 * Even over [low, high); the constant `low` if both are equal.
 *
 * Thread-safe.
 */
FANIN_NODISCARD struct fanin_distribution fanin_uniform(double low, double high) FANIN_NOEXCEPT;

/**
 * The normal law; the constant `mean` if `std` is 0.
 *
 * Thread-safe.
 */
FANIN_NODISCARD struct fanin_distribution fanin_normal(double mean, double std) FANIN_NOEXCEPT;

/**
 * The normal law of `mean` and `std` under the condition low ≤ x ≤ high.
 *
 * The bounds are values, as in PyTorch, not multiples of `std`. The cut makes the law narrower than `std`. Thread-safe.
 */
FANIN_NODISCARD
struct fanin_distribution fanin_truncated_normal(double mean,
                                                 double std,
                                                 double low,
                                                 double high)
FANIN_NOEXCEPT;

/**
 * The mean of the elements, of a truncated normal that after the cut; NAN if the distribution is invalid.
 *
 * Thread-safe.
 */
FANIN_NODISCARD double fanin_distribution_mean(struct fanin_distribution distribution) FANIN_NOEXCEPT;

/**
 * The standard deviation of the elements, of a truncated normal that after the cut; NAN if the distribution is invalid.
 *
 * Thread-safe.
 */
FANIN_NODISCARD
double fanin_distribution_std(struct fanin_distribution distribution)
FANIN_NOEXCEPT;

/**
 * Whether elements of this dtype can be drawn from the distribution: what a fill would refuse is refused here, without a buffer.
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_distribution_check(fanin_dtype dtype,
                                      struct fanin_distribution distribution,
                                      struct fanin_error *error)
FANIN_NOEXCEPT;

/**
 * Reads `normal(0, 0.02)`, `uniform(low=-1, high=1)`, `truncated_normal(std=0.02)`, `constant(1)`, `zeros` or `ones`.
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_distribution_parse(struct fanin_distribution *distribution,
                                      const char *text,
                                      struct fanin_error *error)
FANIN_NOEXCEPT;

/**
 * Writes the distribution as text with a NUL, such as `normal(mean=0, std=0.02)`.
 *
 * `size` bytes may be written; `FANIN_TEXT_SIZE` are always enough. What does not fit is not written in part. Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_distribution_text(char *text,
                                     size_t size,
                                     struct fanin_distribution distribution,
                                     struct fanin_error *error)
FANIN_NOEXCEPT;

/**
 * Even over ±gain · √(6 / (fan_in + fan_out)): Glorot and Bengio 2010, equation 16. PyTorch's `xavier_uniform_`.
 *
 * Thread-safe.
 */
FANIN_NODISCARD
struct fanin_initializer fanin_xavier_uniform(double gain)
FANIN_NOEXCEPT;

/**
 * Normal with std = gain · √(2 / (fan_in + fan_out)), not cut: PyTorch's `xavier_normal_`.
 *
 * Thread-safe.
 */
FANIN_NODISCARD struct fanin_initializer fanin_xavier_normal(double gain) FANIN_NOEXCEPT;

/**
 * Even over ±√3 · gain(nonlinearity, a) / √fan: He et al. 2015, equations 10, 14 and 15. PyTorch's `kaiming_uniform_`.
 *
 * `a` is the negative slope of leaky_relu; the other nonlinearities do not look at it. Thread-safe.
 */
FANIN_NODISCARD
struct fanin_initializer fanin_kaiming_uniform(double a,
                                               fanin_mode mode,
                                               fanin_nonlinearity nonlinearity)
FANIN_NOEXCEPT;

/**
 * Normal with std = gain(nonlinearity, a) / √fan, not cut: PyTorch's `kaiming_normal_`.
 *
 * Thread-safe.
 */
FANIN_NODISCARD
struct fanin_initializer fanin_kaiming_normal(double a,
                                              fanin_mode mode,
                                              fanin_nonlinearity nonlinearity)
FANIN_NOEXCEPT;

/**
 * Even over ±√(3 / fan_in): LeCun et al. 1998, Efficient BackProp, section 4.6.
 *
 * Thread-safe.
 */
FANIN_NODISCARD struct fanin_initializer fanin_lecun_uniform(void) FANIN_NOEXCEPT;

/**
 * Normal with std = √(1 / fan_in), not cut.
 *
 * Thread-safe.
 */
FANIN_NODISCARD struct fanin_initializer fanin_lecun_normal(void) FANIN_NOEXCEPT;

/**
 * Of the family, with variance = scale / fan: JAX's `variance_scaling`.
 *
 * Thread-safe.
 */
FANIN_NODISCARD
struct fanin_initializer fanin_variance_scaling(double scale,
                                                fanin_mode mode,
                                                fanin_family family)
FANIN_NOEXCEPT;

/**
 * `gain` times orthonormal rows or columns, whichever are fewer, evenly distributed: Saxe et al. 2014.
 *
 * Thread-safe.
 */
FANIN_NODISCARD struct fanin_initializer fanin_orthogonal(double gain) FANIN_NOEXCEPT;

/**
 * `gain` on the diagonal of the last two axes, elsewhere 0: PyTorch's `eye_`.
 *
 * Thread-safe.
 */
FANIN_NODISCARD struct fanin_initializer fanin_eye(double gain) FANIN_NOEXCEPT;

/**
 * Writes the initializer as text with a NUL, such as `xavier_uniform(gain=2)`: what the functions that take a text read.
 *
 * `size` bytes may be written; `FANIN_TEXT_SIZE` are always enough. What does not fit is not written in part. Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_initializer_text(char *text,
                                    size_t size,
                                    struct fanin_initializer initializer,
                                    struct fanin_error *error)
FANIN_NOEXCEPT;

/**
 * The options that NULL stands for: as many threads as the process may use, the best level.
 *
 * Thread-safe.
 */
FANIN_NODISCARD struct fanin_options fanin_options_default(void) FANIN_NOEXCEPT;

/**
 * Fills `len` elements with the whole of a tensor, or with its first elements.
 *
 * Element i is a function of the stream, the distribution and i alone: every prefix of a fill is the shorter fill. `dst` is written, never
 * read; NULL is fine if `len` is 0. Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_fill_f32(float *dst,
                            size_t len,
                            struct fanin_distribution dist,
                            struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Fills `len` elements with those of a tensor from flat index `offset` on: the same that `fanin_fill_f32` puts there.
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_fill_at_f32(float *dst,
                               size_t len,
                               uint64_t offset,
                               struct fanin_distribution dist,
                               struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Fills `len` elements with a shard of a tensor, in row-major order: the same elements that `fanin_fill_f32` puts there.
 *
 * The tensor has the shape `global`; the shard begins at `offsets` and has the shape `local`, of `ndim` dimensions each, and exactly `len`
 * elements. Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_fill_shard_f32(float *dst,
                                  size_t len,
                                  const size_t *global,
                                  const size_t *offsets,
                                  const size_t *local,
                                  size_t ndim,
                                  struct fanin_distribution dist,
                                  struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Initialises a tensor of this shape, row-major, in this layout.
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_init_f32(float *dst,
                            const size_t *shape,
                            size_t ndim,
                            fanin_layout layout,
                            struct fanin_initializer initializer,
                            struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Initialises a weight (out, in, *kernel) evenly over ±gain · √(6 / (fan_in + fan_out)).
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_xavier_uniform_f32(float *dst,
                                      const size_t *shape,
                                      size_t ndim,
                                      double gain,
                                      struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Initialises a weight (out, in, *kernel) by the normal law of std gain · √(2 / (fan_in + fan_out)).
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_xavier_normal_f32(float *dst,
                                     const size_t *shape,
                                     size_t ndim,
                                     double gain,
                                     struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Initialises a weight (out, in, *kernel) evenly over ±√3 · gain(nonlinearity, a) / √fan.
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_kaiming_uniform_f32(float *dst,
                                       const size_t *shape,
                                       size_t ndim,
                                       double a,
                                       fanin_mode mode,
                                       fanin_nonlinearity nonlinearity,
                                       struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Initialises a weight (out, in, *kernel) by the normal law of std gain(nonlinearity, a) / √fan.
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_kaiming_normal_f32(float *dst,
                                      const size_t *shape,
                                      size_t ndim,
                                      double a,
                                      fanin_mode mode,
                                      fanin_nonlinearity nonlinearity,
                                      struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Initialises a weight (out, in, *kernel) evenly over ±√(3 / fan_in).
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_lecun_uniform_f32(float *dst,
                                     const size_t *shape,
                                     size_t ndim,
                                     struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Initialises a weight (out, in, *kernel) by the normal law of std √(1 / fan_in).
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_lecun_normal_f32(float *dst,
                                    const size_t *shape,
                                    size_t ndim,
                                    struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Initialises a weight (out, in, *kernel) as `gain` times a random matrix with orthonormal rows or columns.
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_orthogonal_f32(float *dst,
                                  const size_t *shape,
                                  size_t ndim,
                                  double gain,
                                  struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Fills `len` elements with the whole of a tensor, or with its first elements.
 *
 * Element i is a function of the stream, the distribution and i alone: every prefix of a fill is the shorter fill. `dst` is written, never
 * read; NULL is fine if `len` is 0. Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_fill_bf16(uint16_t *dst,
                             size_t len,
                             struct fanin_distribution dist,
                             struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Fills `len` elements with those of a tensor from flat index `offset` on: the same that `fanin_fill_bf16` puts there.
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_fill_at_bf16(uint16_t *dst,
                                size_t len,
                                uint64_t offset,
                                struct fanin_distribution dist,
                                struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Fills `len` elements with a shard of a tensor, in row-major order: the same elements that `fanin_fill_bf16` puts there.
 *
 * The tensor has the shape `global`; the shard begins at `offsets` and has the shape `local`, of `ndim` dimensions each, and exactly `len`
 * elements. Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_fill_shard_bf16(uint16_t *dst,
                                   size_t len,
                                   const size_t *global,
                                   const size_t *offsets,
                                   const size_t *local,
                                   size_t ndim,
                                   struct fanin_distribution dist,
                                   struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Initialises a tensor of this shape, row-major, in this layout.
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_init_bf16(uint16_t *dst,
                             const size_t *shape,
                             size_t ndim,
                             fanin_layout layout,
                             struct fanin_initializer initializer,
                             struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Initialises a weight (out, in, *kernel) evenly over ±gain · √(6 / (fan_in + fan_out)).
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_xavier_uniform_bf16(uint16_t *dst,
                                       const size_t *shape,
                                       size_t ndim,
                                       double gain,
                                       struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Initialises a weight (out, in, *kernel) by the normal law of std gain · √(2 / (fan_in + fan_out)).
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_xavier_normal_bf16(uint16_t *dst,
                                      const size_t *shape,
                                      size_t ndim,
                                      double gain,
                                      struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Initialises a weight (out, in, *kernel) evenly over ±√3 · gain(nonlinearity, a) / √fan.
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_kaiming_uniform_bf16(uint16_t *dst,
                                        const size_t *shape,
                                        size_t ndim,
                                        double a,
                                        fanin_mode mode,
                                        fanin_nonlinearity nonlinearity,
                                        struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Initialises a weight (out, in, *kernel) by the normal law of std gain(nonlinearity, a) / √fan.
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_kaiming_normal_bf16(uint16_t *dst,
                                       const size_t *shape,
                                       size_t ndim,
                                       double a,
                                       fanin_mode mode,
                                       fanin_nonlinearity nonlinearity,
                                       struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Initialises a weight (out, in, *kernel) evenly over ±√(3 / fan_in).
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_lecun_uniform_bf16(uint16_t *dst,
                                      const size_t *shape,
                                      size_t ndim,
                                      struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Initialises a weight (out, in, *kernel) by the normal law of std √(1 / fan_in).
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_lecun_normal_bf16(uint16_t *dst,
                                     const size_t *shape,
                                     size_t ndim,
                                     struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Initialises a weight (out, in, *kernel) as `gain` times a random matrix with orthonormal rows or columns.
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_orthogonal_bf16(uint16_t *dst,
                                   const size_t *shape,
                                   size_t ndim,
                                   double gain,
                                   struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Fills `len` elements with the whole of a tensor, or with its first elements.
 *
 * Element i is a function of the stream, the distribution and i alone: every prefix of a fill is the shorter fill. `dst` is written, never
 * read; NULL is fine if `len` is 0. Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_fill_f16(uint16_t *dst,
                            size_t len,
                            struct fanin_distribution dist,
                            struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Fills `len` elements with those of a tensor from flat index `offset` on: the same that `fanin_fill_f16` puts there.
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_fill_at_f16(uint16_t *dst,
                               size_t len,
                               uint64_t offset,
                               struct fanin_distribution dist,
                               struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Fills `len` elements with a shard of a tensor, in row-major order: the same elements that `fanin_fill_f16` puts there.
 *
 * The tensor has the shape `global`; the shard begins at `offsets` and has the shape `local`, of `ndim` dimensions each, and exactly `len`
 * elements. Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_fill_shard_f16(uint16_t *dst,
                                  size_t len,
                                  const size_t *global,
                                  const size_t *offsets,
                                  const size_t *local,
                                  size_t ndim,
                                  struct fanin_distribution dist,
                                  struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Initialises a tensor of this shape, row-major, in this layout.
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_init_f16(uint16_t *dst,
                            const size_t *shape,
                            size_t ndim,
                            fanin_layout layout,
                            struct fanin_initializer initializer,
                            struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Initialises a weight (out, in, *kernel) evenly over ±gain · √(6 / (fan_in + fan_out)).
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_xavier_uniform_f16(uint16_t *dst,
                                      const size_t *shape,
                                      size_t ndim,
                                      double gain,
                                      struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Initialises a weight (out, in, *kernel) by the normal law of std gain · √(2 / (fan_in + fan_out)).
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_xavier_normal_f16(uint16_t *dst,
                                     const size_t *shape,
                                     size_t ndim,
                                     double gain,
                                     struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Initialises a weight (out, in, *kernel) evenly over ±√3 · gain(nonlinearity, a) / √fan.
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_kaiming_uniform_f16(uint16_t *dst,
                                       const size_t *shape,
                                       size_t ndim,
                                       double a,
                                       fanin_mode mode,
                                       fanin_nonlinearity nonlinearity,
                                       struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Initialises a weight (out, in, *kernel) by the normal law of std gain(nonlinearity, a) / √fan.
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_kaiming_normal_f16(uint16_t *dst,
                                      const size_t *shape,
                                      size_t ndim,
                                      double a,
                                      fanin_mode mode,
                                      fanin_nonlinearity nonlinearity,
                                      struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Initialises a weight (out, in, *kernel) evenly over ±√(3 / fan_in).
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_lecun_uniform_f16(uint16_t *dst,
                                     const size_t *shape,
                                     size_t ndim,
                                     struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Initialises a weight (out, in, *kernel) by the normal law of std √(1 / fan_in).
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_lecun_normal_f16(uint16_t *dst,
                                    const size_t *shape,
                                    size_t ndim,
                                    struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Initialises a weight (out, in, *kernel) as `gain` times a random matrix with orthonormal rows or columns.
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_orthogonal_f16(uint16_t *dst,
                                  const size_t *shape,
                                  size_t ndim,
                                  double gain,
                                  struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Fills `len` elements with the whole of a tensor, or with its first elements.
 *
 * Element i is a function of the stream, the distribution and i alone: every prefix of a fill is the shorter fill. `dst` is written, never
 * read; NULL is fine if `len` is 0. Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_fill_f64(double *dst,
                            size_t len,
                            struct fanin_distribution dist,
                            struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Fills `len` elements with those of a tensor from flat index `offset` on: the same that `fanin_fill_f64` puts there.
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_fill_at_f64(double *dst,
                               size_t len,
                               uint64_t offset,
                               struct fanin_distribution dist,
                               struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Fills `len` elements with a shard of a tensor, in row-major order: the same elements that `fanin_fill_f64` puts there.
 *
 * The tensor has the shape `global`; the shard begins at `offsets` and has the shape `local`, of `ndim` dimensions each, and exactly `len`
 * elements. Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_fill_shard_f64(double *dst,
                                  size_t len,
                                  const size_t *global,
                                  const size_t *offsets,
                                  const size_t *local,
                                  size_t ndim,
                                  struct fanin_distribution dist,
                                  struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Initialises a tensor of this shape, row-major, in this layout.
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_init_f64(double *dst,
                            const size_t *shape,
                            size_t ndim,
                            fanin_layout layout,
                            struct fanin_initializer initializer,
                            struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Initialises a weight (out, in, *kernel) evenly over ±gain · √(6 / (fan_in + fan_out)).
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_xavier_uniform_f64(double *dst,
                                      const size_t *shape,
                                      size_t ndim,
                                      double gain,
                                      struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Initialises a weight (out, in, *kernel) by the normal law of std gain · √(2 / (fan_in + fan_out)).
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_xavier_normal_f64(double *dst,
                                     const size_t *shape,
                                     size_t ndim,
                                     double gain,
                                     struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Initialises a weight (out, in, *kernel) evenly over ±√3 · gain(nonlinearity, a) / √fan.
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_kaiming_uniform_f64(double *dst,
                                       const size_t *shape,
                                       size_t ndim,
                                       double a,
                                       fanin_mode mode,
                                       fanin_nonlinearity nonlinearity,
                                       struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Initialises a weight (out, in, *kernel) by the normal law of std gain(nonlinearity, a) / √fan.
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_kaiming_normal_f64(double *dst,
                                      const size_t *shape,
                                      size_t ndim,
                                      double a,
                                      fanin_mode mode,
                                      fanin_nonlinearity nonlinearity,
                                      struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Initialises a weight (out, in, *kernel) evenly over ±√(3 / fan_in).
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_lecun_uniform_f64(double *dst,
                                     const size_t *shape,
                                     size_t ndim,
                                     struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Initialises a weight (out, in, *kernel) by the normal law of std √(1 / fan_in).
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_lecun_normal_f64(double *dst,
                                    const size_t *shape,
                                    size_t ndim,
                                    struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Initialises a weight (out, in, *kernel) as `gain` times a random matrix with orthonormal rows or columns.
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_orthogonal_f64(double *dst,
                                  const size_t *shape,
                                  size_t ndim,
                                  double gain,
                                  struct fanin_stream stream)
FANIN_NOEXCEPT;

/**
 * Fills `len` elements of `dtype` with the whole of a tensor, or with its first elements.
 *
 * Element i is a function of the stream, the distribution and i alone: every prefix of a fill is the shorter fill. `dst` is written, never
 * read, and aligned to the dtype's size. `options` and `error` may be NULL. Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_fill(void *dst,
                        fanin_dtype dtype,
                        size_t len,
                        struct fanin_distribution distribution,
                        struct fanin_stream stream,
                        const struct fanin_options *options,
                        struct fanin_error *error)
FANIN_NOEXCEPT;

/**
 * As `fanin_fill`, with the elements of the tensor from flat index `offset` on: the same that `fanin_fill` puts there.
 *
 * Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_fill_at(void *dst,
                           fanin_dtype dtype,
                           size_t len,
                           uint64_t offset,
                           struct fanin_distribution distribution,
                           struct fanin_stream stream,
                           const struct fanin_options *options,
                           struct fanin_error *error)
FANIN_NOEXCEPT;

/**
 * As `fanin_fill`, with a shard of a tensor, in row-major order: the same elements that `fanin_fill` puts there.
 *
 * The tensor has the shape `global`; the shard begins at `offsets` and has the shape `local`, of `ndim` dimensions each, and exactly `len`
 * elements. Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_fill_shard(void *dst,
                              fanin_dtype dtype,
                              size_t len,
                              const size_t *global,
                              const size_t *offsets,
                              const size_t *local,
                              size_t ndim,
                              struct fanin_distribution distribution,
                              struct fanin_stream stream,
                              const struct fanin_options *options,
                              struct fanin_error *error)
FANIN_NOEXCEPT;

/**
 * Initialises a tensor: the one call that most need.
 *
 * `dst` has room for as many elements of `dtype` as `shape` has, row-major. `initializer` is a text such as `xavier_uniform`,
 * `kaiming_normal(mode=fan_out)` or `orthogonal(gain=relu)`; all of them, with parameters and defaults, are in docs/initializers.md. `error`
 * may be NULL. Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_init(void *dst,
                        fanin_dtype dtype,
                        const size_t *shape,
                        size_t ndim,
                        fanin_layout layout,
                        const char *initializer,
                        struct fanin_stream stream,
                        struct fanin_error *error)
FANIN_NOEXCEPT;

/**
 * As `fanin_init`, with a layout as text, such as `conv(torch, groups=8)` or `axes(in=[-2], out=[-1], batch=[0])`, and with options.
 *
 * `options` and `error` may be NULL. Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_init_with(void *dst,
                             fanin_dtype dtype,
                             const size_t *shape,
                             size_t ndim,
                             const char *layout,
                             const char *initializer,
                             struct fanin_stream stream,
                             const struct fanin_options *options,
                             struct fanin_error *error)
FANIN_NOEXCEPT;

/**
 * As `fanin_init_with`, for a shard of the tensor: the same elements that the whole has there.
 *
 * The tensor has the shape `global`, by which the initializer is scaled; the shard begins at `offsets` and has the shape `local`, of `ndim`
 * dimensions each, and exactly `len` elements. Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_init_shard(void *dst,
                              fanin_dtype dtype,
                              size_t len,
                              const size_t *global,
                              const size_t *offsets,
                              const size_t *local,
                              size_t ndim,
                              const char *layout,
                              const char *initializer,
                              struct fanin_stream stream,
                              const struct fanin_options *options,
                              struct fanin_error *error)
FANIN_NOEXCEPT;

/**
 * Counts fan_in and fan_out of a shape in a layout, given as text: `torch`, `jax`, `keras`, `conv(torch, groups=8)`.
 *
 * `error` may be NULL. Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_fans_of(struct fanin_fans *fans,
                           const size_t *shape,
                           size_t ndim,
                           const char *layout,
                           struct fanin_error *error)
FANIN_NOEXCEPT;

/**
 * The gain of a nonlinearity, given as text: one of PyTorch's (`relu`, `tanh`, `leaky_relu`), or `exact(gelu)` and its like.
 *
 * `a` is the negative slope of leaky_relu (PyTorch's default is 0.01); the others do not look at it. `error` may be NULL. Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_gain(double *gain,
                        const char *nonlinearity,
                        double a,
                        struct fanin_error *error)
FANIN_NOEXCEPT;

/**
 * What an initializer comes to for a shape: the bounds and the standard deviation that its values will have.
 *
 * `layout` and `initializer` are texts. `error` may be NULL. Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_resolve(struct fanin_resolution *resolution,
                           const size_t *shape,
                           size_t ndim,
                           const char *layout,
                           const char *initializer,
                           struct fanin_error *error)
FANIN_NOEXCEPT;

/**
 * Makes a buffer for `len` elements of `dtype`, all zero. Constant time, whatever the length.
 *
 * `*buffer` is written on success alone. From 2 MiB on the memory begins at a multiple of 2 MiB. `error` may be NULL. Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_buffer_new(struct fanin_buffer **buffer,
                              fanin_dtype dtype,
                              size_t len,
                              struct fanin_error *error)
FANIN_NOEXCEPT;

/**
 * The first element, aligned for every dtype; NULL for NULL. Valid until the buffer is freed.
 *
 * Safe on distinct buffers.
 */
FANIN_NODISCARD void *fanin_buffer_data(struct fanin_buffer *buffer) FANIN_NOEXCEPT;

/**
 * How many elements the buffer has; 0 for NULL.
 *
 * Safe on distinct buffers.
 */
FANIN_NODISCARD size_t fanin_buffer_len(const struct fanin_buffer *buffer) FANIN_NOEXCEPT;

/**
 * Gives a buffer back to the system. NULL is fine; each buffer once.
 *
 * Safe on distinct buffers.
 */
void fanin_buffer_free(struct fanin_buffer *buffer) FANIN_NOEXCEPT;

/**
 * The level that fills use unless the options say otherwise: what FANIN_LEVEL says, read once, or else the best.
 *
 * `error` may be NULL. Thread-safe.
 */
FANIN_NODISCARD
fanin_status fanin_level_active(fanin_level *level,
                                struct fanin_error *error)
FANIN_NOEXCEPT;

/**
 * Whether the machine has this level; false for a number that is no level.
 *
 * Thread-safe.
 */
FANIN_NODISCARD bool fanin_level_is_available(fanin_level level) FANIN_NOEXCEPT;

/**
 * The name of a level: `auto`, `portable`, `avx2`, `avx512`; for a number that is none, `unknown`. Never NULL, never freed.
 *
 * Thread-safe.
 */
FANIN_NODISCARD
const char *fanin_level_name(fanin_level level)
FANIN_NOEXCEPT;

/**
 * The version of the library that is running, such as "0.1.0"; `FANIN_VERSION` is that of the header. Never NULL, never freed.
 *
 * Thread-safe.
 */
FANIN_NODISCARD
const char *fanin_version(void)
FANIN_NOEXCEPT;

/**
 * The version of the value format: values of the same version are the same, bit for bit, in every release.
 *
 * Thread-safe.
 */
FANIN_NODISCARD uint32_t fanin_value_format(void) FANIN_NOEXCEPT;

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* FANIN_H */
