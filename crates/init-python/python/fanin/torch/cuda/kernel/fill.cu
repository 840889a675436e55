// Fills device memory with the values that docs/value-format.md defines, the same bits as on the CPU.
//
// One thread computes one lane: block b of 4096 elements has the threads 8 b to 8 b + 7. Every rounding is written
// out with an intrinsic, which the compiler neither fuses nor splits; the operators + - * / are applied to integers
// only. With FANIN_HOST defined the including file supplies the same operations for a CPU.
//
// FANIN_FILL(name, type, function), appended to this text, defines one kernel.

typedef unsigned long long u64;
typedef long long i64;
typedef unsigned int u32;
typedef unsigned short u16;

#ifndef FANIN_HOST
#define DEVICE static __device__ __forceinline__
#define MEMBER __device__ __forceinline__
#define KERNEL extern "C" __global__
#define UNROLL _Pragma("unroll")
#define THREAD ((u64)blockIdx.x * blockDim.x + threadIdx.x)
DEVICE float fma32(float a, float b, float c) { return __fmaf_rn(a, b, c); }
DEVICE float mul32(float a, float b) { return __fmul_rn(a, b); }
DEVICE float add32(float a, float b) { return __fadd_rn(a, b); }
DEVICE float div32(float a, float b) { return __fdiv_rn(a, b); }
DEVICE float sqrt32(float a) { return __fsqrt_rn(a); }
DEVICE float f32_of_i32(u32 i) { return __int2float_rn((int)i); }
DEVICE float f32_of_f64(double a) { return __double2float_rn(a); }
DEVICE u32 bits32(float a) { return __float_as_uint(a); }
DEVICE float from_bits32(u32 a) { return __uint_as_float(a); }
DEVICE double fma64(double a, double b, double c) { return __fma_rn(a, b, c); }
DEVICE double mul64(double a, double b) { return __dmul_rn(a, b); }
DEVICE double add64(double a, double b) { return __dadd_rn(a, b); }
DEVICE double sub64(double a, double b) { return __dsub_rn(a, b); }
DEVICE double div64(double a, double b) { return __ddiv_rn(a, b); }
DEVICE double sqrt64(double a) { return __dsqrt_rn(a); }
DEVICE double f64_of_i32(u32 i) { return __int2double_rn((int)i); }
DEVICE u64 bits64(double a) { return (u64)__double_as_longlong(a); }
DEVICE double from_bits64(u64 a) { return __longlong_as_double((i64)a); }
#endif

// Coefficients, by ascending power.
#define LOG32 {-0x1p1f, 0x1.fffff8p-1f, -0x1.5556fcp-1f, 0x1.000514p-1f, -0x1.98d11ap-2f, 0x1.534d96p-2f, \
    -0x1.318864p-2f, 0x1.255856p-2f, -0x1.665dccp-3f}
#define SIN32 {0x1.921fb6p0f, -0x1.4abbd8p-1f, 0x1.466b26p-4f, -0x1.328004p-8f, 0x1.407998p-13f}
#define COS32 {0x1p0f, -0x1.3bd3ccp0f, 0x1.03c1d8p-2f, -0x1.55ce5cp-6f, 0x1.e0dbdep-11f, -0x1.8c0b5p-16f}
#define P32 {0x1.0c4156p1f, 0x1.be7dc8p4f, 0x1.782f3cp6f, 0x1.2c7b92p6f, 0x1.aa2f72p2f}
#define Q32 {0x1p0f, 0x1.e63442p3f, 0x1.f96dfcp5f, 0x1.243738p6f, 0x1.f0d1bep3f}
#define LOG64 {-0x1p1, 0x1.ffffffffffee4p-1, -0x1.555555555540fp-1, 0x1.000000002238ep-1, -0x1.9999999a01725p-2, \
    0x1.5555552eedfd5p-2, -0x1.249248d8ce083p-2, 0x1.0000099a89891p-2, -0x1.c71ca13e75e23p-3, \
    0x1.99971afc64ceap-3, -0x1.7455804fd0434p-3, 0x1.5581e9c3a9251p-3, -0x1.3bbe14cacbcb3p-3, \
    0x1.230f8eed1b78p-3, -0x1.08e1a966c9b87p-3, 0x1.0284a52be255bp-3, -0x1.2298a7b57f971p-3, \
    0x1.121db011920dep-3, -0x1.f6a6eb6b9a63dp-5}
