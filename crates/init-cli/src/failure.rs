//! How a command fails: the message, the exit code, and what the command line adds to the errors of
//! the libraries.

use std::{error::Error, fmt::Display, io, path::Path, process::ExitCode};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use init_core::{
    ParseError,
    text::{ParseErrorKind, nearest, shorten},
};
use init_data::trace::TraceError;
#[cfg(feature = "pretrain")]
use init_data::{DataError, rbm::RbmError};
use init_kernels::{LevelError, threads::ThreadsError};
use init_model::{
    PRESETS,
    check::{CheckError, MismatchError},
    config::{ConfigError, ConfigProblem, PresetError},
    file::{HeaderError, LoadError, ReplacementError, WriteError},
    plan::PlanError,
    recipe::{RecipeError, RecipeProblem},
};

use crate::{preset::near_presets, signal::Signal, style};

pub(crate) type Outcome<T = ()> = Result<T, Failure>;

/// The reason why a command ends early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The input is invalid: exit code 2.
    Input(String),
    /// The machine or the system failed: exit code 1.
    Failed(String),
    /// The user or the system asked the program to stop, with this signal.
    Interrupted(String, Signal),
    /// The command has answered no, as `fanin verify` does for another file: exit code 1, without a
    /// message.
    Differs,
    /// The reader of the output is gone, which is not an error.
    Quiet,
}

impl Failure {
    pub(crate) fn input(error: impl Display) -> Self {
        Self::Input(error.to_string())
    }

    pub(crate) fn failed(error: impl Display) -> Self {
        Self::Failed(error.to_string())
    }

    /// Returns the failure for a command line that clap refuses: the message on one line, and where
    /// to find help. `command` is empty if none was given; `recipe` is the word given as
    /// a recipe.
    pub(crate) fn usage(error: &clap::Error, command: &str, recipe: Option<&str>) -> Self {
        let mut message = requirement(error).or_else(|| unknown_command(error)).unwrap_or_else(|| without_usage(error));
        // A preset in place of a recipe is a common mistake: `fanin init gpt2`.
        if error.kind() == ErrorKind::MissingRequiredArgument
            && matches!(command, "init" | "plan")
            && let Some(preset) = recipe.and_then(mistaken_preset)
        {
            message += &format!("; did you mean `--preset {preset}`?");
        }
        // `init` and `plan` take the recipe as a bare word, these commands as an option.
        if error.kind() == ErrorKind::UnknownArgument
            && matches!(command, "inspect" | "verify")
            && let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidArg)
            && word.ends_with(".toml")
        {
            message += &format!("; did you mean `--recipe {}`?", excerpt(word));
        }
        let space = if command.is_empty() { "" } else { " " };
        Self::Input(format!("{message}\nsee `fanin{space}{command} --help`"))
    }

    /// Prints the message and returns the exit code.
    pub(crate) fn report(self) -> ExitCode {
        let (message, code) = match self {
            Self::Input(message) => (message, 2),
            Self::Failed(message) => (message, 1),
            Self::Interrupted(message, signal) => {
                eprintln!("{} {message}", style::error("error:"));
                return signal.end();
            }
            Self::Differs => return ExitCode::FAILURE,
            Self::Quiet => return ExitCode::SUCCESS,
        };
        eprintln!("{} {message}", style::error("error:"));
        ExitCode::from(code)
    }

    fn of(is_input: bool, error: &dyn Error) -> Self {
        if is_input { Self::input(error) } else { Self::failed(error) }
    }
}

/// Returns what an option must be, for an error of its parser such as "must be between 1 and 4096,
/// got 0".
fn requirement(error: &clap::Error) -> Option<String> {
    if error.kind() != ErrorKind::ValueValidation {
        return None;
    }
    let option = error.get(ContextKind::InvalidArg)?.to_string();
    let reason = error.source()?.to_string();
    let name = option.split(' ').next().unwrap_or_default();
    let given = error.get(ContextKind::InvalidValue).filter(|_| !reason.contains(", got "));
    let given: String =
        given.map_or(String::new(), |given| format!(", got {given}")).escape_debug().take(100).collect();
    reason.starts_with("must ").then(|| format!("`{name}` {reason}{given}"))
}

/// Returns the message for a command that does not exist, with the name that is most like it.
fn unknown_command(error: &clap::Error) -> Option<String> {
    let ContextValue::String(given) = error.get(ContextKind::InvalidSubcommand)? else { return None };
    let Some(ContextValue::Strings(near)) = error.get(ContextKind::SuggestedSubcommand) else { return None };
    let near: Vec<_> = near.iter().map(String::as_str).collect();
    let best = nearest(given, &near)?;
    Some(format!("unknown command `{}`: did you mean `{best}`?", excerpt(given)))
}

/// Returns the message of clap on one line, without the usage that follows it.
fn without_usage(error: &clap::Error) -> String {
    let text = error.to_string();
    let message = text.strip_prefix("error: ").unwrap_or(&text);
    let lines = message.lines().map(str::trim).filter(|line| !line.is_empty());
    let lines: Vec<_> = lines.take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more")).collect();
    lines.join(" ").replace(" tip: ", "; ")
}

