//! A fill compared with a loop over `rand_distr` (normal values by the ziggurat) and with raw
//! `rand_xoshiro`, on one thread, in the cache.

use std::{fmt::Debug, hint::black_box};

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use fanin_benches::peer::PeerElement;
use fanin_benches::{CACHE_BYTES, check, distributions, stream};
use init_core::Distribution;
use init_kernels::{Element, Filler};
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

fn peers<T: Element + PeerElement + Debug + Default + Into<f64>>(criterion: &mut Criterion) {
    let mut buffer = vec![T::default(); CACHE_BYTES / size_of::<T>()];
    let start = Xoshiro256PlusPlus::seed_from_u64(42);
    for (name, distribution) in &distributions()[..2] {
        let mut group = criterion.benchmark_group(format!("peers/{name}/{}", T::DTYPE));
        group.throughput(Throughput::Elements(buffer.len() as u64));
        let filler = Filler::new().threads(1);
        check(filler, &mut buffer, distribution);
        group.bench_function("fanin", |bencher| {
            bencher.iter(|| filler.fill(black_box(&mut buffer), distribution, stream()));
        });

        assert!(T::rand(&mut buffer, &mut start.clone(), distribution));
        assert_follows(&buffer, distribution);
        group.bench_function("rand_distr", |bencher| {
            bencher.iter_batched_ref(
                || start.clone(),
                |rng| T::rand(black_box(&mut buffer), rng, distribution),
                BatchSize::SmallInput,
            );
        });
    }

    let mut group = criterion.benchmark_group(format!("peers/raw/{}", T::DTYPE));
    group.throughput(Throughput::Elements(buffer.len() as u64));
    T::xoshiro(&mut buffer, &mut start.clone());
    assert_follows(&buffer, &Distribution::Uniform { low: 0.0, high: 1.0 });
    group.bench_function("rand_xoshiro", |bencher| {
        bencher.iter_batched_ref(
            || start.clone(),
            |rng| T::xoshiro(black_box(&mut buffer), rng),
            BatchSize::SmallInput,
        );
    });
}

/// Asserts that a peer's values have the moments of a distribution, within five standard errors of
/// 8192 values.
fn assert_follows<T: Copy + Into<f64>>(values: &[T], distribution: &Distribution) {
    let count = values.len() as f64;
    let mean = values.iter().map(|&x| x.into()).sum::<f64>() / count;
    let variance = values.iter().map(|&x| (x.into() - mean).powi(2)).sum::<f64>() / count;
    let std = variance.sqrt();
    assert!(
        (mean - distribution.mean()).abs() < distribution.std() / 18.0 && (std / distribution.std() - 1.0).abs() < 0.04,
        "{distribution}: {mean}, {std}"
    );
}

criterion_group!(benches, peers::<f32>, peers::<f64>);
criterion_main!(benches);
