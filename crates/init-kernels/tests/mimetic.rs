//! Mimetic attention weights multiply to what the paper defines, with the same bits on any number
//! of threads.
#![cfg(feature = "parallel")]

use init_kernels::{
    Element, Stream, bf16, fill,
    init_core::{Distribution, scheme::Mimetic},
    mimetic::{Attention, MimeticError, mimetic},
};

const SIZE: usize = 48;
const HEADS: usize = 3;

fn made<T: Element>() -> Attention<T> {
    mimetic(&Mimetic::default(), SIZE, HEADS, Stream::new(5).child("attn")).unwrap()
}

/// Returns the expected product: the same random values, plus the identity.
fn target(noise: f64, identity: f64, stream: Stream) -> Vec<f64> {
    let mut values = vec![0.0; SIZE * SIZE];
    let normal = Distribution::Normal { mean: 0.0, std: noise / (SIZE as f64).sqrt() };
    fill(&mut values, &normal, stream).unwrap();
    (0..SIZE).for_each(|i| values[i * SIZE + i] += identity);
    values
}

/// Element (row, col) of leftᵀ·right over some rows of both.
fn product(left: &[f64], right: &[f64], row: usize, col: usize, rows: std::ops::Range<usize>) -> f64 {
    rows.map(|k| left[k * SIZE + row] * right[k * SIZE + col]).sum()
}

#[test]
fn values_times_outputs_are_the_noise_and_the_identity() {
    let made = made::<f64>();
    let stream = Stream::new(5).child("attn").child("value_output");
    let transposed: Vec<f64> = (0..SIZE * SIZE).map(|i| made.output[i % SIZE * SIZE + i / SIZE]).collect();
    let target = target(0.4, -0.4, stream);
    for row in 0..SIZE {
        for col in 0..SIZE {
            let found = product(&made.value, &transposed, row, col, 0..SIZE);
            assert!((found - target[row * SIZE + col]).abs() < 1e-13, "{row} {col}: {found}");
        }
    }
}

/// No matrix of rank `head` is nearer: the rest is orthogonal to the spans of queries and keys, and
/// has no larger singular value than theirs.
#[test]
fn each_head_is_the_best_approximation() {
    let made = made::<f64>();
    let head = SIZE / HEADS;
    for h in 0..HEADS {
        let rows = h * head..(h + 1) * head;
        let target = target(0.7, 0.7, Stream::new(5).child("attn").child("query_key").child_index(h as u64));
        let at = |row: usize, col: usize| product(&made.query, &made.key, row, col, rows.clone());
        let rest: Vec<f64> = (0..SIZE * SIZE).map(|i| target[i] - at(i / SIZE, i % SIZE)).collect();
        let (query, key) = (|k: usize| &made.query[k * SIZE..][..SIZE], |k: usize| &made.key[k * SIZE..][..SIZE]);
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let mut minimum = f64::INFINITY;
        for i in rows.clone() {
            let strength = dot(query(i), query(i));
            minimum = minimum.min(strength);
            assert!((dot(key(i), key(i)) / strength - 1.0).abs() < 1e-13, "queries and keys have equal norms");
            for j in rows.start..i {
                assert!(dot(query(i), query(j)).abs() < 1e-13 && dot(key(i), key(j)).abs() < 1e-13);
            }
            for row in 0..SIZE {
                assert!(dot(&rest[row * SIZE..][..SIZE], key(i)).abs() < 1e-13);
                let column: f64 = (0..SIZE).map(|k| query(i)[k] * rest[k * SIZE + row]).sum();
                assert!(column.abs() < 1e-13);
            }
        }
        // Power iteration for the largest singular value that was left out.
        let mut vector = vec![1.0; SIZE];
        let mut norm = 0.0;
        for _ in 0..2000 {
            let image: Vec<f64> = rest.chunks(SIZE).map(|row| dot(row, &vector)).collect();
            vector = (0..SIZE).map(|col| (0..SIZE).map(|k| rest[k * SIZE + col] * image[k]).sum()).collect();
            norm = dot(&vector, &vector).sqrt();
            vector.iter_mut().for_each(|x| *x /= norm);
        }
        assert!(norm.sqrt() <= minimum * (1.0 + 1e-9) && norm > 0.0, "{} above {minimum}", norm.sqrt());
    }
}

#[test]
fn threads_change_no_bit_and_narrow_types_are_rounded() {
    let expected = made::<f64>();
    for threads in [1, 2, 3] {
        init_kernels::threads::set_count(threads).unwrap();
        assert_eq!(made::<f64>(), expected);
    }
    let single = made::<f32>();
    assert!(single.query.iter().zip(&expected.query).all(|(&a, &b)| a == b as f32));
    let narrow = made::<bf16>();
    assert!(narrow.output.iter().zip(&single.output).all(|(&a, &b)| a == bf16::from_f32(b)));
    // The same on every machine, level, profile and release.
    let sum = expected.query.iter().chain(&expected.key).chain(&expected.value).chain(&expected.output);
    let sum = sum.fold(0_u64, |hash, x| hash.rotate_left(5).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ x.to_bits());
    assert_eq!(sum, 0x1f37_fa3c_2d3f_1fbf, "{sum:#x}");
}

#[test]
fn invalid_arguments_are_refused() {
    let make = |size, heads, noise| {
        mimetic::<f32>(&Mimetic { query_key_noise: noise, ..Mimetic::default() }, size, heads, Stream::new(0))
    };
    for (size, heads) in [(8, 3), (8, 0), (0, 0)] {
        assert_eq!(make(size, heads, 0.7), Err(MimeticError::Heads { heads, size }));
    }
    for size in [usize::MAX, 1 << 31, 1 << 30] {
        assert_eq!(make(size, 1, 0.7), Err(MimeticError::TooLarge { size }));
    }
    assert!(matches!(make(8, 2, f64::NAN), Err(MimeticError::Factor { .. })));
    assert!(matches!(make(8, 2, 1e200), Err(MimeticError::Overflow { .. })));
    assert_eq!(make(0, 1, 0.7).map(|made| made.query.len()), Ok(0));
    let one = mimetic::<f64>(&Mimetic::default(), 1, 1, Stream::new(0)).unwrap();
    let target = one.query[0] * one.key[0];
    assert!(target.is_finite() && (one.query[0].abs() - one.key[0].abs()).abs() < 1e-15);
}

#[test]
fn without_noise_the_product_is_the_identity() {
    let still = Mimetic { query_key_noise: 0.0, value_output_noise: 0.0, ..Mimetic::default() };
    let made = mimetic::<f64>(&still, 6, 1, Stream::new(0)).unwrap();
    for (i, (query, key)) in made.query.iter().zip(&made.key).enumerate() {
        let expected = if i / 6 == i % 6 { 0.7_f64.sqrt() } else { 0.0 };
        assert!((query - expected).abs() < 1e-15 && (key - expected).abs() < 1e-15);
    }
    let none = Mimetic { query_key_identity: 0.0, ..still };
    let made = mimetic::<f64>(&none, 6, 2, Stream::new(0)).unwrap();
    assert!(made.query.iter().chain(&made.key).all(|&x| x == 0.0));
}
