//! Numbers formatted for people, and parsed from the text of options.

/// Formats a whole number in groups of three digits: `124,439,808`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev();
    let groups: Vec<_> = groups.map(|group| String::from_utf8_lossy(group)).collect();
    groups.join(",")
}

/// Formats with six significant digits, with an exponent only in place of many zeros; NaN is a
/// dash.
pub(crate) fn short(number: f64) -> String {
    rounded(number, 6)
}

/// Formats as [`short`] does, with another number of digits, at most six.
pub(crate) fn rounded(number: f64, digits: i32) -> String {
    if number.is_nan() {
        return "–".to_owned();
    }
    if !number.is_finite() || number.fract() == 0.0 && number.abs() < 1e6 {
        return (number + 0.0).to_string();
    }
    let exponent = number.abs().log10().floor() as i32;
    let after = digits - 1;
    if (-5..6).contains(&exponent) {
        format!("{number:.*}", (after - exponent).max(0) as usize)
    } else {
        format!("{number:.*e}", after as usize)
    }
}

/// Formats with the fewest digits that parse back to the same number.
pub(crate) fn full(number: f64) -> String {
    let digits = format!("{number:?}");
    digits.strip_suffix(".0").unwrap_or(&digits).to_owned()
}

/// Formats a number of bytes in the largest unit that divides it: `256 MiB`.
pub(crate) fn size(bytes: u64) -> String {
    let units = [(40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB")];
    let whole = units.into_iter().find(|(shift, _)| bytes > 0 && bytes.is_multiple_of(1 << shift));
    whole.map_or_else(|| format!("{} bytes", grouped(bytes)), |(shift, unit)| format!("{} {unit}", bytes >> shift))
}

/// Parses a number of bytes: `4096`, `64MiB`, `5GB`.
pub(crate) fn parse_bytes(text: &str) -> Result<u64, String> {
    let cut = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(cut);
    let scale = match unit.trim_start() {
        "" => Some(1),
        "KB" => Some(1_000),
        "MB" => Some(1_000_000),
        "GB" => Some(1_000_000_000),
        "TB" => Some(1_000_000_000_000),
        "KiB" => Some(1 << 10),
        "MiB" => Some(1 << 20),
        "GiB" => Some(1 << 30),
        "TiB" => Some(1 << 40),
        _ => None,
    };
    scale
        .zip(number.parse().ok())
        .and_then(|(scale, number): (u64, u64)| number.checked_mul(scale))
        .ok_or_else(|| "must be a number of bytes, such as 4096, 64MiB or 5GB".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_formatted_for_people() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(124_439_808), "124,439,808");
        assert_eq!(short(0.0759555), "0.0759555");
        assert_eq!(short(-1234.5678), "-1234.57");
        assert_eq!(short(3e-9), "3.00000e-9");
        assert_eq!(short(-0.0), "0");
        assert_eq!(short(784.0), "784");
        assert_eq!(short(f64::NAN), "–");
        assert_eq!((rounded(0.0759555, 3), rounded(12345.6, 3)), ("0.0760".into(), "12346".into()));
        assert_eq!(short(f64::NEG_INFINITY), "-inf");
        assert_eq!(full(0.1), "0.1");
        assert_eq!(full(784.0), "784");
    }

    #[test]
    fn numbers_of_bytes_are_parsed() {
        assert_eq!(parse_bytes("4096"), Ok(4096));
        assert_eq!(parse_bytes("3 KiB"), Ok(3072));
        assert_eq!(parse_bytes("1TiB"), Ok(1 << 40));
        assert_eq!(parse_bytes("5GB"), Ok(5_000_000_000));
        for wrong in ["", "MiB", "1Mb", "-1", "1.5GiB", "99999999999TiB", "18446744073709551616"] {
            assert!(parse_bytes(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn sizes_use_the_largest_unit_that_divides_them() {
        assert_eq!(size(256 << 20), "256 MiB");
        assert_eq!(size(3 << 10), "3 KiB");
        assert_eq!(size(1000), "1,000 bytes");
        assert_eq!(size(0), "0 bytes");
    }
}
