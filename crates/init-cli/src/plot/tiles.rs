//! Small grey images in a grid: filters, examples and their reconstructions.

use plotters::prelude::*;

use super::canvas::{Area, Drawing};

/// Grey images of one size in a grid, alone or in small stacks.
pub(crate) struct Tiles {
    title: String,
    /// Width and height of an image.
    image: (usize, usize),
    /// Values from 0, black, to 1, white; row by row.
    images: Vec<Vec<f32>>,
    /// The number of images stacked in each cell.
    stack: usize,
    columns: usize,
    /// Pixels of the picture per pixel of an image.
    pixel: usize,
}

/// Gaps between stacked images, between cells, and around the grid.
const SEAM: usize = 2;
const GAP: usize = 8;
const MARGIN: usize = 16;
const TITLE: usize = 34;

/// About the side of an image in the picture.
const SIDE: usize = 48;

/// The minimum width, which the title needs.
const WIDTH: usize = 480;

/// The number of greys, minus one: as many as an eye can distinguish, and few enough that equal
/// pixels can be joined.
const GREYS: f32 = 63.0;

impl Tiles {
    pub(crate) fn new(title: String, image: (usize, usize), images: Vec<Vec<f32>>, stack: usize) -> Self {
        let pixel = (SIDE / image.0.max(image.1)).max(1);
        let cells = images.len().div_ceil(stack);
        let mut tiles = Self { title, image, images, stack, columns: 1, pixel };
        let (width, height) = tiles.step();
        // About square or a little wider, and with a full last row if a similar number of columns
        // allows it.
        let square = (cells as f64 * height as f64 / width as f64 * 1.2).sqrt().ceil() as usize;
        let full = (square.saturating_sub(1).max(1)..square + 5).find(|columns| cells.is_multiple_of(*columns));
        tiles.columns = full.unwrap_or(square).clamp(1, cells.max(1));
        tiles
    }

    pub(crate) fn size(&self) -> (u32, u32) {
        let (width, height) = self.step();
        let rows = self.images.len().div_ceil(self.stack).div_ceil(self.columns);
        let across = (self.columns * width - GAP + 2 * MARGIN).max(WIDTH);
        (across as u32, (TITLE + rows * height - GAP + 2 * MARGIN) as u32)
    }

    /// Returns the distance from one cell to the next.
    fn step(&self) -> (usize, usize) {
        (self.image.0 * self.pixel + GAP, (self.image.1 * self.pixel + SEAM) * self.stack - SEAM + GAP)
    }

    pub(crate) fn draw(&self, area: &Area<'_>) -> Drawing {
        let style = ("sans-serif", 15).into_font().color(&BLACK);
        area.draw(&Text::new(self.title.clone(), (MARGIN as i32, MARGIN as i32), style))?;
        let (width, height) = self.step();
        let left = (self.size().0 as usize + GAP - self.columns * width) / 2;
        for (index, image) in self.images.iter().enumerate() {
            let (cell, part) = (index / self.stack, index % self.stack);
            let x = left + cell % self.columns * width;
            let y = MARGIN + TITLE + cell / self.columns * height + part * (self.image.1 * self.pixel + SEAM);
            self.draw_image(area, image, (x, y))?;
        }
        Ok(())
    }

    fn draw_image(&self, area: &Area<'_>, image: &[f32], (x, y): (usize, usize)) -> Drawing {
        let grey = |value: f32| (value.clamp(0.0, 1.0) * GREYS).round() / GREYS;
        for (row, values) in image.chunks_exact(self.image.0).enumerate() {
            let mut column = 0;
            for run in values.chunk_by(|&a, &b| grey(a) == grey(b)) {
                let shade = (grey(run[0]) * 255.0) as u8;
                let corner =
                    |column: usize, row: usize| ((x + column * self.pixel) as i32, (y + row * self.pixel) as i32);
                let both = [corner(column, row), corner(column + run.len(), row + 1)];
                area.draw(&Rectangle::new(both, RGBColor(shade, shade, shade).filled()))?;
                column += run.len();
            }
        }
        Ok(())
    }
}
