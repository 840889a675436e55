//! Tables and paragraphs that fit the terminal.

use std::{
    env, fmt,
    io::{IsTerminal, stdout},
    sync::atomic::{AtomicBool, Ordering},
};

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, TableStyle, Width};
use terminal_size::{Width as Columns, terminal_size_of};

use crate::style;

/// Set by the global option `--wide`.
static WIDE: AtomicBool = AtomicBool::new(false);

/// The narrowest that a wrapping column becomes, in characters, before other columns are left out.
/// It is never narrower than its longest word.
const MIN_WRAPPED: usize = 20;

/// Prints every table at its full width from now on.
pub(crate) fn set_wide(wide: bool) {
    WIDE.store(wide, Ordering::Relaxed);
}

/// Returns the number of characters that a line may have, if there is a limit: that of `COLUMNS`,
/// or the width of the terminal. There is none with `--wide`, nor in a pipe or a file.
pub(crate) fn width() -> Option<usize> {
    if WIDE.load(Ordering::Relaxed) {
        return None;
    }
    let given = env::var("COLUMNS").ok().and_then(|columns| columns.trim().parse().ok());
    let given = given.filter(|&columns: &usize| columns > 0);
    let out = stdout();
    given.or_else(|| {
        let size = if out.is_terminal() { terminal_size_of(out) } else { None };
        size.map(|(Columns(columns), _)| usize::from(columns))
    })
}

/// A table under a few ruled lines. Where it is wider than the terminal, columns are wrapped or
/// left out, and a last line names those that are missing.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
    /// Columns that may be left out, the least important first.
    optional: Vec<usize>,
}

#[derive(Clone, Debug)]
struct Column {
    head: String,
    is_number: bool,
    wraps: bool,
}

/// Returns an empty table; the columns named in `numbers` are aligned to the right.
pub(crate) fn table(head: &[&str], numbers: &[&str]) -> Table {
    let column = |name: &&str| Column { head: (*name).to_owned(), is_number: numbers.contains(name), wraps: false };
    Table { columns: head.iter().map(column).collect(), rows: Vec::new(), optional: Vec::new() }
}

impl Table {
    /// Names the columns that may be left out where the table does not fit, the least important
    /// first.
    pub(crate) fn optional(mut self, names: &[&str]) -> Self {
        self.optional = names.iter().flat_map(|name| self.indices(name)).collect();
        self
    }

    /// Names the columns whose text may be wrapped.
    pub(crate) fn wrap(mut self, names: &[&str]) -> Self {
        for column in &mut self.columns {
            column.wraps |= names.contains(&column.head.as_str());
        }
        self
    }

