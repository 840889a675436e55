//! The command-line options of `fanin pretrain`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::settings::{self, Settings};
use crate::model::seed;
#[cfg(feature = "plot")]
use crate::{
    failure::{Failure, Outcome},
    plot::parse_picture,
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Examples, one per line of comma-separated numbers, plain or gzip-compressed
    #[arg(long, value_name = "DATA.csv[.gz]")]
    pub(super) data: PathBuf,

    /// Number of features, then the number of hidden units of each machine
    #[arg(long, value_name = "N,N,…", value_delimiter = ',', required = true, value_parser = settings::parse_units)]
    #[arg(allow_negative_numbers = true)]
    pub(super) layers: Vec<usize>,

    /// Whether the last column is a label, which is not used
    /// [default: last if there is one column more than features]
    #[arg(long, value_name = "last|none", hide_possible_values = true)]
    pub(super) labels: Option<LabelColumn>,

    #[command(flatten)]
    pub(super) settings: Settings,

    /// Seed
    #[arg(long, value_name = "N", default_value = "0", value_parser = seed, allow_negative_numbers = true)]
    pub(super) seed: u64,

    /// Fraction of the examples to hold out, to detect overfitting by the gap in free energy
    #[arg(long, value_name = "FRACTION", default_value = "0", value_parser = settings::parse_number)]
    #[arg(allow_negative_numbers = true)]
    pub(super) held_out: f64,

    /// File to write, once the training is done
    #[arg(short, long, value_name = "OUT.safetensors", value_parser = parse_output)]
    pub(super) output: PathBuf,

    /// Resume an interrupted run of the same command, from OUT.safetensors.partial
    #[arg(long)]
    pub(super) resume: bool,

    /// Overwrite an existing file, which stays intact until the new one is complete
    #[arg(long)]
    pub(super) force: bool,

    /// Write the autoencoder: the layers, then the decoder with transposed weights
    #[arg(long)]
    pub(super) unroll: bool,

    /// Compute the log-likelihood of the first machine: exactly if one side is small, else by
    /// annealed importance sampling
    #[arg(long)]
    pub(super) log_likelihood: bool,

    /// Plot the first machine's filters to a .svg or .png file
    #[cfg(feature = "plot")]
    #[arg(long, value_name = "FILE.svg|png", value_parser = parse_picture)]
    pub(super) filters: Option<PathBuf>,

    /// Plot examples and their reconstructions to a .svg or .png file
    #[cfg(feature = "plot")]
    #[arg(long, value_name = "FILE.svg|png", value_parser = parse_picture)]
    pub(super) reconstructions: Option<PathBuf>,

    /// Width and height of an example as an image [default: a square]
    #[cfg(feature = "plot")]
    #[arg(long, value_name = "WxH", value_parser = parse_image)]
    pub(super) image: Option<Image>,

    /// Print one JSON object instead of the summary
    #[arg(long)]
    pub(super) json: bool,

    /// Print no progress bar and no summary
    #[arg(short, long)]
    pub(super) quiet: bool,
}

/// The column of the labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum LabelColumn {
    Last,
    None,
}

/// Width and height of an example, in pixels.
#[cfg(feature = "plot")]
#[derive(Clone, Copy, Debug)]
pub(super) struct Image {
    pub(super) width: usize,
    pub(super) height: usize,
}

/// Parses `WxH`.
#[cfg(feature = "plot")]
fn parse_image(text: &str) -> Result<Image, String> {
    let parsed = text.split_once('x').and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
    match parsed {
        Some((width @ 1..=65_536, height @ 1..=65_536)) => Ok(Image { width, height }),
        _ => Err("must be a width and a height, such as 28x28".to_owned()),
    }
}

#[cfg(feature = "plot")]
impl Options {
    /// Returns the size of an example as an image.
    pub(super) fn image(&self, features: usize) -> Outcome<Image> {
        let pictures = self.filters.is_some() || self.reconstructions.is_some();
        match self.image {
            Some(image) if image.width * image.height != features => Err(Failure::input(format_args!(
                "--image {}x{} has {} pixels, but the examples have {features} features",
                image.width,
                image.height,
                image.width * image.height
            ))),
            Some(image) => Ok(image),
            None if pictures && features.isqrt().pow(2) != features => Err(Failure::input(format_args!(
                "{features} features do not form a square image; give its width and height as --image WxH"
            ))),
            None => Ok(Image { width: features.isqrt(), height: features.isqrt() }),
        }
    }
}

/// Parses the name of the output, which is always safetensors.
fn parse_output(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("safetensors")) {
        Ok(path)
    } else {
        Err("must end in .safetensors, the only format that this command writes".to_owned())
    }
}
