//! A slice of a shard, filled alone, has the values that the shard and the whole tensor have there.

use std::fmt::Debug;

use init_kernels::{
    Element, FillError, Fillable, Filler, Shard, Stream, bf16, f16, fill,
    init_core::{Distribution, Initializer, Layout, Resolved, Shape},
};

fn stream() -> Stream {
    Stream::new(7).child("weight")
}

/// Returns the shards of a tensor of shape (12, 5, 40) that are compared.
fn shards() -> Vec<Shard> {
    let shard = |offsets: &[usize], local: &[usize]| Shard::new(&[12, 5, 40], offsets, local).unwrap();
    vec![
        shard(&[0, 0, 0], &[12, 5, 40]),
        shard(&[3, 0, 0], &[4, 5, 40]),
        shard(&[0, 2, 0], &[12, 2, 40]),
        shard(&[1, 1, 7], &[9, 3, 20]),
        shard(&[0, 0, 39], &[12, 5, 1]),
        shard(&[2, 3, 0], &[0, 1, 40]),
    ]
}

fn check<T: Element + Default + Debug>(what: &impl Fillable) {
    for shard in shards() {
        let mut expected = vec![T::default(); shard.len()];
        Filler::new().fill_shard(&mut expected, &shard, what, stream()).unwrap();
        let len = shard.len();
        for (start, end) in [(0, len), (0, len / 2), (len / 3, len), (len / 4, len / 2), (len / 5, len / 5), (len, len)]
        {
            let mut found = vec![T::default(); end - start];
            Filler::new().fill_shard_at(&mut found, &shard, start, what, stream()).unwrap();
            assert_eq!(found, expected[start..end], "{shard:?} from {start} to {end}");
        }
        // One element at a time, too.
        for index in (0..len).step_by(37) {
            let mut found = [T::default()];
            Filler::new().fill_shard_at(&mut found, &shard, index, what, stream()).unwrap();
            assert_eq!(found[0], expected[index], "{shard:?} at {index}");
        }
    }
}

fn check_all_dtypes(what: &impl Fillable) {
    check::<f32>(what);
    check::<f64>(what);
    check::<bf16>(what);
    check::<f16>(what);
}

#[test]
fn a_slice_of_a_shard_of_a_distribution_is_that_slice() {
    check_all_dtypes(&Distribution::Normal { mean: 0.0, std: 0.02 });
    check_all_dtypes(&Distribution::Uniform { low: -0.1, high: 0.1 });
    check_all_dtypes(&Distribution::TruncatedNormal { mean: 0.0, std: 1.0, low: -1.0, high: 3.0 });
    check_all_dtypes(&Distribution::Constant(1.5));
}

#[test]
fn a_slice_of_a_shard_of_a_structured_fill_is_that_slice() {
    let shape = Shape::new([12, 5, 40]).unwrap();
    for text in ["orthogonal", "dirac", "sparse(sparsity=0.3)", "hadamard"] {
        let initializer: Initializer = text.parse().unwrap();
        let resolved = initializer.resolve(&shape, &Layout::Torch).or_else(|_| {
            // `sparse` takes matrices only: the same elements as one.
            initializer.resolve(&Shape::new([12, 200]).unwrap(), &Layout::Torch)
        });
        let resolved = resolved.unwrap();
        assert!(matches!(resolved, Resolved::Structured(_)), "{text}");
        check::<f32>(&resolved);
        check::<f64>(&resolved);
    }
}

#[test]
fn a_slice_of_a_large_shard_is_that_slice_of_the_whole_tensor() {
    const ROWS: usize = 64;
    const COLUMNS: usize = 9000;
    let normal = Distribution::Normal { mean: 0.0, std: 1.0 };
    let mut whole = vec![0f32; ROWS * COLUMNS];
    fill(&mut whole, &normal, stream()).unwrap();
    let shard = Shard::new(&[ROWS, COLUMNS], &[0, 100], &[ROWS, 8000]).unwrap();
    let offset = 3 * 8000 + 17;
    let mut slice = vec![0f32; 40 * 8000];
    Filler::new().fill_shard_at(&mut slice, &shard, offset, &normal, stream()).unwrap();
    for (index, value) in (offset..).zip(slice) {
        assert_eq!(value, whole[index / 8000 * COLUMNS + 100 + index % 8000], "{index}");
    }
}

#[test]
fn a_slice_that_exceeds_its_shard_is_refused() {
    let shard = Shard::new(&[4, 4], &[1, 1], &[2, 3]).unwrap();
    let one = Distribution::Constant(1.0);
    for (offset, len) in [(0, 7), (5, 2), (7, 0), (usize::MAX, 1)] {
        let refused = Filler::new().fill_shard_at(&mut vec![0f32; len], &shard, offset, &one, stream());
        assert_eq!(refused, Err(FillError::Outside { elements: 6, offset: offset as u64, len }));
    }
}