    /// Adds a row, with a cell for each column.
    pub(crate) fn add_row(&mut self, cells: impl IntoIterator<Item = impl Into<String>>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    fn indices(&self, name: &str) -> Vec<usize> {
        let columns = self.columns.iter().enumerate();
        columns.filter(|(_, column)| column.head == name).map(|(index, _)| index).collect()
    }

    /// The table in at most `width` characters a line, as far as that is possible.
    fn fit(&self, width: Option<usize>) -> String {
        let mut shown: Vec<_> = (0..self.columns.len()).collect();
        let widths = self.widths();
        let Some(width) = width else { return self.draw(&shown, None) };
        let minimum = |index: usize| {
            let width = widths[index];
            if self.columns[index].wraps {
                width.min(self.longest_word(index).max(MIN_WRAPPED) + PADDING)
            } else {
                width
            }
        };
        let mut left_out = Vec::new();
        for &index in &self.optional {
            if total(shown.iter().map(|&index| minimum(index))) <= width {
                break;
            }
            shown.retain(|&other| other != index);
            left_out.push(index);
        }
        // One wide column less can make room for narrow ones.
        for index in left_out.clone().into_iter().rev() {
            if total(shown.iter().chain([&index]).map(|&index| minimum(index))) <= width {
                shown.push(index);
                left_out.retain(|&other| other != index);
            }
        }
        shown.sort_unstable();
        let fits = total(shown.iter().map(|&index| widths[index])) <= width;
        let minimum: Vec<_> = shown.iter().map(|&index| minimum(index)).collect();
        let mut text = self.draw(&shown, (!fits).then_some((width, &minimum[..])));
        if !left_out.is_empty() {
            left_out.sort_unstable();
            let names: Vec<_> = left_out.iter().map(|&index| self.columns[index].head.replace('\n', " ")).collect();
            let note = format!("not shown: {} (--wide shows every column)", names.join(", "));
            text = format!("{text}\n{}", fold(&note, width));
        }
        text
    }

    /// The widths of the columns without any limit, with the space at their sides.
    fn widths(&self) -> Vec<usize> {
        let all: Vec<_> = (0..self.columns.len()).collect();
        self.comfy(&all).column_max_content_widths().into_iter().map(|width| usize::from(width) + PADDING).collect()
    }

    fn longest_word(&self, index: usize) -> usize {
        let head = std::iter::once(&self.columns[index].head);
        let cells = head.chain(self.rows.iter().filter_map(|row| row.get(index)));
        cells.flat_map(|cell| cell.split_whitespace()).map(|word| word.chars().count()).max().unwrap_or(0)
    }

    /// Draws these columns, wrapped to a width in which each has at least its minimum, if it is
    /// given.
    fn draw(&self, shown: &[usize], limit: Option<(usize, &[usize])>) -> String {
        let short = |width: usize| u16::try_from(width).unwrap_or(u16::MAX);
        let mut table = self.comfy(shown);
        if let Some((width, minimum)) = limit {
            table.set_content_arrangement(ContentArrangement::Dynamic);
            table.set_width(short(width));
            // Where even that is too wide, words are broken.
            if total(minimum.iter().copied()) <= width {
                for ((&index, column), &minimum) in shown.iter().zip(table.column_iter_mut()).zip(minimum) {
                    column.set_constraint(if self.columns[index].wraps {
                        ColumnConstraint::LowerBoundary(Width::Fixed(short(minimum)))
                    } else {
                        ColumnConstraint::ContentWidth
                    });
                }
            }
        }
        table.to_string()
    }

    fn comfy(&self, shown: &[usize]) -> comfy_table::Table {
        const LINE: LineStyle = LineStyle::none().fill('─').junction('─');
        let mut table = comfy_table::Table::new();
        table.load_style(TableStyle::new().top_border(LINE).header_separator(LINE).bottom_border(LINE));
        table.set_header(shown.iter().map(|&index| &self.columns[index].head));
        for (&index, column) in shown.iter().zip(table.column_iter_mut()) {
            if self.columns[index].is_number {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        for row in &self.rows {
            table.add_row(shown.iter().map(|&index| row.get(index).map_or("", String::as_str)));
        }
        table
    }
}

/// The space at both sides of a cell.
const PADDING: usize = 2;

/// Returns the width of a table: that of its columns, and one character between every two.
fn total(columns: impl Iterator<Item = usize>) -> usize {
    columns.map(|width| width + 1).sum::<usize>().saturating_sub(1)
}

/// Writes the table, fitted to the terminal, without a line break at its end.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.fit(width());
        // The lines between the first two rules are the head.
        let mut rules = 0;
        for (index, line) in text.lines().enumerate() {
            rules += usize::from(line.starts_with('─'));
            let is_head = rules == 1 && !line.starts_with('─');
            f.write_str(if index == 0 { "" } else { "\n" })?;
            if is_head { write!(f, "{}", style::bold(line))? } else { f.write_str(line)? }
        }
        Ok(())
    }
}

/// Breaks the lines of a text between words, so that they fit the terminal.
pub(crate) fn paragraph(text: &str) -> String {
    width().map_or_else(|| text.to_owned(), |width| fold(text, width))
}

/// Breaks lines between words; continuation lines keep the indentation of their line.
fn fold(text: &str, width: usize) -> String {
    let mut lines = Vec::new();
    for line in text.lines() {
        let indent = line.len() - line.trim_start_matches(' ').len();
        let mut now = String::new();
        for word in line.split_ascii_whitespace() {
            let is_first = now.trim_start().is_empty();
            if !is_first && now.chars().count() + 1 + word.chars().count() > width {
                lines.push(std::mem::take(&mut now));
            }
            let is_first = now.trim_start().is_empty();
            now += &if is_first { " ".repeat(indent) } else { " ".to_owned() };
            now += word;
        }
        lines.push(now);
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Table {
        let mut table =
            table(&["name", "fan_in", "notes", "values"], &["fan_in"]).optional(&["notes", "fan_in"]).wrap(&["values"]);
        table.add_row([
            "a.weight",
            "784",
            "something that nobody needs",
            "a long text of several words that may be wrapped",
        ]);
        table.add_row(["a.bias", "–", "", "= 0"]);
        table
    }

    fn longest(text: &str) -> usize {
        text.lines().map(|line| line.chars().count()).max().unwrap()
    }

    #[test]
    fn a_table_without_a_limit_is_shown_in_full() {
        let text = example().fit(None);
        assert!(text.contains("nobody needs") && text.contains("of several words that may be wrapped"), "{text}");
        assert_eq!(text.lines().count(), 6);
        assert_eq!(example().fit(Some(1000)), text);
    }

    #[test]
    fn a_narrow_table_wraps_and_then_leaves_out_the_least_important_columns() {
        for width in 34..120 {
            let text = example().fit(Some(width));
            assert!(longest(&text) <= width, "{width}\n{text}");
            assert!(text.contains("a.weight") && text.contains("several"), "{text}");
            // What is missing is named.
            for (column, word) in [("notes", "nobody"), ("fan_in", "784")] {
                let missing = text.lines().skip_while(|line| !line.contains("not shown")).collect::<String>();
                assert_eq!(missing.contains(column), !text.contains(word), "{width} {column}\n{text}");
            }
        }
        let text = example().fit(Some(60));
        assert!(!text.contains("nobody") && text.contains("784"), "{text}");
    }

    #[test]
    fn paragraphs_are_broken_between_words_and_keep_their_indent() {
        assert_eq!(fold("one two three", 8), "one two\nthree");
        assert_eq!(fold("  one two three\nfour", 9), "  one two\n  three\nfour");
        assert_eq!(fold("incomprehensibility", 5), "incomprehensibility");
    }
}
