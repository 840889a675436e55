//! Prints a hash of the values of each small call of `benches/small/calls.cpp`, as Rust writes
//! them.

use init_core::{Distribution, Initializer, Layout, Shape};
use init_kernels::{Fillable, Stream, fill};

const LEN: usize = 64;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let stream = Stream::new(42);
    let uniform = Distribution::Uniform { low: -0.1, high: 0.1 };
    print("fill_uniform", LEN, &uniform, stream)?;
    print("fill_normal", LEN, &Distribution::Normal { mean: 0.0, std: 0.02 }, stream)?;
    let shape = Shape::new([8, 8])?;
    for (name, text) in [
        ("xavier", "xavier_uniform"),
        ("text", "xavier_uniform"),
        ("text_relu", "kaiming_uniform(nonlinearity=relu)"),
        ("text_gelu", "kaiming_uniform(nonlinearity=exact(gelu))"),
    ] {
        print(name, LEN, &text.parse::<Initializer>()?.resolve(&shape, &Layout::Torch)?, stream)?;
    }
    print("child", LEN, &uniform, stream.child("h.0.attn.c_attn.weight"))?;
    for len in [16, 32, 40, 48, 96, 128, 256] {
        print("fill_uniform", len, &uniform, stream)?;
    }
    Ok(())
}

/// Prints the FNV-1a hash of the bytes of a fill.
fn print(name: &str, len: usize, what: &impl Fillable, stream: Stream) -> Result<(), Box<dyn std::error::Error>> {
    let mut values = vec![0f32; len];
    fill(&mut values, what, stream)?;
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01B3);
    let hash = bytemuck::cast_slice(&values).iter().fold(0xCBF2_9CE4_8422_2325, step);
    println!("{name} {len} {hash:016x}");
    Ok(())
}
