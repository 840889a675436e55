//! A value depends only on the stream, the distribution and its index.
//!
//! Every fill is compared with the oracle, bit by bit.

use std::cell::Cell;
use std::mem::MaybeUninit;

use fanin_tests::cases::{awkward, normal, samplers, truncated, uniform};
use fanin_tests::levels::{Both, THREADS, assert_same, levels};
use fanin_tests::{for_each_dtype, oracle};
use init_core::Distribution;
use init_kernels::{FillError, Filler, Level, Stream, check, fill, fill_at, threads};
use proptest::prelude::*;

/// Several tasks of the parallel fill in every dtype, and not a multiple of any size.
const LONG: usize = 72 * oracle::BLOCK + 3;

/// Inside a block, a step and a pair, and beyond any tensor that fits into memory.
const FAR: u64 = 1_000_000_000_005;

const INF: f64 = f64::INFINITY;

fn stream() -> Stream {
    Stream::new(42).child("h.0.attn.c_attn.weight")
}

for_each_dtype! {
    every_length_at_every_level_on_any_number_of_threads => lengths;
    every_start_at_every_level_on_any_number_of_threads => starts;
    awkward_parameters_equal_the_oracle_or_give_an_error => parameters;
    uninitialised_memory_is_filled_and_its_surroundings_are_not => uninitialised;
    any_range_is_that_range_of_the_whole => ranges;
    any_distribution_of_any_stream_equals_the_oracle => distributions;
    the_rarest_words_of_a_stream_equal_the_oracle => rare;
    the_last_element_that_an_index_can_name => last;
}

/// Fills `len` elements inside a larger buffer, and checks that nothing else is written.
fn filled<T: Both>(filler: &Filler, offset: u64, len: usize, distribution: &Distribution, what: &str) -> Vec<T> {
    // Odd positions, and all residues modulo a vector's length.
    let (before, after) = (1 + len % 19, 33);
    let mut buffer = vec![T::LARGEST; before + len + after];
    let dst = &mut buffer[before..before + len];
    filler.fill_at(dst, offset, distribution, stream()).expect(what);
    let (start, end) = (&buffer[..before], &buffer[before + len..]);
    let untouched = |x: &T| x.bits() == T::LARGEST.bits();
    assert!(start.iter().all(untouched), "{what}: wrote before {len} from {offset}");
    assert!(end.iter().all(untouched), "{what}: wrote after {len} from {offset}");
    buffer.truncate(before + len);
    buffer.split_off(before)
}

fn lengths<T: Both>() {
    let levels = levels();
    let block = oracle::BLOCK;
    let lengths = (0..=200).chain([block - 1, block, block + 1, 5 * block + 3]);
    for (name, distribution) in samplers() {
        let whole = oracle::tensor::<T>(LONG, &distribution, stream().key());
        for &level in &levels {
            for threads in THREADS {
                let what = format!("{name}, {level}, {threads} threads");
                let filler = Filler::new().level(level).threads(threads);
                for len in lengths.clone().chain([LONG]) {
                    let found = filled::<T>(&filler, 0, len, &distribution, &what);
                    assert_same(&found, &whole[..len], || format!("{what}, {len}"));
                }
            }
        }
    }
}

fn starts<T: Both>() {
    let levels = levels();
    let offsets = [1, 7, 8, 15, 16, 31, 32, 33, 4095, 4096, 4097, 8191, FAR];
    for (name, distribution) in samplers() {
        let key = stream().key();
        let near = oracle::tensor::<T>(LONG, &distribution, key);
        let far = oracle::slice::<T>(FAR, LONG, &distribution, key);
        for &level in &levels {
            for threads in THREADS {
                let what = format!("{name}, {level}, {threads} threads");
                let filler = Filler::new().level(level).threads(threads);
                let from = |offset: u64, len| {
                    let whole = if offset == FAR { &far } else { &near[offset as usize..] };
                    let found = filled::<T>(&filler, offset, len, &distribution, &what);
                    assert_same(&found, &whole[..len], || format!("{what}, {len} from {offset}"));
                };
                for offset in offsets {
                    for len in [0, 1, 2, 31, 33, 64, 200, 4096, 4127, 8200] {
                        from(offset, len);
                    }
                }
                from(1, LONG - 1);
                from(4097, LONG - 4097);
                from(FAR, LONG);
            }
        }
    }
}

