//! The cost of the start of a block: the same number of groups of 32, once as the heads of that
//! many blocks and once in a row. The difference is one seeding per group, and the work of the
//! shard. `instructions.rs` counts the seeding alone.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fanin_benches::{check, distributions, stream};
use init_kernels::{Filler, Level, Shard};

const BLOCKS: usize = 256;
const BLOCK: usize = 4096;
const GROUP: usize = 32;

fn seeding(criterion: &mut Criterion) {
    let heads = Shard::new(&[BLOCKS, BLOCK], &[0, 0], &[BLOCKS, GROUP]).expect("inside");
    for (name, distribution) in &distributions()[..2] {
        let mut group = criterion.benchmark_group(format!("seeding/{name}/f32"));
        group.throughput(Throughput::Elements(BLOCKS as u64));
        let mut whole = vec![0f32; BLOCKS * BLOCK];
        check(Filler::new().threads(1), &mut whole, distribution);
        let mut buffer = vec![0f32; BLOCKS * GROUP];
        for level in Level::available() {
            let filler = Filler::new().level(level).threads(1);
            filler.fill_shard(&mut buffer, &heads, distribution, stream()).expect("the distribution fits");
            for (head, block) in buffer.chunks(GROUP).zip(whole.chunks(BLOCK)) {
                assert_eq!(head, &block[..GROUP]);
            }
            group.bench_function(BenchmarkId::new("heads of blocks", level), |bencher| {
                bencher.iter(|| filler.fill_shard(black_box(&mut buffer), &heads, distribution, stream()));
            });
            check(filler, &mut buffer, distribution);
            group.bench_function(BenchmarkId::new("in a row", level), |bencher| {
                bencher.iter(|| filler.fill(black_box(&mut buffer), distribution, stream()));
            });
        }
    }
}

criterion_group!(benches, seeding);
criterion_main!(benches);
