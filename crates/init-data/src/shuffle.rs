//! Random orders and numbers, from a stream.

use init_kernels::{Stream, StreamRng};
use rand_core::Rng;

/// Draws a whole number below `count`: the high word of its product with 64 random bits, so that
/// probabilities differ by at most `count` / 2⁶⁴.
fn below(rng: &mut StreamRng, count: usize) -> usize {
    ((u128::from(rng.next_u64()) * count as u128) >> 64) as usize
}

/// Draws a number of 53 bits, uniform on `[0, 1)`.
pub(crate) fn unit(rng: &mut StreamRng) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

/// Returns the numbers from 0 to `count − 1` in random order (R. Durstenfeld 1964: all orders are
/// equally likely).
pub(crate) fn shuffled(count: usize, stream: Stream) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    let mut rng = stream.rng();
    for last in (1..count).rev() {
        order.swap(last, below(&mut rng, last + 1));
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_has_every_number_once_and_all_first_numbers_are_equally_likely() {
        let mut first = [0; 5];
        for seed in 0..10_000 {
            let order = shuffled(5, Stream::new(seed));
            let mut sorted = order.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, [0, 1, 2, 3, 4]);
            first[order[0]] += 1;
        }
        // 2000 ± 40 each; five standard deviations.
        assert!(first.iter().all(|count| (1800..2200).contains(count)), "{first:?}");
        assert_eq!(shuffled(100, Stream::new(3)), shuffled(100, Stream::new(3)));
        assert!(shuffled(0, Stream::new(0)).is_empty());
    }
}