#define SIN64 {0x1.921fb54442d18p0, -0x1.4abbce625be39p-1, 0x1.466bc67759fccp-4, -0x1.32d2cce5e66ebp-8, \
    0x1.5078346ab756fp-13, -0x1.e30741a6ba9a8p-19, 0x1.e8f023f73b57cp-25, -0x1.6f0536efc7126p-31, \
    0x1.8f9e5a085c7aap-38}
#define COS64 {0x1p0, -0x1.3bd3cc9be45dep0, 0x1.03c1f081b5aap-2, -0x1.55d3c7e3caafap-6, 0x1.e1f5068852eap-11, \
    -0x1.a6d1f25d69acdp-16, 0x1.f9d36e25dfc97p-22, -0x1.b6db759aa770ap-28, 0x1.1fd5e20fc74e2p-34, \
    -0x1.0b16d18dba65cp-41}
#define PQ64 {0x1.79c5282f4394p0, 0x1.0212858c4e9bcp2, 0x1.1eeaf08f4cd5ap2, 0x1.53589f73e7e5ap1, \
    0x1.d62e1e291ff4p-1, 0x1.8a970d00c8ce4p-3, 0x1.89679baea47c1p-6, 0x1.aa5145016f26p-10, \
    0x1.a2eac8672df73p-15, 0x1.ffaaf27f983c6p-22}
#define QQ64 {0x1p0, 0x1.72c4c65fab5bep1, 0x1.b5a8a308a11efp1, 0x1.126435baa33f3p1, 0x1.910f6083652fp-1, \
    0x1.60ce34496748ap-3, 0x1.6efdb7ec81d11p-6, 0x1.9be08b8ba31a3p-10, 0x1.9e3b3fef1777dp-15, \
    0x1.ffa9835e29792p-22}
#define MILLS {0x1.fffffffdcbde8p-1, -0x1.7ffff04bcce3cp1, 0x1.dfee08ce5e383p3, -0x1.a05f101b8f2d7p6, \
    0x1.8a18c812fda2ep9}
#define LNMILLS {0x1.ffffffffffbfap-1, -0x1.3ffffffc7ce15p1, 0x1.8aaaa2a493ab4p3, -0x1.60fc8ccbee262p6, \
    0x1.97636058d058fp9, -0x1.15b8043cd6df8p13, 0x1.5114e1820bbp16}
#define CENTRE32 0x1.d2853ep-1f
#define NEG_TWO_LN_2 -0x1.62e42fefa39efp0
#define NEG_TWO_LN_2_F32 -0x1.62e43p0f
#define SQRT_TWO_LN_2 0x1.2d6abe44afc43p0

template <int N> DEVICE float horner32(const float (&c)[N], float x) {
    float y = c[N - 1];
    UNROLL
    for (int i = N - 2; i >= 0; --i) y = fma32(y, x, c[i]);
    return y;
}

// Every STEP-th coefficient from FIRST on.
template <int FIRST, int STEP, int N> DEVICE double horner64(const double (&c)[N], double x) {
    const int last = N - 1 - (N - 1 - FIRST) % STEP;
    double y = c[last];
    UNROLL
    for (int i = last - STEP; i >= FIRST; i -= STEP) y = fma64(y, x, c[i]);
    return y;
}

template <int N> DEVICE double even_odd(const double (&c)[N], double x) {
    double w = mul64(x, x);
    return fma64(horner64<1, 2>(c, w), x, horner64<0, 2>(c, w));
}

DEVICE float clamp32(float x, float lowest, float highest) {
    x = x > lowest ? x : lowest;
    return x < highest ? x : highest;
}

DEVICE double clamp64(double x, double lowest, double highest) {
    x = x > lowest ? x : lowest;
    return x < highest ? x : highest;
}

// ---- The stream.

struct Key { u64 k0, k1; };
struct Lane { u64 a, b, c, d; };

DEVICE u64 splitmix(u64 k, u64 n) {
    u64 z = k + (n + 1) * 0x9E3779B97F4A7C15ull;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
}

DEVICE Lane seed(Key key, u64 block, u32 lane) {
    u64 n = 16 * block + 2 * lane;
    Lane s = {splitmix(key.k0, n), splitmix(key.k0, n + 1), splitmix(key.k1, n), splitmix(key.k1, n + 1)};
    return s;
}

DEVICE u64 rotl(u64 x, int r) { return (x << r) | (x >> (64 - r)); }

