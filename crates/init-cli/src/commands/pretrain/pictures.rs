use std::path::Path;

use init_data::rbm::{Rbm, Stack};

use super::Examples;
use crate::{
    failure::Outcome,
    plot::{Tiles, draw},
};

/// Width and height of an example, in pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Image {
    pub(super) width: usize,
    pub(super) height: usize,
}

/// Reads `WxH`.
pub(crate) fn image(text: &str) -> Result<Image, String> {
    let parsed = text.split_once('x').and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
    match parsed {
        Some((width @ 1..=65_536, height @ 1..=65_536)) => Ok(Image { width, height }),
        _ => Err("it is a width and a height, such as 28x28".to_owned()),
    }
}

/// Pixels of all images of a picture together: more would make an SVG that no program likes to open.
const MOST_PIXELS: usize = 50_000;

/// The most filters and the most examples that are shown.
const MOST_FILTERS: usize = 144;
const MOST_EXAMPLES: usize = 40;

/// Of a machine's first hidden units: what each is on for, white, and off for, black; grey is no weight.
pub(super) fn filters(path: &Path, image: Image, rbm: &Rbm) -> Outcome {
    let count = count(rbm.hidden_units(), MOST_FILTERS, image);
    let images = rbm.weight.each_row().take(count).map(|weights| {
        let greatest = weights.iter().fold(f32::MIN_POSITIVE, |greatest, weight| greatest.max(weight.abs()));
        weights.iter().map(|weight| 0.5 + 0.5 * weight / greatest).collect()
    });
    let title = if count < rbm.hidden_units() {
        format!("The first {count} of {} filters, each over its greatest weight", rbm.hidden_units())
    } else {
        format!("{count} filters, each over its greatest weight")
    };
    let tiles = Tiles::new(title, (image.width, image.height), images.collect(), 1);
    draw(path, tiles.size(), |area| tiles.draw(area))
}

/// Of examples, evenly spread, and below each what the layers give back.
pub(super) fn reconstructions(path: &Path, image: Image, examples: &Examples, stack: &Stack) -> Outcome {
    let data = &examples.training;
    let count = count(data.rows(), MOST_EXAMPLES, image);
    let rows: Vec<usize> = (0..count).map(|index| index * data.rows() / count).collect();
    let shown = data.select(&rows);
    let back = stack.to_autoencoder().forward(&shown);
    let pairs = shown.each_row().zip(back.output().each_row());
    let images = pairs.flat_map(|(example, back)| [examples.shown(example), examples.shown(back)]).collect();
    let title = "Examples, and below each its reconstruction".to_owned();
    let tiles = Tiles::new(title, (image.width, image.height), images, 2);
    draw(path, tiles.size(), |area| tiles.draw(area))
}

fn count(units: usize, most: usize, image: Image) -> usize {
    units.min(most).min((MOST_PIXELS / (image.width * image.height)).max(10))
}
