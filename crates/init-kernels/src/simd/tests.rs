//! Every operation of a level against scalar arithmetic.

use std::mem::MaybeUninit;

use half::{bf16, f16};
use rand::{Rng, RngExt};

use super::Simd;
use crate::{
    Stream,
    cache_line::CacheLine,
    geometry::{WIDTH32, WIDTH64},
};

type Words = [u32; WIDTH32];

/// Writes a u32 vector to memory through the f32 store, which does not change the bits.
fn words<S: Simd>(simd: S, a: S::U32) -> Words {
    let mut out = [MaybeUninit::uninit(); WIDTH32];
    simd.store_f32(simd.f32_of_u32(a), &mut out);
    // SAFETY: the store wrote all lanes.
    out.map(|lane| unsafe { lane.assume_init() }.to_bits())
}

fn longs<S: Simd>(simd: S, a: S::U64) -> [u64; WIDTH64] {
    let mut out = [MaybeUninit::uninit(); WIDTH64];
    simd.store_f64(simd.f64_of_u64(a), &mut out);
    // SAFETY: the store wrote all lanes.
    out.map(|lane| unsafe { lane.assume_init() }.to_bits())
}

/// Returns u64 lanes of all kinds of floating-point values, zeros of both signs among them.
fn lanes(rng: &mut impl Rng) -> [u64; WIDTH64] {
    let few = [0.0f64, -0.0, 1.0, -1.0, 0.1, 1e-310, -3.5e307];
    std::array::from_fn(|_| match rng.random_range(0..4) {
        0 => few[rng.random_range(0..few.len())].to_bits(),
        1 => (f64::from(rng.next_u32()) * 1e-9).to_bits(),
        2 => {
            u64::from((rng.random_range(-4.0f32..4.0)).to_bits()) << 32
                | u64::from(rng.random_range(-1e-3f32..1e3).to_bits())
        }
        _ => rng.next_u64(),
    })
}

fn same32(what: &str, got: Words, expected: Words) {
    for lane in 0..WIDTH32 {
        let both_nan = f32::from_bits(got[lane]).is_nan() && f32::from_bits(expected[lane]).is_nan();
        assert!(got[lane] == expected[lane] || both_nan, "{what}: {:x} instead of {:x}", got[lane], expected[lane]);
    }
}

fn same64(what: &str, got: [u64; WIDTH64], expected: [u64; WIDTH64]) {
    for lane in 0..WIDTH64 {
        let both_nan = f64::from_bits(got[lane]).is_nan() && f64::from_bits(expected[lane]).is_nan();
        assert!(got[lane] == expected[lane] || both_nan, "{what}: {:x} instead of {:x}", got[lane], expected[lane]);
    }
}

fn check_integers<S: Simd>(simd: S, a: [u64; WIDTH64], b: [u64; WIDTH64]) {
    let (va, vb) = (simd.load_u64(&a), simd.load_u64(&b));
    let zip = |f: fn(u64, u64) -> u64| std::array::from_fn(|i| f(a[i], b[i]));
    same64("add", longs(simd, simd.add_u64(va, vb)), zip(u64::wrapping_add));
    same64("mul", longs(simd, simd.mul_u64(va, vb)), zip(u64::wrapping_mul));
    same64("xor3", longs(simd, simd.xor3_u64(va, vb, simd.splat_u64(b[1]))), zip(|a, b| a ^ b).map(|x: u64| x ^ b[1]));
    same64("and", longs(simd, simd.and_u64(va, vb)), zip(|a, b| a & b));
    same64("or", longs(simd, simd.or_u64(va, vb)), zip(|a, b| a | b));
    same64("xor", longs(simd, simd.xor_u64(va, vb)), zip(|a, b| a ^ b));
    same64("shl", longs(simd, simd.shl_u64::<17>(va)), a.map(|a| a << 17));
    same64("shr", longs(simd, simd.shr_u64::<12>(va)), a.map(|a| a >> 12));
    same64("rotl", longs(simd, simd.rotl_u64::<23>(va)), a.map(|a| a.rotate_left(23)));
    same64("splat", longs(simd, simd.splat_u64(a[0])), [a[0]; WIDTH64]);

    let split = |a: [u64; WIDTH64]| -> Words { std::array::from_fn(|i| (a[i / 2] >> (32 * (i % 2))) as u32) };
    let (a, b) = (split(a), split(b));
    let (va, vb) = (simd.u32_of_u64(va), simd.u32_of_u64(vb));
    let zip = |f: fn(u32, u32) -> u32| std::array::from_fn(|i| f(a[i], b[i]));
    same32("halves", words(simd, va), a);
    same32("add", words(simd, simd.add_u32(va, vb)), zip(u32::wrapping_add));
    same32("sub", words(simd, simd.sub_u32(va, vb)), zip(u32::wrapping_sub));
    same32("and", words(simd, simd.and_u32(va, vb)), zip(|a, b| a & b));
    same32("or", words(simd, simd.or_u32(va, vb)), zip(|a, b| a | b));
    same32("xor", words(simd, simd.xor_u32(va, vb)), zip(|a, b| a ^ b));
    same32("shr", words(simd, simd.shr_u32::<16>(va)), a.map(|a| a >> 16));
    same32("splat", words(simd, simd.splat_u32(a[0])), [a[0]; WIDTH32]);
    same32(
        "from i32",
        words(simd, simd.u32_of_f32(simd.f32_from_i32(va))),
        a.map(|a| (a.cast_signed() as f32).to_bits()),
    );
    for (half, vector) in simd.f64_from_i32(va).into_iter().enumerate() {
        let expected = std::array::from_fn(|i| f64::from(a[8 * half + i].cast_signed()).to_bits());
        same64("f64 from i32", longs(simd, simd.u64_of_f64(vector)), expected);
    }
}

