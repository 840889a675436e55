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

/// Many callers get the same values while threads start and end.
///
/// Not a test function: the harness's own threads talk through a channel of the standard library, of
/// which ThreadSanitizer sees only half.
fn main() {
    let (expected, matrix) = (&*filled(1).leak(), &*orthogonal(1).leak());
    let caller = |number: usize| {
        move || {
            for round in 0..20 {
                assert!(filled((number + round) % 5) == expected);
                assert!(orthogonal((number + round) % 4) == matrix);
            }
        }
    };
    let mut handles: Vec<_> = (0..6).map(|number| thread::spawn(caller(number))).collect();
    handles.push(thread::spawn(|| {
        for _ in 0..50 {
            threads::shutdown();
            thread::yield_now();
        }
    }));
    for handle in handles {
        handle.join().unwrap();
    }
    threads::shutdown();
    assert!(filled(3) == expected);
}
