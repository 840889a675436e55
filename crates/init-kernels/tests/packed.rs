//! Packed weights: a block has the distribution of the separate weight and, from that weight's stream, its values.

use init_core::{Distribution, Initializer, Layout, Shape};
use init_kernels::{Stream, fill};

fn distribution(text: &str, dims: &[usize], layout: &str) -> Distribution {
    let init: Initializer = text.parse().unwrap();
    init.distribution(&Shape::new(dims).unwrap(), &layout.parse::<Layout>().unwrap()).unwrap()
}

#[test]
fn a_packed_weight_equals_the_separate_ones() {
    const NAMES: [&str; 3] = ["q_proj.weight", "k_proj.weight", "v_proj.weight"];
    let (out, inputs) = (96, 50);
    let stream = Stream::new(7).child("attention");
    for text in ["xavier_uniform", "glorot_normal(truncated)", "kaiming_normal(mode=fan_out)", "lecun_normal"] {
        let separate = distribution(text, &[out, inputs], "torch");
        let packed = distribution(text, &[3 * out, inputs], "packed(torch, blocks=3, axis=0)");
        assert_eq!(packed, separate, "{text}");
        assert_ne!(
            distribution("xavier_uniform", &[3 * out, inputs], "torch"),
            distribution("xavier_uniform", &[out, inputs], "torch")
        );

        let mut whole = vec![0_f32; 3 * out * inputs];
        for (block, name) in whole.chunks_mut(out * inputs).zip(NAMES) {
            fill(block, &packed, stream.child(name)).unwrap();
        }
        let separately = NAMES.into_iter().flat_map(|name| {
            let mut weight = vec![0_f32; out * inputs];
            fill(&mut weight, &separate, stream.child(name)).unwrap();
            weight
        });
        assert!(whole.iter().map(|x| x.to_bits()).eq(separately.map(f32::to_bits)), "{text}");
    }
}
