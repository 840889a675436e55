use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use init_model::Replacement;
use plotters::{coord::Shift, prelude::*};
use resvg::{tiny_skia, usvg};

use crate::failure::{Failure, Outcome};

/// What a picture is drawn on.
pub(crate) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// What drawing gives: no error that a user could do anything about.
pub(crate) type Drawing = Result<(), Box<dyn std::error::Error>>;

/// Pixels of a PNG for one of the drawing: sharp on screens of twice the density.
const SCALE: f32 = 2.0;

/// Reads the name of a picture: its ending says what it is.
pub(crate) fn picture(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("svg" | "png") => Ok(path),
        _ => Err("a picture's name ends in .svg or .png".to_owned()),
    }
}

/// Draws a picture of this size, as SVG or as PNG by the ending of its name. The file is there whole or not at all.
pub(crate) fn draw(path: &Path, size: (u32, u32), drawing: impl FnOnce(&Area<'_>) -> Drawing) -> Outcome {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        area.fill(&WHITE).map_err(Failure::failed)?;
        drawing(&area).map_err(Failure::failed)?;
        area.present().map_err(Failure::failed)?;
    }
    let is_png = path.extension().is_some_and(|ending| ending == "png");
    let bytes = if is_png { png(&svg)? } else { svg.into_bytes() };
    Ok(Replacement::write(path, &bytes)?)
}

/// The same picture in pixels, with the one font that is at hand everywhere.
fn png(svg: &str) -> Outcome<Vec<u8>> {
    let mut fonts = usvg::fontdb::Database::new();
    fonts.load_font_data(dejavu::sans::regular().to_vec());
    fonts.set_sans_serif_family("DejaVu Sans");
    let options =
        usvg::Options { fontdb: Arc::new(fonts), font_family: "DejaVu Sans".to_owned(), ..Default::default() };
    let tree = usvg::Tree::from_str(svg, &options).map_err(Failure::failed)?;
    let size = tree.size().to_int_size().scale_by(SCALE).unwrap_or(tree.size().to_int_size());
    let mut pixels = tiny_skia::Pixmap::new(size.width(), size.height())
        .ok_or_else(|| Failure::failed("the picture has no pixels"))?;
    resvg::render(&tree, tiny_skia::Transform::from_scale(SCALE, SCALE), &mut pixels.as_mut());
    pixels.encode_png().map_err(Failure::failed)
}
