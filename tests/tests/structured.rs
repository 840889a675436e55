//! Every structured fill at every level and number of threads, whole, in ranges and in shards, equals the
//! oracle.

use fanin_tests::levels::{Both, THREADS, assert_same, levels};
use fanin_tests::structures::{Structure, delta_orthogonal, orthogonal, simple};
use fanin_tests::{for_each_dtype, oracle};
use init_core::{
    Structured,
    shape::{Filters, Matrix, Order},
};
use init_kernels::{FillError, Filler, Shard, Stream, check, fill, fill_at, fill_shard};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

for_each_dtype! {
    #[cfg_attr(debug_assertions, allow(clippy::unit_arg, reason = "one function per dtype"))]
    whole_tensors_equal_the_oracle => wholes;
    ranges_equal_those_of_the_whole => ranges;
    shards_equal_those_of_the_whole => shards;
}

fn stream() -> Stream {
    Stream::new(7).child("structured")
}

fn all() -> Vec<Structure> {
    [orthogonal(), delta_orthogonal(), simple()].concat()
}

fn whole<T: Both>(filler: Filler, structured: &Structured) -> Vec<T> {
    let mut values = vec![T::LARGEST; structured.len() as usize];
    filler.fill(&mut values, structured, stream()).unwrap_or_else(|error| panic!("{structured}: {error}"));
    values
}

fn wholes<T: Both>() {
    for (structured, shape) in all() {
        let expected = oracle::structured::<T>(&structured, stream().key());
        let what = || format!("{structured} in {shape:?}");
        for level in levels() {
            let alone = whole::<T>(Filler::new().level(level).threads(1), &structured);
            assert_same(&alone, &expected, || format!("{}, {level}, alone", what()));
        }
        for threads in THREADS {
            let found = whole::<T>(Filler::new().threads(threads), &structured);
            assert_same(&found, &expected, || format!("{}, {threads} threads", what()));
        }
    }
}

fn ranges<T: Both>() {
    let mut rng = SmallRng::seed_from_u64(1);
    for (structured, _) in all() {
        let expected = whole::<T>(Filler::new(), &structured);
        for _ in 0..6 {
            let from = rng.random_range(0..=expected.len());
            let to = rng.random_range(from..=expected.len());
            let mut found = vec![T::LARGEST; to - from];
            fill_at(&mut found, from as u64, &structured, stream()).expect("inside");
            assert_same(&found, &expected[from..to], || format!("{structured} from {from}"));
        }
        let mut beyond = vec![T::LARGEST; 3];
        let refused = fill_at(&mut beyond, structured.len() - structured.len().min(2), &structured, stream());
        assert!(matches!(refused, Err(FillError::Beyond { .. })), "{structured}: {refused:?}");
        assert_same(&beyond, &[T::LARGEST; 3], || structured.to_string());
    }
}

fn shards<T: Both>() {
    let mut rng = SmallRng::seed_from_u64(2);
    for (structured, shape) in all() {
        let expected = whole::<T>(Filler::new(), &structured);
        for _ in 0..6 {
            let offsets: Vec<_> = shape.iter().map(|&size| rng.random_range(0..=size)).collect();
            let local: Vec<_> =
                shape.iter().zip(&offsets).map(|(&size, &from)| rng.random_range(0..=size - from)).collect();
            let shard = Shard::new(&shape, &offsets, &local).expect("inside");
            let mut found = vec![T::LARGEST; shard.len()];
            fill_shard(&mut found, &shard, &structured, stream()).expect("a shard of the tensor");
            let part: Vec<T> = (0..shard.len())
                .map(|mut index| {
                    let (mut flat, mut stride) = (0, 1);
                    for axis in (0..shape.len()).rev() {
                        flat += (offsets[axis] + index % local[axis]) * stride;
                        index /= local[axis];
                        stride *= shape[axis];
                    }
                    expected[flat]
                })
                .collect();
            assert_same(&found, &part, || format!("{structured}, {local:?} at {offsets:?} of {shape:?}"));
        }
    }
}

