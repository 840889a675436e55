//! One array of NumPy: <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>.

use std::{collections::BTreeMap, fs::File, iter, path::Path};

use init_core::DType;

use crate::{
    file::{
        error::{Corruption, HeaderError},
        format_error::FormatError,
        offset_io::read_exact_at,
        outline::{Outline, Target},
        source::{Problem, Source, extent, in_file},
        tensor::{Contents, Tensor},
    },
    plan::{entry::Entry, plan::Plan},
};

const MAGIC: &[u8] = b"\x93NUMPY";

/// The longest header that is read; headers of arrays of one type have some hundred bytes.
const MAX_HEADER_BYTES: u64 = 1 << 20;

/// The alignment of values, for programs that map the file into memory.
const ALIGNMENT: usize = 64;

/// The number of digits that the first dimension has room to grow to.
const GROWTH: usize = 21;

/// Whether a file begins as this format does.
pub(in crate::file) fn recognises(start: [u8; 8]) -> bool {
    start.starts_with(MAGIC)
}

/// Reads the header of a file. The array gets the name of the file without its extension.
pub(in crate::file) fn read(source: &Source<'_>) -> Result<Contents, HeaderError> {
    let name = source.path.file_stem().unwrap_or_default().to_string_lossy();
    let tensor = array(&source.file, &name, 0, source.length);
    let tensors = tensor.and_then(|tensor| Ok(in_file(vec![tensor], source.length)?));
    let tensors = tensors.map_err(|problem| source.failed("NumPy", problem))?;
    Ok(Contents { tensors, metadata: BTreeMap::new() })
}

/// Reads the header of the array that takes `length` bytes of a file from `begin` on.
pub(in crate::file) fn array(file: &File, name: &str, begin: u64, length: u64) -> Result<Tensor, Problem> {
    let cut = || Corruption::Truncated { what: "the header of an array" };
    let mut prefix = [0; 12];
    if length < prefix.len() as u64 {
        return Err(cut().into());
    }
    read_exact_at(file, &mut prefix, begin)?;
    let (size, start) = match (prefix.starts_with(MAGIC), prefix[6]) {
        (true, 1) => (u64::from(u16::from_le_bytes([prefix[8], prefix[9]])), 10),
        (true, 2 | 3) => (u64::from(u32::from_le_bytes([prefix[8], prefix[9], prefix[10], prefix[11]])), 12),
        (true, version) => return Err(Corruption::Version { found: version.into() }.into()),
        (false, _) => {
            return Err(Corruption::Member { name: name.to_owned(), reason: "is not an array".to_owned() }.into());
        }
    };
    if size > MAX_HEADER_BYTES.min(length - start) {
        return Err(cut().into());
    }
    let mut text = vec![0; size as usize];
    read_exact_at(file, &mut text, begin + start)?;
    let text = String::from_utf8_lossy(&text);
    let (descr, fortran, shape) =
        Text(&text).dictionary().ok_or_else(|| Corruption::ArrayHeader { found: text.trim_end().to_owned() })?;
    let (stored_type, dtype, size_of) =
        element(&descr).ok_or_else(|| Corruption::Type { name: name.to_owned(), found: descr.clone() })?;
    if fortran && shape.len() > 1 {
        return Err(Corruption::FortranOrder { name: name.to_owned() }.into());
    }
    let (dims, bytes) = extent(name, &shape, 1, size_of)?;
    let offset = begin + start + size;
    if begin + length - offset != bytes {
        return Err(Corruption::ArraySize { name: name.to_owned(), bytes, found: begin + length - offset }.into());
    }
    Ok(Tensor { name: name.to_owned(), shape: dims, stored_type, dtype, file: 0, offset, bytes })
}

/// Returns the name of an element type, the type if it can be initialised, and its size.
fn element(descr: &str) -> Option<(String, Option<DType>, u64)> {
    let known = match descr {
        "<f4" => Some(("F32", DType::F32)),
        "<f8" => Some(("F64", DType::F64)),
        "<f2" => Some(("F16", DType::F16)),
        _ => None,
    };
    if let Some((name, dtype)) = known {
        return Some((name.to_owned(), Some(dtype), dtype.size() as u64));
    }
    let mut chars = descr.chars();
    let (order, kind) = (chars.next()?, chars.next()?);
    let digits = chars.as_str().split('[').next()?;
    let size: u64 = digits.parse::<u32>().ok()?.into();
    // Strings have four bytes per character. Objects, of kind O, are not stored as bytes and so not
    // supported.
    let size = if kind == 'U' { 4 * size } else { size };
    ("<>|=".contains(order) && "biufcmMSUV".contains(kind)).then(|| (descr.to_owned(), None, size))
}

/// A Python dictionary, as far as headers use them.
struct Text<'a>(&'a str);

