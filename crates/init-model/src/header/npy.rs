//! An array of NumPy, alone or in an archive.

use std::{collections::BTreeMap, fs::File};

use init_core::DType;

use super::{
    Contents, FileDamage, HeaderError, Tensor,
    source::{Problem, Source, extent, in_file},
};
use crate::position::read_exact_at;

/// What a file of one array begins with.
pub(crate) const MAGIC: &[u8] = b"\x93NUMPY";

/// The longest header that is read: those of arrays of one type are some hundred bytes long.
const MAX_HEADER_BYTES: u64 = 1 << 20;

/// Reads the header of a file, whose name without the ending is that of the array.
pub(super) fn read(source: &Source<'_>) -> Result<Contents, HeaderError> {
    let name = source.path.file_stem().unwrap_or_default().to_string_lossy();
    let tensor = array(&source.file, &name, 0, source.length);
    let tensors = tensor.and_then(|tensor| Ok(in_file(vec![tensor], source.length)?));
    Ok((tensors.map_err(|problem| source.broken("NumPy", problem))?, BTreeMap::new()))
}

/// Reads the header of the array that takes `length` bytes of a file from `begin` on.
pub(super) fn array(file: &File, name: &str, begin: u64, length: u64) -> Result<Tensor, Problem> {
    let cut = || FileDamage::Cut { what: "the header of an array" };
    let mut prefix = [0; 12];
    if length < prefix.len() as u64 {
        return Err(cut().into());
    }
    read_exact_at(file, &mut prefix, begin)?;
    let (size, start) = match (prefix.starts_with(MAGIC), prefix[6]) {
        (true, 1) => (u64::from(u16::from_le_bytes([prefix[8], prefix[9]])), 10),
        (true, 2 | 3) => (u64::from(u32::from_le_bytes([prefix[8], prefix[9], prefix[10], prefix[11]])), 12),
        (true, version) => return Err(FileDamage::Version { found: version.into() }.into()),
        (false, _) => return Err(FileDamage::Member { name: name.to_owned(), reason: "is no array".to_owned() }.into()),
    };
    if size > MAX_HEADER_BYTES.min(length - start) {
        return Err(cut().into());
    }
    let mut text = vec![0; size as usize];
    read_exact_at(file, &mut text, begin + start)?;
    let text = String::from_utf8_lossy(&text);
    let (descr, fortran, shape) =
        Text(&text).dictionary().ok_or_else(|| FileDamage::Array { found: text.trim_end().to_owned() })?;
    let (format, dtype, size_of) =
        element(&descr).ok_or_else(|| FileDamage::Type { name: name.to_owned(), found: descr.clone() })?;
    if fortran && shape.len() > 1 {
        return Err(FileDamage::Fortran { name: name.to_owned() }.into());
    }
    let (dims, bytes) = extent(name, &shape, 1, size_of)?;
    let position = begin + start + size;
    if begin + length - position != bytes {
        return Err(FileDamage::Size { name: name.to_owned(), bytes, found: begin + length - position }.into());
    }
    Ok(Tensor { name: name.to_owned(), shape: dims, format, dtype, file: 0, position, bytes })
}

/// The name that an element type has here, the type if it is one that can be initialised, and its size.
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
    // Text has four bytes a character; objects, of kind O, have no bytes of their own.
    let size = if kind == 'U' { 4 * size } else { size };
    ("<>|=".contains(order) && "biufcmMSUV".contains(kind)).then(|| (descr.to_owned(), None, size))
}

/// A dictionary of Python's, as far as headers have them.
struct Text<'a>(&'a str);

impl Text<'_> {
    /// The element type, whether the first index runs fastest, and the shape.
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
            // Python 2 had an L after long numbers.
            self.0 = self.0[end..].trim_start_matches('L');
            if self.eat(',').is_none() {
                self.eat(')')?;
                break;
            }
        }
        Some(numbers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
