//! The pool of threads under load: many callers, changing numbers of threads, ends in between. Small
//! enough to run instrumented by ThreadSanitizer (`tests/race.sh`).

use std::thread;

use init_core::{Distribution, Initializer, Layout, Shape};
use init_kernels::{Filler, Stream, threads};

const LEN: usize = 1 << 17;

fn filled(count: usize) -> Vec<f32> {
    let mut values = vec![0.0; LEN];
    let normal = Distribution::Normal { mean: 0.0, std: 1.0 };
    Filler::new().threads(count).fill(&mut values, &normal, Stream::new(3)).unwrap();
    values
}

fn orthogonal(count: usize) -> Vec<f32> {
    let shape = Shape::new([96, 80]).unwrap();
    let resolved = "orthogonal".parse::<Initializer>().unwrap().resolve(&shape, &Layout::Torch).unwrap();
    let mut values = vec![0.0; 96 * 80];
    Filler::new().threads(count).fill(&mut values, &resolved, Stream::new(4)).unwrap();
    values
}

#[test]
fn many_callers_get_the_same_values_while_threads_come_and_end() {
    let (expected, matrix) = (filled(1), orthogonal(1));
    thread::scope(|scope| {
        for caller in 0..6 {
            let (expected, matrix) = (&expected, &matrix);
            scope.spawn(move || {
                for round in 0..20 {
                    assert!(filled((caller + round) % 5) == *expected);
                    assert!(orthogonal((caller + round) % 4) == *matrix);
                }
            });
        }
        scope.spawn(|| {
            for _ in 0..50 {
                threads::shutdown();
                thread::yield_now();
            }
        });
    });
    threads::shutdown();
    assert!(filled(3) == expected);
}