impl Text<'_> {
    /// Reads the element type, whether the order is column-major, and the shape.
    fn dictionary(&mut self) -> Option<(String, bool, Vec<u64>)> {
        let (mut descr, mut fortran, mut shape) = (None, None, None);
        self.eat('{')?;
        while self.eat('}').is_none() {
            let key = self.quoted()?;
            self.eat(':')?;
            match key.as_str() {
                "descr" => descr = Some(self.quoted()?),
                "fortran_order" => fortran = Some(self.truth()?),
                "shape" => shape = Some(self.tuple()?),
                _ => return None,
            }
            if self.eat(',').is_none() {
                self.eat('}')?;
                break;
            }
        }
        Some((descr?, fortran?, shape?)).filter(|_| self.0.trim().is_empty())
    }

    fn eat(&mut self, c: char) -> Option<()> {
        self.0 = self.0.trim_start();
        self.0 = self.0.strip_prefix(c)?;
        Some(())
    }

    fn quoted(&mut self) -> Option<String> {
        let quote = ['\'', '"'].into_iter().find(|&quote| self.eat(quote).is_some())?;
        let (text, rest) = self.0.split_once(quote)?;
        self.0 = rest;
        Some(text.to_owned())
    }

    fn truth(&mut self) -> Option<bool> {
        let text = self.0.trim_start();
        let (rest, truth) = text
            .strip_prefix("True")
            .map(|rest| (rest, true))
            .or(text.strip_prefix("False").map(|rest| (rest, false)))?;
        self.0 = rest;
        Some(truth)
    }

    fn tuple(&mut self) -> Option<Vec<u64>> {
        let mut numbers = Vec::new();
        self.eat('(')?;
        while self.eat(')').is_none() {
            self.0 = self.0.trim_start();
            let end = self.0.find(|c: char| !c.is_ascii_digit())?;
            numbers.push(self.0[..end].parse().ok()?);
            // Python 2 wrote an L after long integers.
            self.0 = self.0[end..].trim_start_matches('L');
            if self.eat(',').is_none() {
                self.eat(')')?;
                break;
            }
        }
        Some(numbers)
    }
}

/// Lays out a file: the array's header, then its values.
pub(in crate::file) fn outline(target: &Target<'_>, plan: &Plan) -> Result<Outline, FormatError> {
    match plan.entries() {
        [entry] => Ok(Outline::after(header(target.path, entry)?, plan, 1)),
        entries => Err(FormatError::Several { path: target.path.to_owned(), count: entries.len() }),
    }
}

/// Returns the header of an array in version 1.0, as `numpy.save` writes it: dtype, order of the
/// elements, shape.
pub(in crate::file) fn header(path: &Path, entry: &Entry) -> Result<Vec<u8>, FormatError> {
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
    let prefix = MAGIC.len() + 4;
    // The newline is included. Like NumPy, a length that is already a multiple gets another full
    // line.
    let length = (prefix + text.len() + 2).next_multiple_of(ALIGNMENT) - prefix;
    let mut header = [MAGIC, &[1, 0]].concat();
    header.extend(u16::try_from(length).expect("a shape has at most 64 dimensions").to_le_bytes());
    header.extend(text.bytes());
    header.resize(prefix + length - 1, b' ');
    header.push(b'\n');
    Ok(header)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::recipe::Recipe;

    fn header_of(shape: &str, dtype: &str) -> Vec<u8> {
        let text = format!(
            "dtype = \"{dtype}\"\n[parameters]\na = {shape}\n[[rule]]\nmatch = \"a\"\ninit = \"uniform(0, 1)\""
        );
        let plan = Recipe::parse(&text, "plan").unwrap().plan().unwrap();
        header(Path::new("a.npy"), &plan.entries()[0]).unwrap()
    }

    /// Headers that `numpy.save` of NumPy 2.4 wrote; `tests/python/opens_in_numpy.py` compares more
    /// of them.
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
            let mut expected = MAGIC.to_vec();
            expected.extend([1, 0, length, 0]);
            expected.extend(format!("{text:<width$}\n", width = usize::from(length) - 1).bytes());
            assert_eq!(header_of(shape, dtype), expected, "{shape}");
        }
    }

    #[test]
    fn dictionaries_are_read_as_python_reads_them() {
        let read = |text| Text(text).dictionary();
        let of = |shape: &[u64]| Some(("<f4".to_owned(), false, shape.to_vec()));
        for (text, shape) in [
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }   \n", &[2, 3][..]),
            ("{'shape': (), 'descr': \"<f4\", 'fortran_order': False}", &[]),
            (" { 'shape' : (12L,) ,'fortran_order':False,'descr':'<f4' , } ", &[12]),
        ] {
            assert_eq!(read(text), of(shape), "{text}");
        }
        for text in [
            "",
            "{}",
            "{'descr': '<f4', 'fortran_order': False}",
            "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'more': True}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2 3)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} + 1",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
