//! Fills of memory compared with the machine's limit, at each level, on one thread and on all.
//!
//! Each group contains the limits: a constant at the best level, which is the machine's write
//! bandwidth, and the standard library's fill of a slice, which is memset.

use std::{fmt::Debug, hint::black_box};

use bytemuck::Pod;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fanin_benches::{LIMIT, MEMORY_BYTES, check, distributions, stream};
use half::{bf16, f16};
use init_kernels::{Buffer, Element, Filler, Level, threads};

fn memory<T: Element + Debug + Pod>(criterion: &mut Criterion) {
    // `--test` only checks that it works, for which less memory suffices.
    let bytes = if std::env::args().any(|argument| argument == "--test") { 1 << 20 } else { MEMORY_BYTES };
    let mut buffer = Buffer::<T>::new(bytes / size_of::<T>()).expect("the system has the memory");
    buffer.fill(T::zeroed());
    let mut group = criterion.benchmark_group(format!("memory/{}", T::DTYPE));
    group.throughput(Throughput::Bytes(bytes as u64)).sample_size(10);
    group.bench_function("memset", |bencher| {
        bencher.iter(|| bytemuck::cast_slice_mut::<T, u8>(black_box(&mut buffer)).fill(1));
    });
    let all = threads::count().expect("FANIN_THREADS is a number");
    for threads in if all == 1 { vec![1] } else { vec![1, all] } {
        let filler = Filler::new().threads(threads);
        let id = |name: &str| BenchmarkId::new(name, format!("{threads} threads"));
        check(filler.level(Level::best()), &mut buffer, &LIMIT);
        group.bench_function(id("limit"), |bencher| {
            bencher.iter(|| filler.level(Level::best()).fill(black_box(&mut buffer), &LIMIT, stream()));
        });
        for (name, distribution) in distributions() {
            for level in Level::available() {
                let filler = filler.level(level);
                check(filler, &mut buffer, &distribution);
                group.bench_function(id(&format!("{name}/{level}")), |bencher| {
                    bencher.iter(|| filler.fill(black_box(&mut buffer), &distribution, stream()));
                });
            }
        }
    }
}

criterion_group!(benches, memory::<f32>, memory::<f64>, memory::<bf16>, memory::<f16>);
criterion_main!(benches);
