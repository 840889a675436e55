use std::{error::Error, fmt::Display, io, process::ExitCode};

use init_data::trace::TraceError;
#[cfg(feature = "pretrain")]
use init_data::{DataError, rbm::RbmError};
use init_kernels::LevelError;
use init_model::{
    ConfigError, ConfigProblem, DiffError, HeaderError, InspectError, LoadError, MismatchError, PlanError, PresetError,
    RecipeError, RecipeProblem, ReplacementError, VerifyError, WriteError,
};

use crate::signal::Signal;

pub(crate) type Outcome<T = ()> = Result<T, Failure>;

/// Why a command ends early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What was asked for cannot be: exit code 2.
    Input(String),
    /// The machine could not do it: exit code 1.
    Failed(String),
    /// The user or the system asked it to stop, by this signal.
    Interrupted(String, Signal),
    /// The answer is no, and the command has said it: exit code 1.
    Differs,
    /// Nobody reads the output any more, which is no error.
    Quiet,
}

impl Failure {
    pub(crate) fn input(error: impl Display) -> Self {
        Self::Input(error.to_string())
    }

    pub(crate) fn failed(error: impl Display) -> Self {
        Self::Failed(error.to_string())
    }

    pub(crate) fn report(self) -> ExitCode {
        let (message, code) = match self {
            Self::Input(message) => (message, 2),
            Self::Failed(message) => (message, 1),
            Self::Interrupted(message, signal) => {
                eprintln!("error: {message}");
                return signal.end();
            }
            Self::Differs => return ExitCode::FAILURE,
            Self::Quiet => return ExitCode::SUCCESS,
        };
        eprintln!("error: {message}");
        ExitCode::from(code)
    }

    fn of(is_input: bool, error: &dyn Error) -> Self {
        if is_input { Self::input(error) } else { Self::failed(error) }
    }
}

/// Only standard output gives a bare I/O error; every other one says which file it is about.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Quiet,
            _ => Self::Failed(format!("standard output cannot be written: {error}")),
        }
    }
}

/// The message without the usage that clap puts after it.
impl From<clap::Error> for Failure {
    fn from(error: clap::Error) -> Self {
        let text = error.to_string();
        let message = text.strip_prefix("error: ").unwrap_or(&text);
        let lines = message.lines().map(str::trim).filter(|line| !line.is_empty());
        let lines: Vec<_> =
            lines.take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more")).collect();
        Self::Input(format!("{}\ntry `fanin --help`", lines.join(" ").replace(" tip: ", "; ")))
    }
}

impl From<LevelError> for Failure {
    fn from(error: LevelError) -> Self {
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
        Self::of(!matches!(error.problem, RecipeProblem::Read(_)), &error)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::of(!matches!(error.problem, ConfigProblem::Read(_)), &error)
    }
}

impl From<PlanError> for Failure {
    fn from(error: PlanError) -> Self {
        Self::input(error)
    }
}

impl From<PresetError> for Failure {
    fn from(error: PresetError) -> Self {
        Self::input(error)
    }
}

impl From<MismatchError> for Failure {
    fn from(error: MismatchError) -> Self {
        Self::input(error)
    }
}

impl From<HeaderError> for Failure {
    fn from(error: HeaderError) -> Self {
        Self::of(!matches!(error, HeaderError::Read { .. }), &error)
    }
}

impl From<InspectError> for Failure {
    fn from(error: InspectError) -> Self {
        match error {
            InspectError::Header(error) => error.into(),
            error => Self::failed(error),
        }
    }
}

impl From<VerifyError> for Failure {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Header(error) => error.into(),
            VerifyError::Mismatch(error) => error.into(),
            error => Self::failed(error),
        }
    }
}

impl From<DiffError> for Failure {
    fn from(error: DiffError) -> Self {
        match error {
            DiffError::Header(error) => error.into(),
            error => Self::failed(error),
        }
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Replacement(error) => error.into(),
            error => Self::of(matches!(error, WriteError::Format(_) | WriteError::Other { .. }), &error),
        }
    }
}

impl From<ReplacementError> for Failure {
    fn from(error: ReplacementError) -> Self {
        Self::of(matches!(error, ReplacementError::NoFile { .. }), &error)
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
        Self::of(!matches!(error, DataError::Read { .. }), &error)
    }
}

#[cfg(feature = "pretrain")]
impl From<RbmError> for Failure {
    fn from(error: RbmError) -> Self {
        Self::of(!matches!(error, RbmError::Fill(_)), &error)
    }
}