DEVICE u64 next(Lane &s) {
    u64 out = rotl(s.a + s.d, 23) + s.a, t = s.b << 17;
    s.c ^= s.a;
    s.d ^= s.b;
    s.b ^= s.c;
    s.a ^= s.d;
    s.c ^= t;
    s.d = rotl(s.d, 45);
    return out;
}

DEVICE u32 half_of(u64 word, int h) { return (u32)(word >> (32 * h)); }

// The upper 52 bits as an integer in [-2^51, 2^51).
DEVICE double signed64(u64 r) { return sub64(from_bits64(r >> 12 | 0x4330000000000000ull), 0x1.8p52); }

// (k + 1/2) 2^-52 with the upper 52 bits as k.
DEVICE double unit64(u64 r) { return sub64(from_bits64(r >> 12 | 0x3FF0000000000000ull), 0x1.fffffffffffffp-1); }

// ---- Where an element goes.

#define MAX_AXES 8

// The elements first to first + count - 1 of the whole tensor, those of them that are in the box. With rank 0 the
// elements are written one after the other.
struct Part {
    u64 first, count;
    int rank;
    u64 size[MAX_AXES], start[MAX_AXES], extent[MAX_AXES];
    i64 stride[MAX_AXES];
};

template <class T> DEVICE void put(T *dst, const Part &part, u64 element, T value) {
    u64 offset = element - part.first;
    if (offset >= part.count) return;
    if (part.rank == 0) {
        dst[offset] = value;
        return;
    }
    i64 at = 0;
    for (int axis = part.rank - 1; axis >= 0; --axis) {
        u64 index = element % part.size[axis] - part.start[axis];
        if (index >= part.extent[axis]) return;
        at += (i64)index * part.stride[axis];
        element /= part.size[axis];
    }
    dst[at] = value;
}

// ---- Element types of the f32 stream.

struct F32 {
    typedef float Type;
    static MEMBER float round(float x) { return x; }
};

struct BF16 {
    typedef u16 Type;
    static MEMBER u16 round(float x) {
        u32 b = bits32(x);
        return (u16)((b + 0x7FFFu + (b >> 16 & 1u)) >> 16);
    }
};

struct F16 {
    typedef u16 Type;
    static MEMBER u16 round(float x) {
        u32 b = bits32(x), sign = b >> 16 & 0x8000u, a = b & 0x7FFFFFFFu;
        // Below 2^-14, where f16 has multiples of 2^-24, the unit of [1/2, 1) in f32.
        u32 small = bits32(add32(from_bits32(a), 0.5f)) - 0x3F000000u;
        u32 normal = (a + 0xC8000FFFu + (a >> 13 & 1u)) >> 13;
        return (u16)(sign | (a < 0x38800000u ? small : normal));
    }
};

// ---- Samplers: the numbers of init_kernels::Prepared, in its order.

struct Numbers { double x[8]; };

DEVICE float number32(const Numbers &n, int i) { return f32_of_f64(n.x[i]); }

template <bool TINY> struct Uniform32 {
    float scale, centre, lowest, highest;
    MEMBER explicit Uniform32(const Numbers &n)
        : scale(number32(n, 0)), centre(number32(n, 1)), lowest(number32(n, 2)), highest(number32(n, 3)) {}
    MEMBER float value(u32 word) const {
        float x = f32_of_i32(word);
        if (TINY) x = mul32(x, 0x1p-31f);
        return clamp32(fma32(x, scale, centre), lowest, highest);
    }
};

struct Central32 {
    float scale, centre, mean, std, lowest, highest;
    MEMBER explicit Central32(const Numbers &n)
        : scale(number32(n, 0)), centre(number32(n, 1)), mean(number32(n, 2)), std(number32(n, 3)),
          lowest(number32(n, 4)), highest(number32(n, 5)) {}
    MEMBER float value(u32 word) const {
        const float p[] = P32, q[] = Q32;
        float t = fma32(f32_of_i32(word), scale, centre), v = fma32(-t, t, CENTRE32);
        float z = div32(mul32(t, horner32(p, v)), horner32(q, v));
        return clamp32(fma32(z, std, mean), lowest, highest);
    }
};

// -2 ln u for normal u above 0.
DEVICE double neg_two_ln(double u) {
    const double log[] = LOG64;
    u64 h = bits64(u) + ((1024ull << 52) - 0x3FE6A09E667F3BCDull);
    double k = sub64(from_bits64(h >> 52 | 0x4330000000000000ull), 0x1.00000000004p52);
    double f = sub64(from_bits64((h & 0x000FFFFFFFFFFFFFull) + 0x3FE6A09E667F3BCDull), 1.0);
    return fma64(f, even_odd(log, f), mul64(k, NEG_TWO_LN_2));
}

