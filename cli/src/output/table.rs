//! Columns and fields in plain text.

use std::fmt::Write;

/// Lines of a table, each column as wide as its widest cell.
pub(super) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = head.iter().map(|cell| cell.len()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    let head: Vec<_> = head.iter().map(|cell| (*cell).to_owned()).collect();
    for row in std::iter::once(&head).chain(rows) {
        let mut line = String::new();
        for (width, cell) in widths.iter().zip(row) {
            let padding = width.saturating_sub(cell.chars().count());
            line.push_str(cell);
            line.push_str(&" ".repeat(padding + 2));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Columns of a name; the longest known one, `accept-historically`, has 19.
const NAME_WIDTH: usize = 22;

/// Names and values, one per line; empty values are left out.
#[derive(Default)]
pub(super) struct Fields {
    text: String,
}

impl Fields {
    pub(super) fn add(&mut self, name: &str, value: impl std::fmt::Display) -> &mut Self {
        let value = value.to_string();
        if !value.is_empty() {
            // Writing to a string cannot fail.
            let width = NAME_WIDTH.max(name.chars().count() + 1);
            let _written = writeln!(self.text, "{name:<width$}{value}");
        }
        self
    }

    pub(super) fn add_all<T: std::fmt::Display>(&mut self, name: &str, values: &[T]) -> &mut Self {
        for (index, value) in values.iter().enumerate() {
            self.add(if index == 0 { name } else { "" }, value);
        }
        self
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [
            vec!["審査".to_owned(), "1".to_owned()],
            vec!["abcd".to_owned(), "2".to_owned()],
        ];
        assert_eq!(table(&["a", "n"], &rows), "a     n\n審査    1\nabcd  2\n");
    }

    #[test]
    fn empty_fields_are_left_out() {
        let mut fields = Fields::default();
        fields.add("empty", "").add("full", 1);
        assert_eq!(fields.into_text(), "full                  1\n");
    }

    #[test]
    fn name_never_touches_its_value() {
        for name in ["accept-historically", "a-name-that-is-longer-than-any"] {
            let mut fields = Fields::default();
            fields.add(name, "refuse");
            assert!(
                fields.into_text().starts_with(&format!("{name} ")),
                "{name}"
            );
        }
    }
}
