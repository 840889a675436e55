//! Any N-D shard that is filled alone equals that part of the whole tensor.

use fanin_tests::cases::{Case, samplers, truncated, uniform};
use fanin_tests::levels::{Both, THREADS, assert_same, levels};
use fanin_tests::{for_each_dtype, oracle};
use init_core::Distribution;
use init_kernels::{FillError, Filler, Level, Shard, Stream, fill_shard};
use proptest::prelude::*;

for_each_dtype! {
    random_shards_are_slices_of_the_whole => random;
    awkward_shards_are_slices_of_the_whole => awkward;
    shards_of_tensors_larger_than_memory_are_slices_of_the_whole => huge;
    all_shards_together_are_the_whole => partition;
}

/// Global shape, offsets, local shape.
type Parts = [Vec<usize>; 3];

fn stream() -> Stream {
    Stream::new(7).child("decoder.weight")
}

/// Returns the flat indices of a shard's elements, in row-major order.
fn indices([global, offsets, local]: &Parts) -> Vec<u64> {
    let mut indices = vec![0];
    for ((&size, &offset), &len) in global.iter().zip(offsets).zip(local) {
        let along = |index: u64| (offset..offset + len).map(move |at| index * size as u64 + at as u64);
        indices = indices.into_iter().flat_map(along).collect();
    }
    indices
}

/// Fills a shard inside a larger buffer and compares it with the oracle's elements.
fn compare<T: Both>(filler: &Filler, parts: &Parts, tensor: &mut oracle::Tensor<T>, distribution: &Distribution) {
    let expected = indices(parts).into_iter().map(|index| tensor.at(index)).collect::<Vec<_>>();
    let [global, offsets, local] = parts;
    let shard = Shard::new(global, offsets, local).expect("a shard");
    assert_eq!(shard.len(), expected.len());
    let mut buffer = vec![T::LARGEST; expected.len() + 2];
    let (dst, end) = buffer[1..].split_at_mut(expected.len());
    filler.fill_shard(dst, &shard, distribution, stream()).expect("fits");
    assert_same(dst, &expected, || format!("{parts:?}, {distribution}, {filler:?}"));
    assert_eq!(end, [T::LARGEST], "{parts:?}: wrote after the shard");
    assert_eq!(buffer[0], T::LARGEST, "{parts:?}: wrote before the shard");
}

fn at_every_level<T: Both>(parts: &Parts, (_, distribution): &Case) {
    let mut tensor = oracle::Tensor::<T>::new(distribution, stream().key());
    for level in levels() {
        compare(&Filler::new().level(level), parts, &mut tensor, distribution);
    }
}

/// Shapes of 1 to 5 axes, with any offset and size on each.
fn any_parts() -> impl Strategy<Value = Parts> {
    let sizes: [usize; 6] = [0, 20_000, 150, 28, 12, 7];
    let axes = (1_usize..=5).prop_flat_map(move |ndim| {
        let axis = (0..=sizes[ndim]).prop_flat_map(|size| (Just(size), 0..=size));
        let axis = axis.prop_flat_map(|(size, offset)| (Just(size), Just(offset), 0..=size - offset));
        prop::collection::vec(axis, ndim)
    });
    axes.prop_map(|axes| {
        let (global, rest): (Vec<_>, Vec<_>) = axes.into_iter().map(|(g, o, l)| (g, (o, l))).unzip();
        let (offsets, local) = rest.into_iter().unzip();
        [global, offsets, local]
    })
}

fn random<T: Both>() {
    let (levels, samplers) = (levels(), samplers());
    let choice = (any_parts(), 0..samplers.len(), 0..levels.len(), 0..4_usize);
    proptest!(ProptestConfig::with_cases(600), |((parts, sampler, level, threads) in choice)| {
        let (_, distribution) = samplers[sampler];
        let mut tensor = oracle::Tensor::<T>::new(&distribution, stream().key());
        let filler = Filler::new().level(levels[level]).threads(threads);
        compare(&filler, &parts, &mut tensor, &distribution);
    });
}

