use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};

/// A table of a few ruled lines; the columns named in `right` hold figures.
pub(crate) fn table(head: &[&str], right: &[&str]) -> Table {
    const LINE: LineStyle = LineStyle::none().fill('─').junction('─');
    let mut table = Table::new();
    table.load_style(TableStyle::new().top_border(LINE).header_separator(LINE).bottom_border(LINE));
    table.set_header(head);
    for (name, column) in head.iter().zip(table.column_iter_mut()) {
        if right.contains(name) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
