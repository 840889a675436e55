//! The types that the one-call functions accept as an initializer: a value or its text.

use init_core::{Initializer, ParseError};

/// An [`Initializer`] or its text, such as `"xavier_uniform"` or `"kaiming_normal(mode=fan_out)"`.
///
/// ```
/// use fanin::{Initializer, IntoInitializer};
///
/// assert_eq!("he_normal".into_initializer()?.name(), "kaiming_normal");
/// assert_eq!(Initializer::LecunUniform.into_initializer()?.name(), "lecun_uniform");
/// # Ok::<(), fanin::ParseError>(())
/// ```
pub trait IntoInitializer: sealed::Sealed {
    /// Returns the initializer, parsed if it is a text.
    ///
    /// # Errors
    ///
    /// Returns [`ParseError`] if the text is not an initializer.
    fn into_initializer(self) -> Result<Initializer, ParseError>;
}

mod sealed {
    pub trait Sealed {}
}

impl sealed::Sealed for Initializer {}

impl IntoInitializer for Initializer {
    fn into_initializer(self) -> Result<Initializer, ParseError> {
        Ok(self)
    }
}

impl sealed::Sealed for &Initializer {}

impl IntoInitializer for &Initializer {
    fn into_initializer(self) -> Result<Initializer, ParseError> {
        Ok(self.clone())
    }
}

impl sealed::Sealed for &str {}

impl IntoInitializer for &str {
    fn into_initializer(self) -> Result<Initializer, ParseError> {
        self.parse()
    }
}

impl sealed::Sealed for &String {}

impl IntoInitializer for &String {
    fn into_initializer(self) -> Result<Initializer, ParseError> {
        self.parse()
    }
}
