//! Times RBM training for `benches/peers/rbm.py`: trains a new machine on the examples of a CSV
//! file by PCD-1 for each line `batch hidden epochs` of its input, and answers with the seconds of
//! the epochs and the reconstruction error before and after.

use std::{
    io::{self, BufRead, Write},
    time::Instant,
};

use init_data::{
    Data, Labels,
    rbm::{Method, Momentum, Reconstruction, Trainer, TrainingOptions, Visible},
};
use init_kernels::{Level, Stream};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).ok_or("usage: rbm FILE.csv, with labels in the last column")?;
    let data = Data::read(file, Labels::Last)?.unit_scaled();
    let mut out = io::stdout().lock();
    writeln!(out, "ready fanin, {}", Level::active()?)?;
    out.flush()?;
    for line in io::stdin().lock().lines() {
        let line = line?;
        let numbers = line.split_whitespace().map(str::parse).collect::<Result<Vec<usize>, _>>()?;
        let [batch, hidden, epochs] = numbers[..] else { return Err("a line must be `batch hidden epochs`".into()) };
        // Without the features that the peer lacks.
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
