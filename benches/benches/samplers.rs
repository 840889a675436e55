//! The cost of a value from each sampler, in each type, at each level, in the cache.

use std::{fmt::Debug, hint::black_box};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fanin_benches::{CACHE_BYTES, check, distributions, stream};
use half::{bf16, f16};
use init_kernels::{Element, Filler, Level};

fn samplers<T: Element + Debug + Default>(criterion: &mut Criterion) {
    let mut buffer = vec![T::default(); CACHE_BYTES / size_of::<T>()];
    for (name, distribution) in distributions() {
        let mut group = criterion.benchmark_group(format!("cache/{name}/{}", T::DTYPE));
        group.throughput(Throughput::Elements(buffer.len() as u64));
        for level in Level::available() {
            let filler = Filler::new().level(level).threads(1);
            check(filler, &mut buffer, &distribution);
            group.bench_function(BenchmarkId::from_parameter(level), |bencher| {
                bencher.iter(|| filler.fill(black_box(&mut buffer), &distribution, stream()));
            });
        }
    }
}

criterion_group!(benches, samplers::<f32>, samplers::<f64>, samplers::<bf16>, samplers::<f16>);
criterion_main!(benches);