struct Interior {
    enum { NUMBERS = 5 };
    double mean, std, below, above, mass;
    MEMBER explicit Interior(const Numbers &n)
        : mean(n.x[0]), std(n.x[1]), below(n.x[2]), above(n.x[3]), mass(n.x[4]) {}
    MEMBER double value(double u, double v) const {
        const double p[] = PQ64, q[] = QQ64;
        double lower = fma64(u, mass, below), upper = fma64(v, mass, above);
        double tail = lower < upper ? lower : upper;
        tail = tail < 0.5 ? tail : 0.5;
        double beyond = sub64(sqrt64(neg_two_ln(tail)), SQRT_TWO_LN_2);
        beyond = beyond > 0.0 ? beyond : 0.0;
        double z = div64(mul64(beyond, even_odd(p, beyond)), even_odd(q, beyond));
        return fma64(z, lower > upper ? std : -std, mean);
    }
};

struct Far {
    enum { NUMBERS = 6 };
    double upper, a, beyond, ln_mills, std, bound;
    MEMBER explicit Far(const Numbers &n)
        : upper(n.x[0]), a(n.x[1]), beyond(n.x[2]), ln_mills(n.x[3]), std(n.x[4]), bound(n.x[5]) {}
    MEMBER double value(double u, double v) const {
        const double mills[] = MILLS, lnmills[] = LNMILLS;
        double e = neg_two_ln(fma64(upper > 0.5 ? v : u, sub64(1.0, beyond), beyond));
        double squared = fma64(a, a, e), w = sqrt64(squared), i = div64(1.0, w), t = mul64(i, i);
        double excess = sub64(mul64(t, horner64<0, 1>(lnmills, t)), ln_mills);
        double d = fma64(neg_two_ln(div64(mul64(a, a), squared)), 0.25, excess);
        double newton = mul64(mul64(d, i), fma64(-t, horner64<0, 1>(mills, t), 1.0));
        double curvature = mul64(mul64(newton, newton), mul64(mul64(0.5, i), fma64(-2.0, t, 1.0)));
        double delta = sub64(sub64(div64(e, add64(w, a)), newton), curvature);
        return fma64(std, delta, bound);
    }
};

struct Narrow {
    enum { NUMBERS = 3 };
    double half_slope, low, width;
    MEMBER explicit Narrow(const Numbers &n) : half_slope(n.x[0]), low(n.x[1]), width(n.x[2]) {}
    MEMBER double value(double u, double v) const {
        return fma64(mul64(width, u), fma64(-half_slope, v, 1.0), low);
    }
};

template <class Regime> struct Truncated32 {
    Regime regime;
    float lowest, highest;
    MEMBER explicit Truncated32(const Numbers &n)
        : regime(n), lowest(number32(n, Regime::NUMBERS)), highest(number32(n, Regime::NUMBERS + 1)) {}
    MEMBER float value(u32 word) const {
        double x = f64_of_i32(word);
        double u = fma64(x, 0x1p-32, 0x1.00000001p-1), v = fma64(x, -0x1p-32, 0x1.fffffffep-2);
        return clamp32(f32_of_f64(regime.value(u, v)), lowest, highest);
    }
};

template <bool TINY> struct Uniform64 {
    double scale, centre, lowest, highest;
    MEMBER explicit Uniform64(const Numbers &n) : scale(n.x[0]), centre(n.x[1]), lowest(n.x[2]), highest(n.x[3]) {}
    MEMBER double value(u64 word) const {
        double x = signed64(word);
        if (TINY) x = mul64(x, 0x1p-51);
        return clamp64(fma64(x, scale, centre), lowest, highest);
    }
};

template <class Regime> struct Truncated64 {
    Regime regime;
    double lowest, highest;
    MEMBER explicit Truncated64(const Numbers &n)
        : regime(n), lowest(n.x[Regime::NUMBERS]), highest(n.x[Regime::NUMBERS + 1]) {}
    MEMBER double value(u64 word) const {
        double u = unit64(word);
        return clamp64(regime.value(u, sub64(1.0, u)), lowest, highest);
    }
};

