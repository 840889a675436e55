//! How does a fill compare with a loop over `rand`, `rand_distr` and `rand_xoshiro`, in cache, on one thread?

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use fanin_benches::{CACHE_BYTES, check, laws, stream};
use init_core::Distribution;
use init_kernels::Filler;
use rand::SeedableRng;
use rand::distr::Uniform;
use rand_distr::{Distribution as _, Normal};
use rand_xoshiro::Xoshiro256PlusPlus;

const LEN: usize = CACHE_BYTES / size_of::<f32>();

/// The plain program: one generator, one value after the other.
fn scalar(dst: &mut [f32], rng: &mut Xoshiro256PlusPlus, law: &Distribution) {
    match *law {
        Distribution::Uniform { low, high } => {
            let uniform = Uniform::new(low as f32, high as f32).expect("low < high");
            dst.fill_with(|| uniform.sample(rng));
        }
        Distribution::Normal { mean, std } => {
            let normal = Normal::new(mean as f32, std as f32).expect("std > 0");
            dst.fill_with(|| normal.sample(rng));
        }
        _ => unreachable!("rand_distr has no other law of ours"),
    }
}

fn peers(criterion: &mut Criterion) {
    let mut buffer = vec![0f32; LEN];
    for (name, law) in &laws()[..2] {
        let mut group = criterion.benchmark_group(format!("peers/{name}/f32"));
        group.throughput(Throughput::Elements(LEN as u64));
        let filler = Filler::new().parallel(false);
        check(filler, &mut buffer, law);
        group.bench_function("fanin", |bencher| bencher.iter(|| filler.fill(black_box(&mut buffer), law, stream())));

        let start = Xoshiro256PlusPlus::seed_from_u64(42);
        scalar(&mut buffer, &mut start.clone(), law);
        let (mean, std) = moments(&buffer);
        assert!(
            (mean - law.mean()).abs() < law.std() / 20.0 && (std / law.std() - 1.0).abs() < 0.05,
            "{law}: {mean}, {std}"
        );
        group.bench_function("rand", |bencher| {
            bencher.iter_batched_ref(
                || start.clone(),
                |rng| scalar(black_box(&mut buffer), rng, law),
                BatchSize::SmallInput,
            );
        });
    }
}

fn moments(values: &[f32]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().map(|&x| f64::from(x)).sum::<f64>() / count;
    let variance = values.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / count;
    (mean, variance.sqrt())
}

criterion_group!(benches, peers);
criterion_main!(benches);
