//! The pictures of `fanin pretrain`: filters and reconstructions.

use std::path::Path;

use init_data::rbm::{Rbm, RbmStack};

use super::{examples::Examples, options::Image};
use crate::{
    failure::Outcome,
    plot::{Tiles, draw},
};

/// The maximum number of pixels of all images of a picture: larger SVG files are slow to open.
const MAX_PIXELS: usize = 50_000;

/// The maximum number of filters shown.
const MAX_FILTERS: usize = 144;

/// The maximum number of examples shown.
const MAX_EXAMPLES: usize = 40;

/// Draws the weights of a machine's first hidden units: positive white, negative black, zero grey.
pub(super) fn filters(path: &Path, image: Image, rbm: &Rbm) -> Outcome {
    let count = count(rbm.hidden_units(), MAX_FILTERS, image);
    let images = rbm.weight.each_row().take(count).map(|weights| {
        let largest = weights.iter().fold(f32::MIN_POSITIVE, |largest, weight| largest.max(weight.abs()));
        weights.iter().map(|weight| 0.5 + 0.5 * weight / largest).collect()
    });
    let title = if count < rbm.hidden_units() {
        format!("The first {count} of {} filters, each divided by its largest weight", rbm.hidden_units())
    } else {
        format!("{count} filters, each divided by its largest weight")
    };
    let tiles = Tiles::new(title, (image.width, image.height), images.collect(), 1);
    draw(path, tiles.size(), |area| tiles.draw(area))
}

/// Draws evenly spaced examples, and below each its reconstruction.
pub(super) fn reconstructions(path: &Path, image: Image, examples: &Examples, stack: &RbmStack) -> Outcome {
    let data = &examples.training;
    let count = count(data.rows(), MAX_EXAMPLES, image);
    let rows: Vec<usize> = (0..count).map(|index| index * data.rows() / count).collect();
    let shown = data.select(&rows);
    let back = stack.to_autoencoder().forward(&shown);
    let pairs = shown.each_row().zip(back.output().each_row());
    let images = pairs.flat_map(|(example, back)| [examples.shown(example), examples.shown(back)]).collect();
    let title = "Examples (above) and their reconstructions (below)".to_owned();
    let tiles = Tiles::new(title, (image.width, image.height), images, 2);
    draw(path, tiles.size(), |area| tiles.draw(area))
}

/// Returns the number of images shown.
fn count(units: usize, max: usize, image: Image) -> usize {
    units.min(max).min((MAX_PIXELS / (image.width * image.height)).max(10))
}
