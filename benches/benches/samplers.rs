//! What does a value of each sampler cost, in each type, at each level, in cache and in memory?

use std::fmt::Debug;
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fanin_benches::{CACHE_BYTES, MEMORY_BYTES, check, laws, stream};
use half::{bf16, f16};
use init_kernels::{Element, Filler, Level};

fn in_cache<T: Element + Debug + Default>(criterion: &mut Criterion) {
    for (name, law) in laws() {
        let mut group = criterion.benchmark_group(format!("cache/{name}/{}", T::DTYPE));
        let mut buffer = vec![T::default(); CACHE_BYTES / size_of::<T>()];
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

fn in_memory<T: Element + Debug + Default>(criterion: &mut Criterion) {
    let mut buffer = vec![T::default(); MEMORY_BYTES / size_of::<T>()];
    for (name, law) in laws() {
        let mut group = criterion.benchmark_group(format!("memory/{name}/{}", T::DTYPE));
        group.throughput(Throughput::Bytes(MEMORY_BYTES as u64)).sample_size(10);
        for (threads, parallel) in [("one", false), ("all", true)] {
            let filler = Filler::new().parallel(parallel);
            check(filler, &mut buffer, &law);
            group.bench_function(BenchmarkId::from_parameter(threads), |bencher| {
                bencher.iter(|| filler.fill(black_box(&mut buffer), &law, stream()));
            });
        }
    }
}

criterion_group!(cache, in_cache::<f32>, in_cache::<f64>, in_cache::<bf16>, in_cache::<f16>);
criterion_group!(memory, in_memory::<f32>, in_memory::<f64>, in_memory::<bf16>);
criterion_main!(cache, memory);
