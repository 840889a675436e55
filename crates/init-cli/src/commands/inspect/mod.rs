//! `fanin inspect`: statistics of the tensors of a file, compared with what it was made from.

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
use init_model::{
    Header, Plan, Replacement, Tensor,
    check::{Verdict, pair},
    inspect, judge,
    recipe::Pattern,
};

use self::{
    order::{Key, sort},
    page::parse_page,
    report::{Against, Report},
    table::{sheet, table_of},
};
#[cfg(feature = "plot")]
use crate::plot::parse_picture;
use crate::{
    failure::{Failure, Outcome, excerpt},
    model::{MadeFrom, Overlay},
    progress::watched,
    rank::RankOptions,
    table::paragraph,
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// File to measure; also an index or a folder of several files
    #[arg(value_name = "FILE.safetensors")]
    file: PathBuf,

    #[command(flatten)]
    made_from: MadeFrom,

    #[command(flatten)]
    overlay: Overlay,

    #[command(flatten)]
    rank: RankOptions,

    /// Select tensors by name or glob; a single one is printed with its full histogram
    #[arg(long, value_name = "NAME")]
    tensor: Option<String>,

    /// Order of the tensors
    #[arg(long, value_name = "KEY", default_value = "file")]
    sort: Key,

    /// Reverse the order
    #[arg(long)]
    reverse: bool,

    /// Plot the histograms and the standard deviations by depth to a .svg or .png file, which is
    /// overwritten if it exists; repeatable
    #[cfg(feature = "plot")]
    #[arg(long, value_name = "OUT.svg", value_parser = parse_picture)]
    plot: Vec<PathBuf>,

    /// Write all statistics and histograms to a self-contained HTML page, which is overwritten if
    /// it exists
    #[arg(long, value_name = "OUT.html", value_parser = parse_page)]
    html: Option<PathBuf>,

    /// Print one JSON object with full precision and the histograms instead of the table
    ///
    /// It has `file`, `metadata`, `model`, `seed`, `false_alarm`, `scores` and `limit` (the largest
    /// absolute z-score that is not a fault), `summary` (counts: `tensors`, `elements`, `nan`,
    /// `infinite`, `expected`, `faulty`, `not_judged`), `tensors` and `depths` (for each kind of
    /// tensor its `name` and `members`: depth, and index in `tensors`). A tensor has `name`,
    /// `shape`, `dtype`, `elements`, `nan`, `infinite`, `mean`, `std`, `min`, `max`, `kurtosis`,
    /// `histogram` (`low`, `high`, the `counts` of bins of equal width, and the `expected` number
    /// in each), `initializer`, `values` (what it resolves to), `expected` (the same five
    /// statistics), `mean_z`, `std_z`, `bound` (none, kept, broken), `verdict` (expected, faulty,
    /// not_judged), `faults` (not_finite, dtype, out_of_bounds, mean, std) and the `reason` why it
    /// was not judged (no_plan, no_distribution, not_read). Numbers that are not finite, or do not
    /// apply, are null.
    #[arg(long)]
    json: bool,

    /// Exit with code 1 if any tensor has a fault
    #[arg(long)]
    check: bool,

    /// Print no progress bar and no table
    #[arg(short, long)]
    quiet: bool,
}

/// The number of bins of a histogram: enough for a smooth picture, and two per character of the
/// table.
const BINS: usize = 48;

pub(crate) fn run(options: &Options) -> Outcome {
    let header = Header::read(&options.file)?;
    let wanted = options.wanted(&header)?;
    let recipe = options.made_from.recipe(options.overlay.rules.as_deref(), &options.file, &header)?;
    let mut recipe = recipe.map(|recipe| options.overlay.over(recipe)).transpose()?;
    if let Some(recipe) = &mut recipe {
        options.overlay.seed_of(&options.file, &header, &mut recipe.seed)?;
    }
    let plan = recipe.map(|recipe| options.rank.plan(recipe.plan()?)).transpose()?;
    let against = plan.as_ref().map(|plan| options.against(plan, &header)).transpose()?;
    #[cfg(feature = "plot")]
    if !options.plot.is_empty() {
        pictures::check_room(header.tensors().iter().filter(|tensor| wanted(tensor)).count())?;
    }
    #[cfg(feature = "plot")]
    for path in &options.plot {
        Replacement::new(path)?;
    }
    if let Some(path) = &options.html {
        Replacement::new(path)?;
    }

    let bytes = header.tensors().iter().filter(|tensor| wanted(tensor) && tensor.dtype.is_some());
    // Each value is read twice, since the range of a histogram is known only after the first pass.
    let bytes = 2 * bytes.map(|tensor| tensor.bytes).sum::<u64>();
    let found = watched(bytes, options.quiet, "", |progress| inspect(&header, BINS, wanted, progress))?;

    let judgement = judge(&found, against.as_ref().map(|against| &against.entries[..]));
    let mut report = Report { file: &options.file, found: &found, against, judgement: &judgement, order: Vec::new() };
    sort(&mut report, options.sort, options.reverse);
    let listing = (options.json || options.html.is_some()).then(|| json::Report::of(&report));
    let listing = listing.map(|listing| serde_json::to_string(&listing)).transpose().map_err(Failure::failed)?;
    let mut written = Vec::new();
    #[cfg(feature = "plot")]
    for path in &options.plot {
        pictures::draw(path, &report)?;
        written.push(path);
    }
    if let (Some(path), Some(listing)) = (&options.html, &listing) {
        page::write(path, &report.title(), listing)?;
        written.push(path);
    }
    let mut out = io::stdout().lock();
    if options.json {
        writeln!(out, "{}", listing.unwrap_or_default())?;
    } else if !options.quiet {
        match report.order[..] {
            [only] => write!(out, "{}", sheet(&report.row(only)))?,
            _ => writeln!(out, "{}", table_of(&report))?,
        }
        for line in report.notes().into_iter().chain(options.other_seed(&header)) {
            writeln!(out, "{}", paragraph(&line))?;
        }
    }
    for path in written.iter().filter(|_| !options.quiet && !options.json) {
        writeln!(out, "written to {}", path.display())?;
    }
    let is_faulty = judgement.tensors.iter().any(|judged| matches!(judged.verdict, Verdict::Faulty(_)));
    if options.check && is_faulty { Err(Failure::Differs) } else { Ok(()) }
}

impl Options {
    /// Returns the tensors to measure: the one of the name, or those that it matches as a glob.
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
                "`{}` has no tensor `{}`; leave out --tensor to list all",
                self.file.display(),
                text.escape_debug()
            )));
        }
        Ok(move |tensor: &Tensor| wanted(&tensor.name))
    }

    /// Returns a note on a seed that is not the file's. No expected statistic depends on the seed.
    fn other_seed(&self, header: &Header) -> Option<String> {
        let given = self.overlay.seed?.to_string();
        let found = excerpt(header.metadata().get("fanin.seed").filter(|found| **found != given)?);
        Some(format!("the file's metadata has the seed {found}, but {given} was given; statistics do not depend on it"))
    }

    fn against<'a>(&self, plan: &'a Plan, header: &Header) -> Outcome<Against<'a>> {
        let model = if self.made_from.name().is_empty() { "rules".to_owned() } else { self.made_from.name() };
        Ok(Against { model, plan, entries: pair(plan, header)? })
    }
}
