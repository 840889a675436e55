//! What does a value of each sampler cost, in each type, at each level, in the cache?

use std::fmt::Debug;
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fanin_benches::{CACHE_BYTES, check, laws, stream};
use half::{bf16, f16};
use init_kernels::{Element, Filler, Level};

fn samplers<T: Element + Debug + Default>(criterion: &mut Criterion) {
    let mut buffer = vec![T::default(); CACHE_BYTES / size_of::<T>()];
    for (name, law) in laws() {
        let mut group = criterion.benchmark_group(format!("cache/{name}/{}", T::DTYPE));
        group.throughput(Throughput::Elements(buffer.len() as u64));
        for level in Level::available() {
            let filler = Filler::new().level(level).parallel(false);
            check(filler, &mut buffer, &law);
            group.bench_function(BenchmarkId::from_parameter(level), |bencher| {
                bencher.iter(|| filler.fill(black_box(&mut buffer), &law, stream()));
            });
        }
    }
}

criterion_group!(benches, samplers::<f32>, samplers::<f64>, samplers::<bf16>, samplers::<f16>);
criterion_main!(benches);
