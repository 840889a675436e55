mod json;
mod order;
mod page;
#[cfg(feature = "plot")]
mod pictures;
mod report;
mod table;

use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::Args;
use init_model::{Header, Pattern, Plan, Replacement, Tensor, inspect, judge, pair};

use self::{
    order::{Key, sort},
    page::page,
    report::{Against, Report},
    table::{sheet, table_of},
};
#[cfg(feature = "plot")]
use crate::plot::parse_picture;
use crate::{
    failure::{Failure, Outcome},
    model::{MadeFrom, Overlay},
    progress,
    rank::RankOptions,
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The file to measure; an index of several or their folder stands for all of them
    #[arg(value_name = "FILE.safetensors")]
    file: PathBuf,

    // What made it: the expected figures stand beside the measured.
    #[command(flatten)]
    made_from: MadeFrom,

    #[command(flatten)]
    overlay: Overlay,

    #[command(flatten)]
    rank: RankOptions,

    /// These tensors only: a name or a glob; of one tensor the histogram is in full
    #[arg(long, value_name = "NAME")]
    tensor: Option<String>,

    /// The order of the tensors, in the table and everywhere else
    #[arg(long, value_name = "KEY", default_value = "file")]
    sort: Key,

    /// The other way round
    #[arg(long)]
    reverse: bool,

    /// A picture of the histograms and of the standard deviation by depth, as .svg or .png; may be given several times
    #[cfg(feature = "plot")]
    #[arg(long, value_name = "OUT.svg", value_parser = parse_picture)]
    plot: Vec<PathBuf>,

    /// A page of all figures and histograms for a browser, in one file that needs no other
    #[arg(long, value_name = "OUT.html", value_parser = page)]
    html: Option<PathBuf>,

    /// One JSON object with every digit and the histograms, instead of the table
    ///
    /// It has `file`, `metadata`, `model`, `seed`, `false_alarm`, `scores` and `limit` (a z-score is off beyond ± it), `summary` (the counts
    /// of `tensors`, `elements`, `nan`, `infinite`, `expected`, `faulty`, `not_judged`), `tensors` and `depths` (of each kind of tensor
    /// its `name` and `members`: depth, and index in `tensors`). A tensor has `name`, `shape`, `dtype`, `elements`, `nan`,
    /// `infinite`, `mean`, `std`, `min`, `max`, `kurtosis`, `histogram` (`low`, `high`, the `counts` of bins of equal
    /// width, and how many are `expected` in each), `initializer`, `values` (what it comes to), `expected` (the same five
    /// figures), `mean_z`, `std_z`, `bound` (none, kept, broken), `verdict` (expected, faulty, not_judged), `faults` (not_finite, dtype,
    /// out_of_bounds, mean, std) and the `reason` of what is not judged (no_plan, no_law, not_read). What is not
    /// finite, or does not apply, is null.
    #[arg(long)]
    json: bool,

    /// No progress bar and no table
    #[arg(short, long)]
    quiet: bool,
}

/// Bins of a histogram: enough for a smooth picture, and two for each character of the table.
const BINS: usize = 48;

pub(crate) fn run(options: &Options) -> Outcome {
    let header = Header::read(&options.file)?;
    let wanted = options.wanted(&header)?;
    let recipe = options.made_from.recipe(options.overlay.rules.as_deref(), &options.file, &header)?;
    let recipe = recipe.map(|recipe| options.overlay.over(recipe)).transpose()?;
    let plan = recipe.map(|recipe| options.rank.plan(recipe.plan()?)).transpose()?;
    let against = plan.as_ref().map(|plan| options.against(plan, &header)).transpose()?;
    #[cfg(feature = "plot")]
    if !options.plot.is_empty() {
        pictures::fits(header.tensors().iter().filter(|tensor| wanted(tensor)).count())?;
    }
    #[cfg(feature = "plot")]
    for path in &options.plot {
        Replacement::new(path)?;
    }
    if let Some(path) = &options.html {
        Replacement::new(path)?;
    }

    let bytes = header.tensors().iter().filter(|tensor| wanted(tensor) && tensor.dtype.is_some());
    // Each is read twice: its range is known only after its values.
    let bar = progress::bar(2 * bytes.map(|tensor| tensor.bytes).sum::<u64>(), options.quiet);
    let found = inspect(&options.file, BINS, wanted, &|measured| bar.inc(measured));
    bar.finish_and_clear();
    let found = found?;

    let judgement = judge(&found, against.as_ref().map(|against| &against.entries[..]));
    let mut report = Report { file: &options.file, found: &found, against, judgement: &judgement, order: Vec::new() };
    sort(&mut report, options.sort, options.reverse);
    let listing = (options.json || options.html.is_some()).then(|| json::Report::of(&report));
    let listing = listing.map(|listing| serde_json::to_string(&listing)).transpose().map_err(Failure::failed)?;
    #[cfg(feature = "plot")]
    for path in &options.plot {
        pictures::picture(path, &report)?;
    }
    if let (Some(path), Some(listing)) = (&options.html, &listing) {
        page::write(path, &report.title(), listing)?;
    }
    let mut out = io::stdout().lock();
    if options.json {
        writeln!(out, "{}", listing.unwrap_or_default())?;
    } else if !options.quiet {
        match report.order[..] {
            [only] => write!(out, "{}", sheet(&report.row(only)))?,
            _ => writeln!(out, "{}", table_of(&report))?,
        }
        for line in report.remarks().into_iter().chain(options.other_seed(&found.header)) {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

impl Options {
    /// The tensors that are asked for: that of the name, or those that it matches as a glob.
    fn wanted(&self, header: &Header) -> Outcome<impl Fn(&Tensor) -> bool> {
        let has = |wanted: &dyn Fn(&str) -> bool| header.tensors().iter().any(|tensor| wanted(&tensor.name));
        let name = self.tensor.clone().filter(|name| has(&|found| found == name));
        let glob = match &self.tensor {
            Some(text) if name.is_none() => Some(Pattern::glob(text).map_err(Failure::input)?),
            _ => None,
        };
        let wanted = move |found: &str| match (&name, &glob) {
            (Some(name), _) => found == name,
            (_, Some(glob)) => glob.matches(found),
            _ => true,
        };
        if let Some(text) = self.tensor.as_ref().filter(|_| !has(&wanted)) {
            return Err(Failure::input(format_args!(
                "`{}` has no tensor `{}`; leave --tensor out to see what it has",
                self.file.display(),
                text.escape_debug()
            )));
        }
        Ok(move |tensor: &Tensor| wanted(&tensor.name))
    }

    /// A seed changes no figure that is expected, so that it is at least said where it cannot be the file's.
    fn other_seed(&self, header: &Header) -> Option<String> {
        let given = self.overlay.seed?.to_string();
        let remark = header.metadata().get("fanin.seed").filter(|remark| **remark != given)?;
        let remark: String = remark.escape_debug().take(40).collect();
        Some(format!(
            "the file says of itself that its seed is {remark}, and {given} was given; figures do not depend on it"
        ))
    }

    fn against<'a>(&self, plan: &'a Plan, header: &Header) -> Outcome<Against<'a>> {
        let model = if self.made_from.name().is_empty() { "rules".to_owned() } else { self.made_from.name() };
        Ok(Against { model, plan, entries: pair(plan, header)? })
    }
}