fn check_f32<S: Simd>(simd: S, a: Words, b: Words, c: Words) {
    let load = |a: Words| {
        let lanes: [u64; WIDTH64] = std::array::from_fn(|i| u64::from(a[2 * i]) | u64::from(a[2 * i + 1]) << 32);
        simd.f32_of_u32(simd.u32_of_u64(simd.load_u64(&lanes)))
    };
    let (va, vb, vc) = (load(a), load(b), load(c));
    let zip = |f: fn(f32, f32, f32) -> f32| -> Words {
        std::array::from_fn(|i| f(f32::from_bits(a[i]), f32::from_bits(b[i]), f32::from_bits(c[i])).to_bits())
    };
    let bits = |a: S::F32| words(simd, simd.u32_of_f32(a));
    same32("sub", bits(simd.sub_f32(va, vb)), zip(|a, b, _| a - b));
    same32("mul", bits(simd.mul_f32(va, vb)), zip(|a, b, _| a * b));
    same32("div", bits(simd.div_f32(va, vb)), zip(|a, b, _| a / b));
    same32("sqrt", bits(simd.sqrt_f32(va)), zip(|a, _, _| a.sqrt()));
    same32("min", bits(simd.min_f32(va, vb)), zip(|a, b, _| if a < b { a } else { b }));
    same32("max", bits(simd.max_f32(va, vb)), zip(|a, b, _| if a > b { a } else { b }));
    same32("fma", bits(simd.fma_f32(va, vb, vc)), zip(libm::fmaf));
    same32("fnma", bits(simd.fnma_f32(va, vb, vc)), zip(|a, b, c| libm::fmaf(-a, b, c)));
    same32("splat", bits(simd.splat_f32(1.5)), [1.5f32.to_bits(); WIDTH32]);
}

fn check_f64<S: Simd>(simd: S, a: [u64; WIDTH64], b: [u64; WIDTH64], c: [u64; WIDTH64]) {
    let load = |a: [u64; WIDTH64]| simd.f64_of_u64(simd.load_u64(&a));
    let (va, vb, vc) = (load(a), load(b), load(c));
    let zip = |f: fn(f64, f64, f64) -> f64| -> [u64; WIDTH64] {
        std::array::from_fn(|i| f(f64::from_bits(a[i]), f64::from_bits(b[i]), f64::from_bits(c[i])).to_bits())
    };
    let bits = |a: S::F64| longs(simd, simd.u64_of_f64(a));
    same64("add", bits(simd.add_f64(va, vb)), zip(|a, b, _| a + b));
    same64("sub", bits(simd.sub_f64(va, vb)), zip(|a, b, _| a - b));
    same64("mul", bits(simd.mul_f64(va, vb)), zip(|a, b, _| a * b));
    same64("div", bits(simd.div_f64(va, vb)), zip(|a, b, _| a / b));
    same64("sqrt", bits(simd.sqrt_f64(va)), zip(|a, _, _| a.sqrt()));
    same64("min", bits(simd.min_f64(va, vb)), zip(|a, b, _| if a < b { a } else { b }));
    same64("max", bits(simd.max_f64(va, vb)), zip(|a, b, _| if a > b { a } else { b }));
    same64("fma", bits(simd.fma_f64(va, vb, vc)), zip(libm::fma));
    same64("fnma", bits(simd.fnma_f64(va, vb, vc)), zip(|a, b, c| libm::fma(-a, b, c)));
    let positive = |bits: u64| ((bits >> 52) % 2046 + 1) << 52 | bits & 0x000F_FFFF_FFFF_FFFF;
    same64(
        "exponent",
        bits(simd.exponent_f64(load(a.map(positive)))),
        a.map(|a| ((positive(a) >> 52) as f64 - 1023.0).to_bits()),
    );
    same64("select", bits(simd.select_gt_f64(va, vb, vb, vc)), zip(|a, b, c| if a > b { b } else { c }));
    same64("splat", bits(simd.splat_f64(1.5)), [1.5f64.to_bits(); WIDTH64]);
    let narrowed = simd.f32_from_f64([va, vb]);
    let expected = std::array::from_fn(|i| (f64::from_bits(if i < 8 { a[i] } else { b[i - 8] }) as f32).to_bits());
    same32("f32 from f64", words(simd, simd.u32_of_f32(narrowed)), expected);
}