/// A tensor of several tiles and panels in both directions, by blocks.
#[test]
fn all_shards_of_a_large_matrix_together_are_the_matrix() {
    for (rows, cols) in [(700, 500), (300, 650)] {
        for matrix in [Matrix::row_major(rows, cols), Matrix::transposed(rows, cols)] {
            let matrix = matrix.expect("fits");
            let structured = Structured::Orthogonal { matrix, gain: 1.0 };
            let shape = if matrix.is_row_major() { [rows, cols] } else { [cols, rows] };
            let expected = whole::<f32>(Filler::new(), &structured);
            let mut found = vec![0_f32; expected.len()];
            let cuts = |size: usize| [(0, size / 3), (size / 3, size - 100), (size - 100, size)];
            for (top, bottom) in cuts(shape[0]) {
                for (left, right) in cuts(shape[1]) {
                    let local = [bottom - top, right - left];
                    let shard = Shard::new(&shape, &[top, left], &local).expect("inside");
                    let mut part = vec![0_f32; shard.len()];
                    fill_shard(&mut part, &shard, &structured, stream()).expect("a shard of the tensor");
                    for (row, part) in part.chunks_exact(local[1]).enumerate() {
                        found[(top + row) * shape[1] + left..][..local[1]].copy_from_slice(part);
                    }
                }
            }
            assert_same(&found, &expected, || structured.to_string());
        }
    }
}

/// The columns do not depend on their number.
#[test]
fn fewer_columns_are_the_first_columns() {
    let columns = |cols: usize| {
        let matrix = Matrix::row_major(150, cols).expect("fits");
        let values = whole::<f64>(Filler::new(), &Structured::Orthogonal { matrix, gain: 1.0 });
        values.chunks_exact(cols).flat_map(|row| row[..20].to_vec()).collect::<Vec<_>>()
    };
    let expected = columns(150);
    for cols in [20, 63, 64, 65, 100] {
        assert_same(&columns(cols), &expected, || format!("{cols} columns"));
    }
}

/// Each copy has its own values.
#[test]
fn copies_differ() {
    let matrix = Matrix::stacked(3, 1, 8, 8).expect("fits");
    let values = whole::<f32>(Filler::new(), &Structured::Orthogonal { matrix, gain: 1.0 });
    assert_ne!(values[..64], values[64..128]);
    assert_ne!(values[..64], values[128..]);
}

#[test]
fn a_fill_that_does_not_fit_is_refused_and_writes_nothing() {
    let matrix = Matrix::row_major(4, 4).expect("fits");
    let mut values = [half::f16::MAX; 16];
    for (gain, large) in [(1e6, true), (1e-9, false)] {
        for structured in [Structured::Orthogonal { matrix, gain }, Structured::Eye { matrix, gain }] {
            let error = fill(&mut values, &structured, stream()).unwrap_err();
            assert_eq!(check::<half::f16>(&structured), Err(error.clone()));
            let expected = if large {
                matches!(error, FillError::TooLarge { .. })
            } else {
                matches!(error, FillError::TooSmall { .. })
            };
            assert!(expected, "{error}");
            assert!(check::<f32>(&structured).is_ok());
        }
    }
    let nan = Structured::Orthogonal { matrix, gain: f64::NAN };
    assert!(matches!(fill(&mut values, &nan, stream()), Err(FillError::Structured(_))));
    let filters = Filters::new(Order::OutFirst, 2, 3, [3]).expect("fits");
    let wide = Structured::DeltaOrthogonal { filters, centre: 1, gain: 1.0 };
    assert!(matches!(fill(&mut values, &wide, stream()), Err(FillError::Structured(_))));
    let shard = Shard::new(&[4, 5], &[0, 0], &[4, 4]).expect("inside");
    let eye = Structured::Eye { matrix, gain: 1.0 };
    let error = fill_shard(&mut values, &shard, &eye, stream()).unwrap_err();
    assert!(error.to_string().contains("16 elements, but the tensor of the shard has 20"), "{error}");
    assert!(values.iter().all(|&value| value == half::f16::MAX));
}
