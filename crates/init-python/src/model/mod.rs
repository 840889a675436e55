//! Whole models: recipes, plans, and checks of files and arrays.

pub(crate) mod arrays;
pub(crate) mod diff;
pub(crate) mod entry;
pub(crate) mod inspect;
pub(crate) mod make;
pub(crate) mod overrides;
pub(crate) mod plan;
pub(crate) mod recipe;
pub(crate) mod size;
pub(crate) mod source;
pub(crate) mod verify;
pub(crate) mod watched;
