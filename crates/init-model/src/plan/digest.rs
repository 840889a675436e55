//! The digest of a plan: an identifier of the values that it gives for a seed.
//!
//! Its encoding is specified byte by byte in `docs/plan-digest.md`. It depends on no `Debug` or
//! `Display` text of a type, except for the words of dtypes and of Fourier transforms, which are
//! part of the public text forms.

use std::hash::Hasher;

use init_core::{
    Distribution, Resolved, Structured,
    shape::{Filters, Matrix, Order},
    stft::Stft,
};
use init_kernels::VALUE_FORMAT;
use siphasher::sip128::{Hasher128, SipHasher24};

use super::{entry::Entry, packed::Packed, part::Part};

/// The version of the encoding, at the beginning of every digest.
const VERSION: &str = "v1-";

/// The first bytes of the encoding.
const MAGIC: &[u8] = b"fanin plan v1\n";

/// The hexadecimal digits after the version.
const DIGITS: usize = 32;

/// Returns the digest of a plan's entries: `v1-` and 32 hexadecimal digits.
pub(super) fn digest(entries: &[Entry]) -> String {
    let mut hasher = SipHasher24::new();
    encode(entries, &mut |bytes| hasher.write(bytes));
    let bytes = hasher.finish128().as_bytes();
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{VERSION}{digits}")
}

/// Whether a text has the form of a plan's digest, as this version writes it.
///
/// Files of earlier versions carry a digest of another form, which cannot be compared with a
/// plan's.
///
/// ```
/// assert!(init_model::plan::is_digest("v1-00112233445566778899aabbccddeeff"));
/// assert!(!init_model::plan::is_digest("00112233445566778899aabbccddeeff"));
/// ```
#[must_use]
pub fn is_digest(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.strip_prefix(VERSION).is_some_and(|digits| digits.len() == DIGITS && digits.bytes().all(is_digit))
}

/// Hands the canonical encoding of a plan's entries to `write`, piece by piece.
fn encode(entries: &[Entry], write: &mut dyn FnMut(&[u8])) {
    write(MAGIC);
    let mut encoder = Encoder { write };
    encoder.word(VALUE_FORMAT);
    encoder.size(entries.len());
    for entry in entries {
        let Entry { name, shape, dtype, resolved, packed, part, .. } = entry;
        encoder.text(name);
        encoder.sizes(shape.dims());
        encoder.text(dtype.name());
        encoder.resolved(resolved);
        encoder.packed(packed.as_ref());
        encoder.part(part.as_ref());
    }
}

/// Writes integers and floating-point numbers in little-endian order, and texts after their length.
struct Encoder<'a> {
    write: &'a mut dyn FnMut(&[u8]),
}

