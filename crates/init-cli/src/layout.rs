use clap::Args;
use init_core::{Axes, Base, Conv, Layout};

use crate::failure::{Failure, Outcome};

/// How shapes are read.
#[derive(Debug, Args)]
#[command(next_help_heading = "How shapes are read")]
pub(crate) struct LayoutOptions {
    /// torch is (out, in, *kernel), jax and keras are (*kernel, in, out); also in full, such as
    /// "conv(torch, groups=8, stride=2, transposed)" or "packed(torch, blocks=3, axis=0)"
    #[arg(long, value_name = "LAYOUT")]
    layout: Option<Layout>,

    /// The axes of the inputs instead, such as -2 or 0,1
    #[arg(long, value_name = "AXES", value_delimiter = ',', allow_hyphen_values = true)]
    in_axis: Vec<isize>,

    /// The axes of the outputs
    #[arg(long, value_name = "AXES", value_delimiter = ',', allow_hyphen_values = true)]
    out_axis: Vec<isize>,

    /// The axes that stack independent weights: experts, heads
    #[arg(long, value_name = "AXES", value_delimiter = ',', allow_hyphen_values = true)]
    batch_axis: Vec<isize>,

    /// The groups of a convolution: fan_out is then that of one group
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    groups: Option<usize>,

    /// The number of equal weights packed side by side: each has the fans that it has alone
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = blocks)]
    blocks: Option<usize>,

    /// The axis along which they lie [default: that of the outputs]
    #[arg(long, value_name = "AXIS", allow_hyphen_values = true, requires = "blocks")]
    block_axis: Option<isize>,
}

fn blocks(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|&blocks| blocks > 0).ok_or_else(|| "it is a whole number from 1".to_owned())
}

impl LayoutOptions {
    /// The layout that the options come to, if there is any of them.
    pub(crate) fn layout(&self) -> Outcome<Option<Layout>> {
        let Some(blocks) = self.blocks else { return self.one() };
        let layout = self.one()?.unwrap_or_default();
        let packed = layout.clone().packed(blocks, self.block_axis);
        packed.map(Some).ok_or_else(|| {
            Failure::input(format_args!(
                "--blocks leaves open along which axis of layout {layout} they lie: give --block-axis too"
            ))
        })
    }

    /// The layout of one block.
    fn one(&self) -> Outcome<Option<Layout>> {
        let by_axes = !(self.in_axis.is_empty() && self.out_axis.is_empty() && self.batch_axis.is_empty());
        match (by_axes, self.groups) {
            (false, None) => Ok(self.layout.clone()),
            (true, Some(_)) => Err(Failure::input(
                "--groups is for convolutions and does not go with axes: give it with --layout torch, jax or keras",
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
                            "--groups does not go with layout {other}: give it with torch, jax, keras or conv(…)"
                        )));
                    }
                };
                Ok(Some(Layout::Conv(Conv { groups, ..conv })))
            }
        }
    }

    /// The axes given, with the layout's where only batch axes are.
    fn axes(&self) -> Outcome<Axes> {
        let given = Axes::new(&self.in_axis[..], &self.out_axis[..], &self.batch_axis[..]);
        if !(given.in_axes.is_empty() && given.out_axes.is_empty()) {
            return match &self.layout {
                None => Ok(given),
                Some(layout) => Err(Failure::input(format_args!(
                    "--in-axis and --out-axis say what --layout {layout} would: give one or the other"
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
                "--batch-axis {:?} leaves open where layout {layout} has its inputs and outputs: give --in-axis and \
                 --out-axis too",
                given.batch_axes
            ))),
        }
    }
}