/// Compares the roundings to 16 bits, for values that stay finite.
fn check_halves<S: Simd>(simd: S, a: [Words; 2]) {
    let load = |a: Words| {
        let lanes: [u64; WIDTH64] = std::array::from_fn(|i| u64::from(a[2 * i]) | u64::from(a[2 * i + 1]) << 32);
        simd.f32_of_u32(simd.u32_of_u64(simd.load_u64(&lanes)))
    };
    let pair = [load(a[0]), load(a[1])];
    let a = a.as_flattened().iter().map(|&bits| f32::from_bits(bits));
    if a.clone().all(|a| a.abs() < 3.38e38) {
        let mut out = [MaybeUninit::uninit(); 2 * WIDTH32];
        simd.store_bf16(pair, &mut out);
        // SAFETY: the store wrote all lanes.
        let out = out.map(|lane| unsafe { lane.assume_init() }.to_bits());
        assert!(out.into_iter().eq(a.clone().map(|a| bf16::from_f32(a).to_bits())));
    }
    if a.clone().all(|a| a.abs() < 65519.0) {
        let mut out = [MaybeUninit::uninit(); 2 * WIDTH32];
        simd.store_f16(pair, &mut out);
        // SAFETY: the store wrote all lanes.
        let out = out.map(|lane| unsafe { lane.assume_init() }.to_bits());
        assert!(out.into_iter().eq(a.map(|a| f16::from_f32_const(a).to_bits())));
    }
}

fn check_lines<S: Simd>(simd: S, a: [u64; WIDTH64], b: [u64; WIDTH64]) {
    let line = |a: [u64; WIDTH64]| {
        let bytes = a.map(u64::to_ne_bytes);
        let bytes = bytes.as_flattened();
        CacheLine(std::array::from_fn(|i| MaybeUninit::new(bytes[i])))
    };
    let loaded = |a| simd.load_line(&line(a));
    let stored = |a| {
        let mut dst = line([0; WIDTH64]);
        simd.store_past_cache(a, &mut dst);
        simd.fence();
        // SAFETY: the line was initialised, and then overwritten.
        dst.0.map(|byte| unsafe { byte.assume_init() })
    };
    let both = [a, b].map(|a| a.map(u64::to_ne_bytes));
    let both = both.as_flattened().as_flattened();
    assert_eq!(stored(loaded(a))[..], both[..64]);
    for by in 0..16 {
        assert_eq!(stored(simd.concat_shift(loaded(a), loaded(b), by))[..], both[4 * by as usize..][..64], "{by}");
    }
}

/// Compares every operation of a level with scalar arithmetic.
pub(crate) fn check<S: Simd>(simd: S) {
    let mut rng = Stream::new(3).rng();
    for round in 0..20_000u32 {
        let (a, b, c) = (lanes(&mut rng), lanes(&mut rng), lanes(&mut rng));
        let split = |a: [u64; WIDTH64]| -> Words { std::array::from_fn(|i| (a[i / 2] >> (32 * (i % 2))) as u32) };
        // Values around the smallest f16 and bf16, and ties of two.
        let small =
            std::array::from_fn(|i| ((round as f32 + i as f32 / 16.0) * 2f32.powi(-30 + 2 * (i as i32 % 8))).to_bits());
        let middle = split(a).map(|a| a & 0xC7FF_FFFF | 0x1000);
        simd.vectorize(
            #[inline(always)]
            || {
                check_integers(simd, a, b);
                check_f32(simd, split(a), split(b), split(c));
                check_f64(simd, a, b, c);
                check_lines(simd, a, b);
                for pair in [[split(a), split(b)], [small, middle], [middle, split(c)]] {
                    check_halves(simd, pair);
                }
            },
        );
    }
}