fn parameters<T: Both>() {
    let len = 3 * oracle::BLOCK + 5;
    for (name, distribution) in samplers().into_iter().chain(awkward()) {
        if let Err(error) = check::<T>(&distribution) {
            println!("{name}, {}: {error}", T::NAME);
            let expected = matches!(error, FillError::Overflow { .. } | FillError::Vanishes { .. });
            assert!(expected && !T::DOUBLE, "{name}, {}: {error}", T::NAME);
            let mut buffer = vec![T::LARGEST; 100];
            assert_eq!(fill(&mut buffer, &distribution, stream()), Err(error), "{name}");
            assert!(buffer.iter().all(|x| *x == T::LARGEST), "{name}: written although refused");
            continue;
        }
        let whole = oracle::tensor::<T>(len, &distribution, stream().key());
        for level in levels() {
            let what = format!("{name}, {level}");
            let filler = Filler::new().level(level).threads(1);
            let found = filled::<T>(&filler, 0, len, &distribution, &what);
            assert_same(&found, &whole, || what.clone());
        }
    }
}

fn uninitialised<T: Both>() {
    for (name, distribution) in samplers() {
        let whole = oracle::tensor::<T>(LONG, &distribution, stream().key());
        for level in levels() {
            for len in [0, 1, 33, 4095, 4097, LONG] {
                let mut buffer = vec![MaybeUninit::new(T::LARGEST); len + 2];
                let found = Filler::new()
                    .level(level)
                    .fill_at_uninit(&mut buffer[1..=len], 0, &distribution, stream())
                    .expect(name);
                assert_same(found, &whole[..len], || format!("{name}, {level}, {len}"));
                for end in [buffer[0], buffer[len + 1]] {
                    // SAFETY: the whole buffer was initialised above.
                    assert_eq!(unsafe { end.assume_init() }, T::LARGEST, "{name}, {level}");
                }
            }
        }
    }
}

fn ranges<T: Both>() {
    let (levels, samplers) = (levels(), samplers());
    let wholes =
        samplers.iter().map(|(_, distribution)| oracle::tensor::<T>(8 * oracle::BLOCK, distribution, stream().key()));
    let wholes = wholes.collect::<Vec<_>>();
    let choice = (0..samplers.len(), 0..levels.len(), 0..3 * oracle::BLOCK, 0..5 * oracle::BLOCK);
    proptest!(ProptestConfig::with_cases(400), |((sampler, level, offset, len) in choice)| {
        let (name, distribution) = &samplers[sampler];
        let filler = Filler::new().level(levels[level]);
        let found = filled::<T>(&filler, offset as u64, len, distribution, name);
        assert_same(&found, &wholes[sampler][offset..offset + len], || {
            format!("{name}, {}, {len} from {offset}", levels[level])
        });
    });
}

fn last<T: Both>() {
    let start = u64::MAX - 5000;
    for (name, distribution) in samplers() {
        let expected = oracle::slice::<T>(start, 5000, &distribution, stream().key());
        for level in levels() {
            let filler = Filler::new().level(level);
            let found = filled::<T>(&filler, start, 5000, &distribution, name);
            assert_same(&found, &expected, || format!("{name}, {level}"));
        }
        let mut beyond = vec![T::LARGEST; 5002];
        let refused = fill_at(&mut beyond, start, &distribution, stream());
        assert_eq!(refused, Err(FillError::Offset { offset: start, len: 5002 }));
        assert!(beyond.iter().all(|x| *x == T::LARGEST));
    }
}

