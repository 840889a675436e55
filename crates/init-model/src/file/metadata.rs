//! The metadata that a plan's file carries.

use std::collections::BTreeMap;

use init_kernels::VALUE_FORMAT;

use crate::plan::plan::Plan;

/// The key of the [digest](Plan::digest) of the whole model's plan.
pub(super) const PLAN: &str = "fanin.plan";

/// Returns the metadata of a plan's file, in any format; `digest` is that of the whole model's
/// plan.
pub(super) fn metadata(plan: &Plan, digest: &str) -> BTreeMap<&'static str, String> {
    let mut metadata = BTreeMap::from([(PLAN, digest.to_owned()), ("fanin.seed", plan.seed().to_string())]);
    metadata.extend(versions());
    metadata
}

/// Returns the metadata of every file: the value format, and the version of this crate.
pub(super) fn versions() -> [(&'static str, String); 2] {
    [("fanin.value_format", VALUE_FORMAT.to_string()), ("fanin.version", env!("CARGO_PKG_VERSION").to_owned())]
}
