//! The coefficients of the format: the oracle reads them from the text of the page.

use std::collections::HashMap;
use std::sync::LazyLock;

const PAGE: &str = include_str!("../../../docs/value-format.md");

/// Returns the coefficients `name[0] …` of the page, in f64; those of f32 tables are f32 values.
pub(super) fn table(name: &str) -> &'static [f64] {
    static TABLES: LazyLock<HashMap<String, Vec<f64>>> = LazyLock::new(tables);
    TABLES.get(name).expect("the page has this table")
}

/// Returns the same of a table in f32.
pub(super) fn table32(name: &str) -> Vec<f32> {
    let narrow = |&wide: &f64| {
        assert_eq!(f64::from(wide as f32), wide, "{name} is a table of f32");
        wide as f32
    };
    table(name).iter().map(narrow).collect()
}

/// Reads all tables. Each is in a fenced block below its bold name; a block of two tables names both
/// inside.
fn tables() -> HashMap<String, Vec<f64>> {
    let (_, section) = PAGE.split_once("## Coefficients").expect("the page lists them");
    let mut tables = HashMap::<String, Vec<f64>>::new();
    let mut name = String::new();
    for line in section.lines().map(str::trim) {
        if let Some(title) = line.strip_prefix("**") {
            name = title.split("**").next().expect("a title").to_owned();
            if let Some((_, centre)) = title.split_once("CENTRE32 = ") {
                tables.insert("CENTRE32".to_owned(), vec![hexadecimal(centre)]);
            }
        } else if line.trim_start_matches('-').starts_with("0x") {
            tables.entry(name.clone()).or_default().push(hexadecimal(line));
        } else if !line.is_empty() && !line.starts_with("```") {
            name = line.to_owned();
        }
    }
    tables
}

/// Parses a hexadecimal number: `-0x1.8p3` is −12.
fn hexadecimal(text: &str) -> f64 {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1.0, digits),
        None => (1.0, text),
    };
    let (mantissa, exponent) =
        digits.strip_prefix("0x").and_then(|digits| digits.split_once('p')).expect("a hexadecimal number");
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let integer = u64::from_str_radix(&format!("{whole}{fraction}"), 16).expect("hexadecimal digits");
    let exponent = exponent.parse::<i32>().expect("an exponent") - 4 * fraction.len() as i32;
    assert!(integer < 1 << 53, "{text} is exact");
    sign * integer as f64 * 2_f64.powi(exponent)
}

#[cfg(test)]
mod tests {
    #[test]
    fn hexadecimal_numbers_are_read_exactly() {
        assert_eq!(super::hexadecimal("-0x1.8p3"), -12.0);
        assert_eq!(super::hexadecimal("0x1.921fb54442d18p0"), std::f64::consts::FRAC_PI_2);
        assert_eq!(super::hexadecimal("0x1p-1022"), f64::MIN_POSITIVE);
    }

    #[test]
    fn the_page_has_every_table_in_full() {
        let lengths = [
            ("LOG32", 9),
            ("SIN32", 5),
            ("COS32", 6),
            ("CENTRE32", 1),
            ("P32", 5),
            ("Q32", 5),
            ("LOG64", 19),
            ("SIN64", 9),
            ("COS64", 10),
            ("PQ64", 10),
            ("QQ64", 10),
            ("MILLS", 5),
            ("LNMILLS", 7),
        ];
        for (name, length) in lengths {
            assert_eq!(super::table(name).len(), length, "{name}");
        }
    }
}
