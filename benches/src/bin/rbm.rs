//! Trains a machine on examples in a CSV file, by PCD-1: for each line `batch hidden epochs` of its input a new one,
//! and answers with the seconds that the epochs took and the reconstruction error before and after. The part of
//! `benches/peers/rbm.py` that is fanin's.

use std::io::{self, BufRead, Write};
use std::time::Instant;

use init_data::rbm::{Method, Momentum, Reconstruction, Trainer, TrainingOptions, Visible};
use init_data::{Data, Labels};
use init_kernels::{Level, Stream};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).ok_or("name a file of examples, a label in its last column")?;
    let data = Data::read(file, Labels::Last)?.unit_scaled();
    let mut out = io::stdout().lock();
    writeln!(out, "ready fanin, {}", Level::active()?)?;
    out.flush()?;
    for line in io::stdin().lock().lines() {
        let line = line?;
        let numbers = line.split_whitespace().map(str::parse).collect::<Result<Vec<usize>, _>>()?;
        let [batch, hidden, epochs] = numbers[..] else { return Err("a line is `batch hidden epochs`".into()) };
        // Without what the peer does not have.
        let momentum = Momentum { first: 0.0, last: 0.0, epochs: 0 };
        let (method, reconstruction) = (Method::Pcd(1), Reconstruction::Drawn);
        let training = TrainingOptions {
            method,
            reconstruction,
            batch,
            momentum,
            weight_decay: 0.0,
            ..TrainingOptions::default()
        };
        let mut trainer = Trainer::new(&data, Visible::Bernoulli, hidden, training, Stream::new(1))?;
        let before = trainer.rbm().reconstruction_error(&data)?;
        let start = Instant::now();
        for _ in 0..epochs {
            trainer.epoch()?;
        }
        let seconds = start.elapsed().as_secs_f64();
        writeln!(out, "{seconds} {before} {}", trainer.rbm().reconstruction_error(&data)?)?;
        out.flush()?;
    }
    Ok(())
}
