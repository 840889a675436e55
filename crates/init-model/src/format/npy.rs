//! One array of NumPy: <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>.

use std::{iter, path::Path};

use init_core::DType;

use super::{FormatError, Outline, Target};
use crate::{
    header::NPY_MAGIC,
    plan::{Entry, Plan},
};

/// Values begin at a multiple of so many bytes, for those who map the file into memory.
const ALIGNMENT: usize = 64;

/// The first dimension has room to grow to so many digits.
const GROWTH: usize = 21;

/// The array's header, then its values.
pub(super) fn outline(target: &Target<'_>, plan: &Plan) -> Result<Outline, FormatError> {
    match plan.entries() {
        [entry] => Ok(Outline::after(header(target.path, entry)?, plan, 1)),
        entries => Err(FormatError::Many { path: target.path.to_owned(), count: entries.len() }),
    }
}

/// The header of an array in version 1.0, as `numpy.save` writes it: dtype, order of the elements, shape.
pub(super) fn header(path: &Path, entry: &Entry) -> Result<Vec<u8>, FormatError> {
    let descr = match entry.dtype {
        DType::F32 => "<f4",
        DType::F64 => "<f8",
        DType::F16 => "<f2",
        DType::Bf16 => return Err(FormatError::Bf16 { path: path.to_owned(), name: entry.name.clone() }),
    };
    let dims: Vec<String> = entry.shape.dims().iter().map(ToString::to_string).collect();
    let comma = if dims.len() == 1 { "," } else { "" };
    let mut text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({}{comma}), }}", dims.join(", "));
    if let Some(first) = dims.first() {
        text.extend(iter::repeat_n(' ', GROWTH - first.len()));
    }
    let prefix = NPY_MAGIC.len() + 4;
    // With its line's end; one that is a multiple already is followed by as much again.
    let length = (prefix + text.len() + 2).next_multiple_of(ALIGNMENT) - prefix;
    let mut header = [NPY_MAGIC, &[1, 0]].concat();
    header.extend(u16::try_from(length).expect("a shape has at most 64 dimensions").to_le_bytes());
    header.extend(text.bytes());
    header.resize(prefix + length - 1, b' ');
    header.push(b'\n');
    Ok(header)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Recipe;

    fn header_of(shape: &str, dtype: &str) -> Vec<u8> {
        let text = format!(
            "dtype = \"{dtype}\"\n[parameters]\na = {shape}\n[[rule]]\nmatch = \"a\"\ninit = \"uniform(0, 1)\""
        );
        let plan = Recipe::parse(&text, "plan").unwrap().plan().unwrap();
        header(Path::new("a.npy"), &plan.entries()[0]).unwrap()
    }

    /// What `numpy.save` of NumPy 2.4 wrote; `tests/python/opens_in_numpy.py` compares more of them.
    #[test]
    fn headers_are_those_of_numpy() {
        let ones = format!("[{}]", ["1"; 36].join(", "));
        // Three lines of 64 bytes are full with it: a fourth follows.
        let full = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}), }}", ["1"; 36].join(", "));
        for (shape, dtype, length, text) in [
            ("[256]", "f32", 118, "{'descr': '<f4', 'fortran_order': False, 'shape': (256,), }"),
            ("[]", "f64", 118, "{'descr': '<f8', 'fortran_order': False, 'shape': (), }"),
            ("[2, 3]", "f16", 118, "{'descr': '<f2', 'fortran_order': False, 'shape': (2, 3), }"),
            (&ones, "f32", 246, &full),
        ] {
            let mut expected = NPY_MAGIC.to_vec();
            expected.extend([1, 0, length, 0]);
            expected.extend(format!("{text:<width$}\n", width = usize::from(length) - 1).bytes());
            assert_eq!(header_of(shape, dtype), expected, "{shape}");
        }
    }
}