fn awkward<T: Both>() {
    let shards = [
        ("a column", [vec![300, 70], vec![0, 69], vec![300, 1]]),
        ("columns", [vec![300, 70], vec![0, 33], vec![300, 5]]),
        ("rows", [vec![300, 70], vec![113, 0], vec![57, 70]]),
        ("a row", [vec![300, 70], vec![299, 0], vec![1, 70]]),
        ("an inner box", [vec![9, 40, 50], vec![2, 3, 4], vec![5, 30, 41]]),
        ("the middle axis", [vec![9, 40, 50], vec![0, 17, 0], vec![9, 3, 50]]),
        ("every other axis", [vec![5, 6, 7, 8, 9], vec![0, 2, 0, 3, 0], vec![5, 3, 7, 4, 9]]),
        ("one element", [vec![9, 40, 50], vec![8, 39, 49], vec![1, 1, 1]]),
        ("the first element", [vec![9, 40, 50], vec![0, 0, 0], vec![1, 1, 1]]),
        ("nothing", [vec![9, 40, 50], vec![9, 40, 50], vec![0, 0, 0]]),
        ("nothing on one axis", [vec![9, 40, 50], vec![1, 40, 2], vec![3, 0, 4]]),
        ("part of nothing", [vec![0, 40], vec![0, 3], vec![0, 4]]),
        ("the whole", [vec![9, 40, 50], vec![0, 0, 0], vec![9, 40, 50]]),
        ("a scalar", [vec![], vec![], vec![]]),
        ("axes of one", [vec![1, 9000, 1, 1], vec![0, 4000, 0, 0], vec![1, 200, 1, 1]]),
        ("across a block's end", [vec![3, 4095], vec![0, 4094], vec![3, 1]]),
        ("a block each row", [vec![4, 4096], vec![0, 4000], vec![4, 96]]),
        ("half of each block", [vec![6, 2, 4096], vec![0, 1, 0], vec![6, 1, 4096]]),
    ];
    for case in samplers() {
        for (_, parts) in &shards {
            at_every_level::<T>(parts, &case);
        }
    }
}

fn huge<T: Both>() {
    let shards = [
        [vec![200_000, 1_000_000], vec![123_456, 654_321], vec![3, 5000]],
        [vec![200_000, 1_000_000], vec![199_999, 999_999], vec![1, 1]],
        [vec![200_000, 1_000_000], vec![100_000, 777_777], vec![40, 2]],
        [vec![1 << 20, 1 << 20, 1 << 22], vec![1 << 19, 12_345, 4_194_300], vec![2, 3, 4]],
        [vec![i64::MAX as usize], vec![i64::MAX as usize - 5000], vec![5000]],
    ];
    for case in samplers() {
        for parts in &shards {
            at_every_level::<T>(parts, &case);
        }
    }
}

/// Large shards are filled by several threads.
fn partition<T: Both>() {
    let (rows, columns) = (500, 400);
    for (name, distribution) in samplers() {
        let whole = oracle::tensor::<T>(rows * columns, &distribution, stream().key());
        for threads in THREADS {
            let mut found = vec![T::LARGEST; rows * columns];
            for (first, width) in [(0, 397), (397, 3)] {
                let shard = Shard::new(&[rows, columns], &[0, first], &[rows, width]).expect("a shard");
                let mut part = vec![T::LARGEST; shard.len()];
                let filler = Filler::new().threads(threads);
                filler.fill_shard(&mut part, &shard, &distribution, stream()).expect(name);
                for (row, values) in part.chunks(width).enumerate() {
                    found[row * columns + first..][..width].copy_from_slice(values);
                }
            }
            assert_same(&found, &whole, || format!("{name}, {threads} threads"));
        }
    }
}

#[test]
fn a_buffer_of_another_length_is_refused_and_not_written() {
    let shard = Shard::new(&[10, 10], &[2, 2], &[3, 3]).expect("a shard");
    for len in [0, 8, 10] {
        let mut buffer = vec![7_f32; len];
        let refused = fill_shard(&mut buffer, &shard, &uniform(0.0, 1.0), stream());
        assert_eq!(refused, Err(FillError::Length { len, expected: 9 }));
        assert!(buffer.iter().all(|&x| x == 7.0));
    }
}

#[test]
fn the_free_function_fills_like_every_level() {
    let distribution = truncated(0.0, 1.0, -3.0, 3.0);
    let parts = [vec![30, 50, 20], vec![7, 8, 9], vec![20, 30, 10]];
    let shard = Shard::new(&parts[0], &parts[1], &parts[2]).expect("a shard");
    let (mut free, mut portable) = (vec![0_f32; shard.len()], vec![0_f32; shard.len()]);
    fill_shard(&mut free, &shard, &distribution, stream()).expect("fits");
    let filler = Filler::new().level(Level::Portable);
    filler.fill_shard(&mut portable, &shard, &distribution, stream()).expect("fits");
    assert_same(&free, &portable, || distribution.to_string());
    let mut tensor = oracle::Tensor::new(&distribution, stream().key());
    compare::<f32>(&Filler::new(), &parts, &mut tensor, &distribution);
}
