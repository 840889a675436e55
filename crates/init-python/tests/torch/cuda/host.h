// The operations of fill.cu on a CPU: each is one IEEE operation, since -ffp-contract=off fuses nothing.
#include <cmath>
#include <cstring>

#define FANIN_HOST
#define DEVICE static inline
#define MEMBER inline
#define KERNEL extern "C"
#define UNROLL _Pragma("GCC unroll 32")
#define THREAD thread_index

static thread_local unsigned long long thread_index;

static inline float fma32(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
static inline float mul32(float a, float b) { return a * b; }
static inline float add32(float a, float b) { return a + b; }
static inline float div32(float a, float b) { return a / b; }
static inline float sqrt32(float a) { return __builtin_sqrtf(a); }
static inline float f32_of_i32(unsigned i) { return (float)(int)i; }
static inline float f32_of_f64(double a) { return (float)a; }
static inline double fma64(double a, double b, double c) { return __builtin_fma(a, b, c); }
static inline double mul64(double a, double b) { return a * b; }
static inline double add64(double a, double b) { return a + b; }
static inline double sub64(double a, double b) { return a - b; }
static inline double div64(double a, double b) { return a / b; }
static inline double sqrt64(double a) { return __builtin_sqrt(a); }
static inline double f64_of_i32(unsigned i) { return (double)(int)i; }

template <class To, class From> static inline To same_bits(From from) {
    static_assert(sizeof(To) == sizeof(From), "the sizes are equal");
    To to;
    std::memcpy(&to, &from, sizeof to);
    return to;
}
static inline unsigned bits32(float a) { return same_bits<unsigned>(a); }
static inline float from_bits32(unsigned a) { return same_bits<float>(a); }
static inline unsigned long long bits64(double a) { return same_bits<unsigned long long>(a); }
static inline double from_bits64(unsigned long long a) { return same_bits<double>(a); }

// Runs a kernel for its threads one after the other.
#define FANIN_RUN(NAME, TYPE) \
    extern "C" void run_##NAME(TYPE *dst, u64 threads, u64 block, const Key *key, const Numbers *numbers, \
                               const Part *part) { \
        for (thread_index = 0; thread_index < threads; ++thread_index) \
            fanin_##NAME(dst, threads, block, *key, *numbers, *part); \
    }