/// Distributions of every regime, and near the limits between regimes.
fn any_distribution() -> impl Strategy<Value = Distribution> {
    let magnitude = || (-30_i32..=4, 1.0..10.0).prop_map(|(e, x)| x * 10_f64.powi(e));
    let number = || (any::<bool>(), magnitude()).prop_map(|(minus, x): (_, f64)| if minus { -x } else { x });
    let sigmas = prop_oneof![
        -14.0..14.0,
        -3.0..3.0,
        prop::sample::select(vec![-12.0, -2.0005, 0.0, 2.0005, 12.0]),
        prop::sample::select(vec![-INF, INF]),
        (1.0..3.0, -1.0..1.0).prop_map(|(e, sign): (f64, f64)| 10_f64.powf(e).copysign(sign)),
    ];
    let width = prop_oneof![(-7.0..3.0).prop_map(|e| 10_f64.powf(e)), Just(INF)];
    let truncation = (number(), magnitude(), sigmas, width);
    prop_oneof![
        1 => number().prop_map(Distribution::Constant),
        3 => (number(), number()).prop_map(|(a, b)| uniform(a.min(b), a.max(b))),
        3 => (number(), magnitude()).prop_map(|(mean, std)| normal(mean, std)),
        9 => truncation.prop_filter_map("bounds", |(mean, std, alpha, width)| {
            let (a, b) = if alpha < 0.0 { (alpha, alpha + width) } else { (alpha - width, alpha) };
            let distribution = truncated(mean, std, mean + a * std, mean + b * std);
            distribution.validate().is_ok().then_some(distribution)
        }),
    ]
}

fn distributions<T: Both>() {
    let levels = levels();
    let fitting = Cell::new(0);
    let choice = (any_distribution(), any::<u64>(), any::<u64>().prop_map(|word| word >> 1));
    proptest!(ProptestConfig::with_cases(3000), |((distribution, seed, offset) in choice)| {
        let stream = Stream::new(seed);
        let mut found = vec![T::default(); 100];
        if check::<T>(&distribution).is_err() {
            return Ok(());
        }
        fitting.set(fitting.get() + 1);
        let expected = oracle::slice::<T>(offset, 100, &distribution, stream.key());
        for &level in &levels {
            Filler::new().level(level).fill_at(&mut found, offset, &distribution, stream).expect("fits");
            assert_same(&found, &expected, || format!("{distribution}, {level}, seed {seed}, from {offset}"));
        }
    });
    // Half of them are too small or too large for f16.
    println!("{} distributions fit {}", fitting.get(), T::NAME);
    assert!(fitting.get() > 500);
}

/// Indices of the extreme u32 of this stream, found by a search of its first 2^33.
const EXTREMES: [(u64, u32); 4] = [
    (5_549_717_191, 0x8000_0000), // the minimum of a uniform, and of a distribution by inversion
    (2_212_803_919, 0x7FFF_FFFF), // the maximum
    (551_596_906, 0x0000_0001),   // the largest radius; the lowest bit is ignored
    (113_592_622, 0x7FFF_FFFF),   // the radius 0: the integer rounds up to 2^31
];

fn rare<T: Both>() {
    let extremes = EXTREMES.map(|(at, _)| at).into_iter().chain([5_672_658_194, 7_264_960_699]);
    for at in extremes {
        for (name, distribution) in samplers().into_iter().chain(awkward()) {
            if check::<T>(&distribution).is_err() {
                continue;
            }
            let (from, len) = (at - 40, 80);
            let expected = oracle::slice::<T>(from, len, &distribution, stream().key());
            for level in levels() {
                let found = filled::<T>(&Filler::new().level(level), from, len, &distribution, name);
                assert_same(&found, &expected, || format!("{name}, {level}, around {at}"));
            }
        }
    }
}

#[test]
fn the_rarest_words_are_where_they_were_found() {
    for (at, word) in EXTREMES {
        let found = oracle::word(stream().key(), at);
        assert_eq!(found & 0x7FFF_FFFE, word & 0x7FFF_FFFE, "{at}: {found:#x}");
    }
}

#[test]
fn the_free_functions_fill_like_every_level() {
    for (name, distribution) in samplers() {
        let expected = oracle::tensor::<f32>(10_000, &distribution, stream().key());
        let mut found = vec![0_f32; 10_000];
        fill(&mut found, &distribution, stream()).expect(name);
        assert_same(&found, &expected, || name.to_owned());
        fill_at(&mut found[..9000], 1000, &distribution, stream()).expect(name);
        assert_same(&found[..9000], &expected[1000..], || name.to_owned());
    }
}

