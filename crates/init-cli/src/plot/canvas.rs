//! The canvas: files, sizes, colours and text that all pictures share.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use init_model::Replacement;
use plotters::{
    coord::Shift,
    prelude::*,
    style::{
        TextStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};
use resvg::{tiny_skia, usvg};

use crate::failure::{Failure, Outcome};

/// The area that a picture is drawn on.
pub(crate) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// The result of drawing; its errors are internal.
pub(crate) type Drawing = Result<(), Box<dyn std::error::Error>>;

/// Pixels of a PNG per pixel of the drawing: sharp on screens of twice the density.
const SCALE: f32 = 2.0;

pub(super) const FONT: &str = "sans-serif";
pub(super) const GREY: RGBColor = RGBColor(96, 96, 96);

/// Okabe and Ito's colours, safe for colour-blind readers, without black (the baseline) and yellow
/// (too faint on white).
pub(super) const COLORS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(230, 159, 0),
    RGBColor(120, 94, 60),
];

/// Parses the name of a picture, whose ending selects the format.
pub(crate) fn parse_picture(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("svg" | "png") => Ok(path),
        _ => Err("must end in .svg or .png".to_owned()),
    }
}

/// Draws a picture of this size, as SVG or PNG by the extension of its name. The file is written in
/// full or not at all.
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

/// Renders an SVG to a PNG, with an embedded font so that it looks the same everywhere.
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

/// Returns a text style with an anchor.
pub(super) fn text(size: i32, color: RGBColor, horizontal: HPos, vertical: VPos) -> TextStyle<'static> {
    (FONT, size).into_font().color(&color).pos(Pos::new(horizontal, vertical))
}

/// Returns 1, 2 and 5 times powers of ten within a range.
pub(super) fn ticks(low: f64, high: f64) -> Vec<f64> {
    let decades = low.log10().floor() as i32..=high.log10().ceil() as i32;
    let all = decades.flat_map(|decade| [1.0, 2.0, 5.0].map(|digit| digit * 10f64.powi(decade)));
    all.filter(|tick| (low..=high).contains(tick)).collect()
}

/// Shortens a name that is too long to its start.
pub(super) fn end_cut(name: &str, most: usize) -> String {
    if name.chars().count() <= most { name.to_owned() } else { name.chars().take(most - 1).chain(['…']).collect() }
}

/// Shortens a name that is too long to its start and its end.
pub(super) fn middle_cut(name: &str, most: usize) -> String {
    let count = name.chars().count();
    if count <= most {
        return name.to_owned();
    }
    let end = most / 2;
    name.chars().take(most - 1 - end).chain(['…']).chain(name.chars().skip(count - end)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_within() {
        assert_eq!(ticks(0.008, 1.2), [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0]);
    }

    #[test]
    fn long_names_keep_both_ends() {
        assert_eq!(middle_cut("fc.weight", 9), "fc.weight");
        assert_eq!(middle_cut("model.layers.10.mlp.weight", 11), "model…eight");
        assert_eq!(middle_cut("ééééé", 3), "é…é");
    }
}
