use super::{FormatError, Outline, Target};
use crate::{
    header::{MAX_HEADER_BYTES, encode_plan},
    plan::Plan,
};

/// A header of JSON, then the values without gaps.
pub(super) fn outline(target: &Target<'_>, plan: &Plan) -> Result<Outline, FormatError> {
    let header = encode_plan(plan, target.digest).expect("names are text");
    let json = header.len() as u64 - 8;
    if json > MAX_HEADER_BYTES {
        return Err(FormatError::Header { path: target.path.to_owned(), bytes: json });
    }
    Ok(Outline::after(header, plan, 1))
}
