//! Options that say which axes of a shape are inputs and outputs.

use clap::Args;
use init_core::{Axes, Conv, Layout, shape::Base};

use crate::failure::{Failure, Outcome};

/// The heading of these options in the help. Each option sets it: a heading for the struct would
/// also apply to the options that follow it.
const HEADING: &str = "Layout options";

/// The layout of a shape.
#[derive(Debug, Args)]
pub(crate) struct LayoutOptions {
    /// Axes of a shape: torch is (out, in, *kernel), jax and keras are (*kernel, in, out). More
    /// specific: "conv(torch, groups=8, stride=2, transposed)", "packed(torch, blocks=3, axis=0)"
    /// [default: torch]
    #[arg(long, value_name = "LAYOUT", help_heading = HEADING)]
    layout: Option<Layout>,

    /// Input axes instead of a layout, such as -2 or 0,1
    #[arg(long, value_name = "AXES", help_heading = HEADING, value_delimiter = ',', allow_hyphen_values = true)]
    in_axis: Vec<isize>,

    /// Output axes instead of a layout
    #[arg(long, value_name = "AXES", help_heading = HEADING, value_delimiter = ',', allow_hyphen_values = true)]
    out_axis: Vec<isize>,

    /// Axes that stack independent weights, such as experts or heads
    #[arg(long, value_name = "AXES", help_heading = HEADING, value_delimiter = ',', allow_hyphen_values = true)]
    batch_axis: Vec<isize>,

    /// Number of groups of a convolution; fans are those of one group
    #[arg(long, value_name = "N", help_heading = HEADING, allow_negative_numbers = true)]
    groups: Option<usize>,

    /// Number of weights of equal size packed into one tensor; each has the fans of a separate
    /// weight
    #[arg(long, value_name = "N", help_heading = HEADING, allow_negative_numbers = true, value_parser = parse_blocks)]
    blocks: Option<usize>,

    /// Axis along which the weights are packed [default: the output axis]
    #[arg(long, value_name = "AXIS", help_heading = HEADING, allow_hyphen_values = true, requires = "blocks")]
    block_axis: Option<isize>,
}

fn parse_blocks(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(blocks @ 1..) => Ok(blocks),
        _ => Err(format!("must be a whole number of at least 1, got {text}")),
    }
}

impl LayoutOptions {
    /// Returns the layout that the options describe, if any of them is given.
    pub(crate) fn layout(&self) -> Outcome<Option<Layout>> {
        let Some(blocks) = self.blocks else { return self.one() };
        let layout = self.one()?.unwrap_or_default();
        let packed = layout.clone().packed(blocks, self.block_axis);
        packed.map(Some).ok_or_else(|| {
            Failure::input(format_args!(
                "`--blocks` with layout {layout} needs the axis along which the weights are packed: give \
                 `--block-axis` too"
            ))
        })
    }

    /// Returns the number of groups, for a layer whose framework decides on the rest of the layout.
    pub(crate) fn groups_of_layer(&self) -> Outcome<Option<usize>> {
        let is_alone = self.layout.is_none()
            && self.blocks.is_none()
            && self.in_axis.is_empty()
            && self.out_axis.is_empty()
            && self.batch_axis.is_empty();
        if is_alone {
            return Ok(self.groups);
        }
        Err(Failure::input(
            "`--layer` cannot be combined with a layout: `--framework` decides on it; leave the layout out",
        ))
    }

    /// Returns the layout of one block.
    fn one(&self) -> Outcome<Option<Layout>> {
        let by_axes = !(self.in_axis.is_empty() && self.out_axis.is_empty() && self.batch_axis.is_empty());
        match (by_axes, self.groups) {
            (false, None) => Ok(self.layout.clone()),
            (true, Some(_)) => Err(Failure::input(
                "`--groups` is for convolutions and cannot be combined with axes: give it with `--layout` torch, jax \
                 or keras",
            )),
            (true, None) => self.axes().map(|axes| Some(Layout::Axes(axes))),
            (false, Some(groups)) => {
                let conv = match self.layout.clone().unwrap_or_default() {
                    Layout::Torch => Conv::new(Base::Torch),
                    Layout::Jax => Conv::new(Base::Jax),
                    Layout::Keras => Conv::new(Base::Keras),
                    Layout::Conv(conv) => conv,
                    other => {
                        return Err(Failure::input(format_args!(
                            "`--groups` cannot be combined with layout {other}: use torch, jax, keras or conv(…)"
                        )));
                    }
                };
                Ok(Some(Layout::Conv(Conv { groups, ..conv })))
            }
        }
    }

    /// Returns the axes that are given, completed from the layout where only batch axes are.
    fn axes(&self) -> Outcome<Axes> {
        let given = Axes::new(&self.in_axis[..], &self.out_axis[..], &self.batch_axis[..]);
        if !(given.in_axes.is_empty() && given.out_axes.is_empty()) {
            return match &self.layout {
                None => Ok(given),
                Some(layout) => Err(Failure::input(format_args!(
                    "`--in-axis` and `--out-axis` cannot be combined with `--layout` {layout}: give one or the other"
                ))),
            };
        }
        let first = given.batch_axes.len() as isize;
        match self.layout.clone().unwrap_or_default() {
            Layout::Jax | Layout::Keras => Ok(Axes { in_axes: vec![-2], out_axes: vec![-1], ..given }),
            // (*batch, out, in, *kernel).
            Layout::Torch if (0..first).all(|axis| given.batch_axes.contains(&axis)) => {
                Ok(Axes { in_axes: vec![first + 1], out_axes: vec![first], ..given })
            }
            layout => Err(Failure::input(format_args!(
                "`--batch-axis` {:?} does not say where layout {layout} has its inputs and outputs: give \
                 `--in-axis` and `--out-axis` too",
                given.batch_axes
            ))),
        }
    }
}
