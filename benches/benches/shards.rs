//! The cost of starting inside a block, and of filling columns of a matrix.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fanin_benches::{check, distributions, stream};
use init_kernels::{Filler, Shard};

/// Costs at most the raw steps of one block: 4064 is the last group of 32.
fn inside_a_block(criterion: &mut Criterion) {
    for (name, distribution) in distributions() {
        let mut group = criterion.benchmark_group(format!("offset/{name}/f32"));
        let mut whole = vec![0f32; 4096];
        check(Filler::new(), &mut whole, &distribution);
        let mut buffer = [0f32; 32];
        for offset in [0, 2048, 4064] {
            Filler::new().fill_at(&mut buffer, offset, &distribution, stream()).expect("the distribution fits");
            assert_eq!(buffer, whole[offset as usize..offset as usize + 32]);
            group.bench_function(BenchmarkId::from_parameter(offset), |bencher| {
                bencher.iter(|| Filler::new().fill_at(black_box(&mut buffer), offset, &distribution, stream()));
            });
        }
    }
}

/// Fills the last of 1, 2, 8 and 64 shards of the columns.
fn columns(criterion: &mut Criterion) {
    const ROWS: usize = 1024;
    const COLUMNS: usize = 4096;
    let (_, normal) = distributions()[1];
    let mut group = criterion.benchmark_group("columns/normal/f32");
    let mut whole = vec![0f32; ROWS * COLUMNS];
    check(Filler::new(), &mut whole, &normal);
    for ranks in [1, 2, 8, 64] {
        let local = COLUMNS / ranks;
        let shard = Shard::new(&[ROWS, COLUMNS], &[0, COLUMNS - local], &[ROWS, local]).expect("inside");
        let mut buffer = vec![0f32; shard.len()];
        let filler = Filler::new().threads(1);
        filler.fill_shard(&mut buffer, &shard, &normal, stream()).expect("the length fits");
        for (row, expected) in buffer.chunks(local).zip(whole.chunks(COLUMNS)) {
            assert_eq!(row, &expected[COLUMNS - local..]);
        }
        group.throughput(Throughput::Elements(buffer.len() as u64)).sample_size(20);
        group.bench_function(BenchmarkId::from_parameter(format!("1 of {ranks}")), |bencher| {
            bencher.iter(|| filler.fill_shard(black_box(&mut buffer), &shard, &normal, stream()));
        });
    }
}

criterion_group!(benches, inside_a_block, columns);
criterion_main!(benches);
