//! The cost of an orthogonal matrix, by size, by type and by level.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fanin_benches::stream;
use half::bf16;
use init_core::{Structured, shape::Matrix};
use init_kernels::{Element, Filler, Level};

fn square(n: usize) -> Structured {
    Structured::Orthogonal { matrix: Matrix::row_major(n, n).expect("fits"), gain: 1.0 }
}

/// Returns the FNV-1a hash of the bits of the values, as f64.
fn hash<T: Element + Into<f64>>(values: &[T]) -> u64 {
    let bits = values.iter().map(|&value| value.into().to_bits());
    bits.fold(0xCBF2_9CE4_8422_2325, |hash, bits| (hash ^ bits).wrapping_mul(0x0000_0100_0000_01B3))
}

/// Checks that every level gives the same values, and that the matrix is orthogonal.
fn check<T: Element + Default + Into<f64>>(n: usize, tolerance: f64) {
    let mut hashes = Vec::new();
    let mut values = vec![T::default(); n * n];
    for level in Level::available() {
        Filler::new().level(level).fill(&mut values, &square(n), stream()).expect("fits");
        hashes.push(hash(&values));
    }
    assert!(hashes.windows(2).all(|pair| pair[0] == pair[1]), "levels differ: {hashes:x?}");
    let rows: Vec<Vec<f64>> = values.chunks_exact(n).map(|row| row.iter().map(|&x| x.into()).collect()).collect();
    for (i, a) in rows.iter().enumerate() {
        for (j, b) in rows.iter().enumerate().take(i + 1) {
            let product: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
            assert!((product - f64::from(u8::from(i == j))).abs() < tolerance, "rows {i} and {j}: {product}");
        }
    }
}

fn sizes(criterion: &mut Criterion) {
    check::<f32>(200, 2e-6);
    let mut group = criterion.benchmark_group("orthogonal/f32");
    group.sample_size(10);
    for n in [64, 256, 1024, 2048, 4096] {
        let mut values = vec![0_f32; n * n];
        group.throughput(Throughput::Elements((n * n) as u64));
        group.bench_function(BenchmarkId::from_parameter(n), |bencher| {
            bencher.iter(|| Filler::new().fill(black_box(&mut values), &square(n), stream()));
        });
    }
}

fn types(criterion: &mut Criterion) {
    check::<f64>(200, 1e-14);
    check::<bf16>(200, 2e-2);
    let mut group = criterion.benchmark_group("orthogonal/1024");
    group.sample_size(10);
    let n = 1024;
    let (mut double, mut half) = (vec![0_f64; n * n], vec![bf16::ZERO; n * n]);
    group.bench_function("f64", |bencher| {
        bencher.iter(|| Filler::new().fill(black_box(&mut double), &square(n), stream()));
    });
    group.bench_function("bf16", |bencher| {
        bencher.iter(|| Filler::new().fill(black_box(&mut half), &square(n), stream()));
    });
}

fn levels(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("orthogonal/512, one thread");
    group.sample_size(10);
    let n = 512;
    let mut values = vec![0_f32; n * n];
    for level in Level::available() {
        let filler = Filler::new().level(level).threads(1);
        group.bench_function(BenchmarkId::from_parameter(level), |bencher| {
            bencher.iter(|| filler.fill(black_box(&mut values), &square(n), stream()));
        });
    }
}

criterion_group!(orthogonal, sizes, types, levels);
criterion_main!(orthogonal);
