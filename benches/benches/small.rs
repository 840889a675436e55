//! The cost of a small fill, the call included. 768 elements are a bias or a row of GPT-2.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fanin_benches::{check, distributions, stream};
use init_kernels::Filler;

fn small(criterion: &mut Criterion) {
    for (name, distribution) in distributions() {
        let mut group = criterion.benchmark_group(format!("small/{name}/f32"));
        for len in [1, 64, 768, 4096] {
            let mut buffer = vec![0f32; len];
            check(Filler::new(), &mut buffer, &distribution);
            group.throughput(Throughput::Elements(len as u64));
            group.bench_function(BenchmarkId::from_parameter(len), |bencher| {
                bencher.iter(|| Filler::new().fill(black_box(&mut buffer), &distribution, stream()));
            });
        }
    }
}

criterion_group!(benches, small);
criterion_main!(benches);