struct Normal32 {
    float mean, std;
    MEMBER explicit Normal32(const Numbers &n) : mean(number32(n, 0)), std(number32(n, 1)) {}
    MEMBER void pair(u32 radius, u32 angle, float &with_cos, float &with_sin) const {
        const float log[] = LOG32, sin[] = SIN32, cos[] = COS32;
        u32 h = bits32(f32_of_i32((radius & 0x7FFFFFFFu) | 1u)) - (0x3F3504F3u + (31u << 23));
        float k = f32_of_i32((u32)((int)h >> 23));
        float f = add32(from_bits32((h & 0x7FFFFFu) + 0x3F3504F3u), -1.0f);
        float r = sqrt32(fma32(f, horner32(log, f), mul32(k, NEG_TWO_LN_2_F32)));
        float u = mul32(f32_of_i32(angle), 0x1p-31f), w = mul32(u, u);
        float s = mul32(u, horner32(sin, w));
        float c = from_bits32(bits32(horner32(cos, w)) ^ (radius & 0x80000000u));
        with_cos = fma32(mul32(r, c), std, mean);
        with_sin = fma32(mul32(r, s), std, mean);
    }
};

struct Normal64 {
    double mean, std;
    MEMBER explicit Normal64(const Numbers &n) : mean(n.x[0]), std(n.x[1]) {}
    MEMBER void pair(u64 radius, u64 angle, double &with_cos, double &with_sin) const {
        const double sin[] = SIN64, cos[] = COS64;
        double r = sqrt64(neg_two_ln(unit64(radius)));
        double u = mul64(signed64(angle), 0x1p-51), w = mul64(u, u);
        double s = mul64(u, horner64<0, 1>(sin, w));
        double c = from_bits64(bits64(horner64<0, 1>(cos, w)) ^ (radius & 1ull) << 63);
        with_cos = fma64(mul64(r, c), std, mean);
        with_sin = fma64(mul64(r, s), std, mean);
    }
};

// ---- A lane's elements of one block.

template <class Sampler, class Element>
DEVICE void words32(typename Element::Type *dst, const Part &part, Lane s, u64 block, u32 lane, const Numbers &n) {
    const Sampler sampler(n);
    for (u32 step = 0; step < 256; ++step) {
        u64 word = next(s), element = 4096 * block + 16 * step + 2 * lane;
        put(dst, part, element, Element::round(sampler.value(half_of(word, 0))));
        put(dst, part, element + 1, Element::round(sampler.value(half_of(word, 1))));
    }
}

template <class Element>
DEVICE void normals32(typename Element::Type *dst, const Part &part, Lane s, u64 block, u32 lane, const Numbers &n) {
    const Normal32 sampler(n);
    for (u32 pair = 0; pair < 128; ++pair) {
        u64 radius = next(s), angle = next(s), element = 4096 * block + 32 * pair + 2 * lane;
        for (int h = 0; h < 2; ++h) {
            float with_cos, with_sin;
            sampler.pair(half_of(radius, h), half_of(angle, h), with_cos, with_sin);
            put(dst, part, element + h, Element::round(with_cos));
            put(dst, part, element + 16 + h, Element::round(with_sin));
        }
    }
}

template <class Sampler>
DEVICE void words64(double *dst, const Part &part, Lane s, u64 block, u32 lane, const Numbers &n) {
    const Sampler sampler(n);
    for (u32 step = 0; step < 512; ++step) put(dst, part, 4096 * block + 8 * step + lane, sampler.value(next(s)));
}

DEVICE void normals64(double *dst, const Part &part, Lane s, u64 block, u32 lane, const Numbers &n) {
    const Normal64 sampler(n);
    for (u32 pair = 0; pair < 256; ++pair) {
        u64 radius = next(s), angle = next(s), element = 4096 * block + 16 * pair + lane;
        double with_cos, with_sin;
        sampler.pair(radius, angle, with_cos, with_sin);
        put(dst, part, element, with_cos);
        put(dst, part, element + 8, with_sin);
    }
}

// The threads 0 to threads - 1 fill the blocks from `block` on.
#define FANIN_FILL(NAME, TYPE, ...) \
    KERNEL void fanin_##NAME(TYPE *dst, u64 threads, u64 block, Key key, Numbers numbers, Part part) { \
        u64 thread = THREAD; \
        u32 lane = (u32)(thread % 8); \
        block += thread / 8; \
        if (thread < threads) __VA_ARGS__(dst, part, seed(key, block, lane), block, lane, numbers); \
    }
