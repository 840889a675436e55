//! Numbers as people read them.

/// A whole number in groups of three: `124,439,808`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev();
    let groups: Vec<_> = groups.map(|group| String::from_utf8_lossy(group)).collect();
    groups.join(",")
}

/// Six significant digits, with an exponent only where there would be many zeros; a dash for NaN.
pub(crate) fn short(number: f64) -> String {
    if number.is_nan() {
        return "–".to_owned();
    }
    if !number.is_finite() || number.fract() == 0.0 && number.abs() < 1e6 {
        return (number + 0.0).to_string();
    }
    let exponent = number.abs().log10().floor() as i32;
    if (-5..6).contains(&exponent) { format!("{number:.*}", (5 - exponent) as usize) } else { format!("{number:.5e}") }
}

/// The shortest digits that read back to the same number.
pub(crate) fn full(number: f64) -> String {
    let digits = format!("{number:?}");
    digits.strip_suffix(".0").unwrap_or(&digits).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_as_people_read_them() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(124_439_808), "124,439,808");
        assert_eq!(short(0.0759555), "0.0759555");
        assert_eq!(short(-1234.5678), "-1234.57");
        assert_eq!(short(3e-9), "3.00000e-9");
        assert_eq!(short(-0.0), "0");
        assert_eq!(short(784.0), "784");
        assert_eq!(short(f64::NAN), "–");
        assert_eq!(short(f64::NEG_INFINITY), "-inf");
        assert_eq!(full(0.1), "0.1");
        assert_eq!(full(784.0), "784");
    }
}