impl Encoder<'_> {
    fn tag(&mut self, tag: u8) {
        (self.write)(&[tag]);
    }

    fn word(&mut self, number: u32) {
        (self.write)(&number.to_le_bytes());
    }

    fn long(&mut self, number: u64) {
        (self.write)(&number.to_le_bytes());
    }

    fn size(&mut self, number: usize) {
        self.long(number as u64);
    }

    fn number(&mut self, number: f64) {
        self.long(number.to_bits());
    }

    fn text(&mut self, text: &str) {
        self.size(text.len());
        (self.write)(text.as_bytes());
    }

    fn sizes(&mut self, sizes: &[usize]) {
        self.size(sizes.len());
        for &size in sizes {
            self.size(size);
        }
    }

    fn resolved(&mut self, resolved: &Resolved) {
        match resolved {
            Resolved::Distribution(distribution) => self.distribution(distribution),
            Resolved::Structured(structured) => self.structured(structured),
        }
    }

    fn distribution(&mut self, distribution: &Distribution) {
        self.tag(distribution.tag());
        for (_, value) in distribution.parameters() {
            self.number(value);
        }
    }

    fn structured(&mut self, structured: &Structured) {
        match structured {
            Structured::Orthogonal { matrix, gain } => {
                self.tag(16);
                self.matrix(matrix);
                self.number(*gain);
            }
            Structured::DeltaOrthogonal { filters, centre, gain } => {
                self.tag(17);
                self.filters(filters);
                self.size(*centre);
                self.number(*gain);
            }
            Structured::Eye { matrix, gain } => {
                self.tag(18);
                self.matrix(matrix);
                self.number(*gain);
            }
            Structured::Dirac { filters, groups, centre } => {
                self.tag(19);
                self.filters(filters);
                self.size(*groups);
                self.size(*centre);
            }
            Structured::Sparse { matrix, zeros, std } => {
                self.tag(20);
                self.matrix(matrix);
                self.size(*zeros);
                self.number(*std);
            }
            Structured::Bilinear { filters, diagonal } => {
                self.tag(21);
                self.filters(filters);
                self.tag((*diagonal).into());
            }
            Structured::Icnr { matrix, repeats, tiled, source, distribution } => {
                self.tag(22);
                self.matrix(matrix);
                self.size(*repeats);
                self.tag((*tiled).into());
                self.matrix(source);
                self.distribution(distribution);
            }
            Structured::Stft(stft) => {
                self.tag(23);
                self.stft(stft);
            }
            Structured::PaddedIdentity { matrix, gain } => {
                self.tag(24);
                self.matrix(matrix);
                self.number(*gain);
            }
            Structured::Hadamard { filters, centre, gain } => {
                self.tag(25);
                self.filters(filters);
                self.size(*centre);
                self.number(*gain);
            }
            Structured::ZeroRow { matrix, row, distribution } => {
                self.tag(26);
                self.matrix(matrix);
                self.size(*row);
                self.distribution(distribution);
            }
            Structured::GateBias { hidden, gates, gate, value } => {
                self.tag(27);
                self.size(*hidden);
                self.size(*gates);
                self.size(*gate);
                self.number(*value);
            }
            Structured::Chrono { hidden, gates, forget, input, longest } => {
                self.tag(28);
                for size in [hidden, gates, forget, input] {
                    self.size(*size);
                }
                self.number(*longest);
            }
        }
    }

    fn matrix(&mut self, matrix: &Matrix) {
        for size in
            [matrix.copies(), matrix.rows(), matrix.cols(), matrix.inner(), matrix.outer_stride(), matrix.copy_stride()]
        {
            self.size(size);
        }
    }

    fn filters(&mut self, filters: &Filters) {
        self.tag(match filters.order() {
            Order::OutFirst => 0,
            Order::OutLast => 1,
        });
        self.size(filters.out());
        self.size(filters.inputs());
        self.sizes(filters.spatial());
    }

    fn stft(&mut self, stft: &Stft) {
        for size in [stft.frame, stft.channels, stft.bins] {
            self.size(size);
        }
        for word in [stft.side.to_string(), stft.window.to_string(), stft.scaling.to_string()] {
            self.text(&word);
        }
        self.tag(stft.periodic.into());
    }

    fn packed(&mut self, packed: Option<&Packed>) {
        let Some(packed) = packed else { return self.tag(0) };
        self.tag(1);
        self.long(packed.run());
        self.size(packed.names().len());
        for name in packed.names() {
            self.text(name);
        }
    }

    fn part(&mut self, part: Option<&Part>) {
        let Some(Part { whole, axis, start }) = part else { return self.tag(0) };
        self.tag(1);
        self.sizes(whole.dims());
        self.size(*axis);
        self.size(*start);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::preset::preset, plan::plan::Plan, recipe::recipe::Recipe};

    fn plan(text: &str) -> Plan {
        Recipe::parse(text, "plan").unwrap().plan().unwrap()
    }

    /// The example of `docs/plan-digest.md`.
    #[test]
    fn a_plan_is_encoded_as_the_specification_says() {
        let text = "[parameters]\nw = [2, 3]\n[[rule]]\nmatch = \"w\"\ninit = \"uniform(-0.5, 0.5)\"";
        let mut bytes: Vec<u8> = Vec::new();
        encode(plan(text).entries(), &mut |more| bytes.extend(more));
        let mut expected = b"fanin plan v1\n".to_vec();
        expected.extend(1u32.to_le_bytes());
        expected.extend(1u64.to_le_bytes());
        expected.extend(b"\x01\0\0\0\0\0\0\0w");
        for size in [2u64, 2, 3] {
            expected.extend(size.to_le_bytes());
        }
        expected.extend(b"\x03\0\0\0\0\0\0\0f32");
        expected.push(1);
        expected.extend((-0.5f64).to_le_bytes());
        expected.extend(0.5f64.to_le_bytes());
        expected.extend([0, 0]);
        assert_eq!(bytes, expected);
        assert_eq!(plan(text).digest(), "v1-4dc224e098682708c2cdd4c06cda61e4");
    }

    /// Computed by a separate implementation of SipHash-2-4-128 and of the specification, in Python.
    #[test]
    fn digests_are_those_of_another_implementation() {
        let one =
            |shape: &str, rule: &str| plan(&format!("[parameters]\nw = {shape}\n[[rule]]\nmatch = \"w\"\n{rule}"));
        let gpt2 = preset("gpt2").unwrap().plan().unwrap();
        let split = "w=1".parse().unwrap();
        let part = one("[6, 4]", "init = \"normal(0, 1)\"").for_rank(&[split], 1, 2).unwrap();
        for (plan, digest) in [
            (gpt2, "v1-d375de0b3ecc1cf8bbc3c34b151e7b43"),
            (one("[2, 3]", "init = \"eye\""), "v1-9d390097f37a338660e8b9bde69f0cb7"),
            (
                one("[6, 4]", "init = \"normal(0, 1)\"\nblocks = { w = [\"a\", \"b\"] }"),
                "v1-cf2a73c21d344d5e0c6fa70248a49df5",
            ),
            (part, "v1-f4eb86c1e3eb674ee664c7e5f4231f86"),
        ] {
            assert_eq!(plan.digest(), digest);
        }
    }

    #[test]
    fn equal_values_have_equal_digests_and_others_do_not() {
        let of = |shape: &str, rule: &str| {
            plan(&format!("[parameters]\nw = {shape}\n[[rule]]\nmatch = \"w\"\n{rule}")).digest()
        };
        let first = of("[6, 6]", "init = \"orthogonal\"");
        assert!(is_digest(&first));
        assert_eq!(first, of("[6, 6]", "init = \"orthogonal(gain=1)\""));
        // The values are the bits −0.
        assert_ne!(of("[2]", "init = \"zeros\""), of("[2]", "init = \"constant(-0.0)\""));
        let others = [
            of("[6, 6]", "init = \"orthogonal\"\nlayout = \"jax\""),
            of("[6, 6]", "init = \"orthogonal(gain=2)\""),
            of("[6, 6]", "init = \"orthogonal\"\ndtype = \"bf16\""),
            of("[6, 6]", "init = \"eye\""),
            of("[6, 6]", "init = \"normal(0, 1)\""),
            of("[6, 6]", "init = \"normal(0, 1)\"\nscale = 2"),
            of("[6, 6]", "init = \"normal(0, 1)\"\nblocks = { w = [\"a\", \"b\"] }"),
            of("[6, 6]", "init = \"normal(0, 1)\"\nblocks = { w = [\"a\", \"b\"] }\naxis = 1"),
            of("[36]", "init = \"normal(0, 1)\""),
        ];
        for (index, digest) in others.iter().enumerate() {
            assert_ne!(*digest, first);
            assert!(!others[..index].contains(digest), "{index}");
        }
    }
}