#[test]
fn streams_seeds_and_names_equal_the_oracle() {
    let names = ["", "w", "h.0.attn.c_attn.weight", "größe", "\u{10FFFF}", "\0"];
    for seed in [0, 1, 42, u64::MAX] {
        let (root, key) = (Stream::new(seed), oracle::root(seed));
        assert_eq!(root.key(), key);
        for name in names {
            let (child, key) = (root.child(name), oracle::child(key, name));
            assert_eq!(child.key(), key, "{name:?}");
            for index in [0, 1, 255, u64::MAX] {
                assert_eq!(child.child_index(index).key(), oracle::child_index(key, index));
            }
        }
    }
}

#[test]
fn the_raw_stream_equals_the_oracle() {
    use rand::Rng;

    let expected = oracle::raw_bytes(stream().key(), 100_000);
    let mut bytes = vec![0; 100_000];
    stream().rng().fill_bytes(&mut bytes);
    assert_eq!(bytes, expected);
    let mut rng = stream().rng();
    for word in expected.chunks_exact(8) {
        assert_eq!(rng.next_u64().to_le_bytes(), word);
    }
}

/// Rescaling a distribution by a power of two rescales its values exactly.
#[test]
fn scaling_by_a_power_of_two_scales_every_value() {
    let pairs = [
        (uniform(-0.25, 0.25), uniform(-1.0, 1.0)),
        (normal(0.0, 0.25), normal(0.0, 1.0)),
        (truncated(0.0, 0.25, -0.5, 0.5), truncated(0.0, 1.0, -2.0, 2.0)),
        (truncated(0.0, 0.25, 1.5, 9.0), truncated(0.0, 1.0, 6.0, 36.0)),
    ];
    for (small, large) in pairs {
        let (mut a, mut b) = (vec![0_f32; 20_000], vec![0_f32; 20_000]);
        fill(&mut a, &small, stream()).expect("fits");
        fill(&mut b, &large, stream()).expect("fits");
        b.iter_mut().for_each(|x| *x *= 0.25);
        assert_same(&a, &b, || small.to_string());
    }
}

/// Hosts with "fast-math" libraries flush subnormals, including on the threads of their pools.
#[cfg(target_arch = "x86_64")]
mod the_hosts_floating_point_mode {
    use super::*;
    use fanin_tests::host::{HOSTILE, control, with_control};

    for_each_dtype! {
        changes_no_bit_and_is_left_as_it_was => mode;
    }

    fn mode<T: Both>() {
        let cases = samplers().into_iter().chain(awkward());
        let len = oracle::BLOCK + 7;
        for (name, distribution) in cases.filter(|case| check::<T>(&case.1).is_ok()) {
            let expected = oracle::tensor::<T>(len, &distribution, stream().key());
            for level in levels() {
                let mut found = vec![T::LARGEST; len];
                let host = with_control(HOSTILE);
                let (before, result, after) = {
                    let before = control();
                    let filler = Filler::new().level(level);
                    let result = filler.fill(&mut found, &distribution, stream());
                    (before, result, control())
                };
                drop(host);
                result.expect(name);
                assert_eq!(before, after, "{name}, {level}: the mode was not restored");
                assert_same(&found, &expected, || format!("{name}, {level}"));
            }
        }
    }

    #[test]
    fn of_the_thread_that_starts_the_pool_changes_no_bit_either() {
        let distributions = [normal(0.0, 1e-41), uniform(-1e-42, 3e-42), truncated(0.0, 1.0, -3.0, 3.0)];
        for distribution in distributions {
            let expected = oracle::tensor::<f32>(LONG, &distribution, stream().key());
            for level in levels() {
                let mut found = vec![0_f32; LONG];
                // Threads start with the mode of the thread that starts them.
                threads::shutdown();
                let host = with_control(HOSTILE);
                let result = Filler::new().level(level).threads(3).fill(&mut found, &distribution, stream());
                let after = control();
                drop(host);
                result.expect("fits");
                assert_eq!(after & HOSTILE, HOSTILE, "the mode was not restored");
                assert_same(&found, &expected, || format!("{distribution}, {level}"));
            }
        }
    }

    #[test]
    fn with_control_sets_and_restores() {
        let before = control();
        let guard = with_control(HOSTILE);
        assert_eq!(control(), before | HOSTILE);
        drop(guard);
        assert_eq!(control(), before);
    }
}

#[test]
fn portable_is_always_a_level_and_the_best_is_listed() {
    assert_eq!(Level::available().first(), Some(&Level::Portable));
    assert!(Level::available().contains(&Level::best()));
}