/// Returns the message of an error in the text of an initializer or a scheme, and the command that
/// lists all of them.
pub(crate) fn with_hint(error: &ParseError) -> String {
    let message = error.to_string();
    let hint = match error.kind() {
        ParseErrorKind::SchemeNotInitializer => "a rule of a recipe names it with `scheme = …` in place of `init`",
        ParseErrorKind::InitializerNotScheme => "give it as `init`",
        ParseErrorKind::MissingName | ParseErrorKind::UnknownInitializer => "`fanin list` names all initializers",
        ParseErrorKind::UnknownScheme => "`fanin list --schemes` names all schemes",
        _ => return message,
    };
    // A suggestion is a question, which ends the sentence.
    let space = if message.ends_with('?') { " " } else { "; " };
    format!("{message}{space}{hint}")
}

/// Returns the preset that was probably intended by the path of a recipe that does not exist.
fn mistaken_preset(path: &str) -> Option<&'static str> {
    let is_file = path.ends_with(".toml") || path.ends_with(".json") || Path::new(path).exists();
    if is_file { None } else { near_presets(path).first().copied() }
}

/// Whether a path leads to no file, which is a mistake in the input, and not a failure of the
/// system.
fn is_missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::IsADirectory
            | io::ErrorKind::InvalidFilename
    )
}

/// Standard output gives a bare I/O error; every other error names its file.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Quiet,
            _ => Self::Failed(format!("cannot write to standard output: {error}")),
        }
    }
}

impl From<LevelError> for Failure {
    fn from(error: LevelError) -> Self {
        Self::input(error)
    }
}

impl From<ThreadsError> for Failure {
    fn from(error: ThreadsError) -> Self {
        Self::input(error)
    }
}

impl From<TraceError> for Failure {
    fn from(error: TraceError) -> Self {
        Self::of(!matches!(error, TraceError::Memory { .. }), &error)
    }
}

impl From<RecipeError> for Failure {
    fn from(error: RecipeError) -> Self {
        match &error.problem {
            RecipeProblem::Read(reason) if is_missing(reason) => {
                let name = &error.location.origin;
                match mistaken_preset(name) {
                    Some(preset) => Self::Input(format!("`{name}` is not a file; did you mean `--preset {preset}`?")),
                    None => Self::input(error),
                }
            }
            RecipeProblem::Read(_) => Self::failed(error),
            // The file that most models come with is a config.json.
            RecipeProblem::Syntax { .. } if error.location.origin.ends_with(".json") => {
                let name = &error.location.origin;
                Self::Input(format!("`{name}` is not a recipe, which is TOML; give a config.json as `--config {name}`"))
            }
            RecipeProblem::Init(reason) => Self::Input(format!("{}: {}", error.location, with_hint(reason))),
            _ => Self::input(error),
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        use ConfigProblem::{Architecture, NoType, Unknown, Unsupported};
        if matches!(error.problem, Architecture { .. } | NoType { .. } | Unknown { .. } | Unsupported { .. }) {
            return Self::Input(format!(
                "{error}; for any other model give names and shapes with `--like FILE --rules RULES.toml`"
            ));
        }
        Self::of(!matches!(&error.problem, ConfigProblem::Read(reason) if !is_missing(reason)), &error)
    }
}

impl From<PlanError> for Failure {
    fn from(error: PlanError) -> Self {
        if matches!(error, PlanError::Empty { .. }) {
            return Self::Input(format!("{error}, or take them from a file with `--like FILE --rules RULES.toml`"));
        }
        Self::input(error)
    }
}

/// Returns a user's text as a message repeats it: on one line, and no longer than 40 characters.
pub(crate) fn excerpt(text: &str) -> String {
    shorten(text, 40)
}

impl From<PresetError> for Failure {
    fn from(error: PresetError) -> Self {
        let name = excerpt(&error.name);
        let near: Vec<_> = near_presets(&error.name).into_iter().map(|preset| format!("`{preset}`")).collect();
        let guess = if near.is_empty() { String::new() } else { format!("did you mean {}? ", near.join(" or ")) };
        Self::Input(format!("unknown preset `{name}`: {guess}`fanin presets` lists all {}", PRESETS.len()))
    }
}

impl From<MismatchError> for Failure {
    fn from(error: MismatchError) -> Self {
        Self::input(error)
    }
}

impl From<HeaderError> for Failure {
    fn from(error: HeaderError) -> Self {
        Self::of(!matches!(&error, HeaderError::Read { source, .. } if !is_missing(source)), &error)
    }
}

impl From<CheckError> for Failure {
    fn from(error: CheckError) -> Self {
        match error {
            CheckError::Mismatch(error) => error.into(),
            error => Self::failed(error),
        }
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Replacement(error) => error.into(),
            error => {
                use WriteError::{EarlierVersion, Exists, Format, OtherPlan};
                let is_input = matches!(error, Format(_) | Exists { .. } | OtherPlan { .. } | EarlierVersion { .. });
                Self::of(is_input, &error)
            }
        }
    }
}

impl From<ReplacementError> for Failure {
    fn from(error: ReplacementError) -> Self {
        Self::of(matches!(error, ReplacementError::NotAFile { .. }), &error)
    }
}

impl From<LoadError> for Failure {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Header(error) => error.into(),
            error => Self::of(!matches!(error, LoadError::Read(_)), &error),
        }
    }
}

#[cfg(feature = "pretrain")]
impl From<DataError> for Failure {
    fn from(error: DataError) -> Self {
        Self::of(!matches!(&error, DataError::Read { source, .. } if !is_missing(source)), &error)
    }
}

#[cfg(feature = "pretrain")]
impl From<RbmError> for Failure {
    fn from(error: RbmError) -> Self {
        Self::of(!matches!(error, RbmError::Fill(_)), &error)
    }
}
