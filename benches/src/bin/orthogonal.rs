//! Times orthogonal matrices for `benches/peers/orthogonal.py`: fills an n × n matrix for each line
//! `n` of its input and answers with the seconds. A line `save FILE` writes the f32 values of the
//! last matrix, row by row.

use std::{
    io::{self, BufRead, Write},
    time::Instant,
};

use init_core::{Structured, shape::Matrix};
use init_kernels::{Filler, Level, Stream};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = io::stdout().lock();
    writeln!(out, "ready fanin, {}", Level::active()?)?;
    out.flush()?;
    let mut values = Vec::new();
    let mut seed = 0;
    for line in io::stdin().lock().lines() {
        let line = line?;
        if let Some(file) = line.strip_prefix("save ") {
            std::fs::write(file, bytemuck::cast_slice::<f32, u8>(&values))?;
            writeln!(out, "saved")?;
        } else {
            let n: usize = line.trim().parse()?;
            let matrix = Matrix::row_major(n, n).ok_or("too large")?;
            values.clear();
            values.resize(n * n, 0_f32);
            seed += 1;
            let start = Instant::now();
            Filler::new().fill(&mut values, &Structured::Orthogonal { matrix, gain: 1.0 }, Stream::new(seed))?;
            writeln!(out, "{}", start.elapsed().as_secs_f64())?;
        }
        out.flush()?;
    }
    Ok(())
}
