//! Fills an n × n orthogonal matrix for each line `n` of its input, and answers with the seconds that it took; a line `save FILE` writes
//! the last one's f32, row by row. The part of `benches/peers/orthogonal.py` that is fanin's.

use std::io::{self, BufRead, Write};
use std::time::Instant;

use init_core::{Matrix, Structured};
use init_kernels::{Filler, Level, Stream};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = io::stdout().lock();
    writeln!(out, "ready fanin, {}", Level::active()?)?;
    out.flush()?;
    let mut values = Vec::new();
    let mut turn = 0;
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
            turn += 1;
            let start = Instant::now();
            Filler::new().fill(&mut values, &Structured::Orthogonal { matrix, gain: 1.0 }, Stream::new(turn))?;
            writeln!(out, "{}", start.elapsed().as_secs_f64())?;
        }
        out.flush()?;
    }
    Ok(())
}
