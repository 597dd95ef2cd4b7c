//! Text in columns where some characters take two.

/// Columns of a character on a terminal: two for what Japanese is written with.
fn width_of(character: char) -> usize {
    match u32::from(character) {
        // Hangul, CJK and kana, full-width forms, ideographs beyond the first plane.
        0x1100..=0x115f
        | 0x2e80..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1faff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

pub(super) fn width(text: &str) -> usize {
    text.chars().map(width_of).sum()
}

/// Filled up with spaces to so many columns.
pub(super) fn padded(text: &str, columns: usize) -> String {
    let mut padded = text.to_owned();
    padded.extend(std::iter::repeat_n(
        ' ',
        columns.saturating_sub(width(text)),
    ));
    padded
}

/// Cut to so many columns.
pub(super) fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut left = columns.saturating_sub(1);
    let mut cut: String = text
        .chars()
        .take_while(|it| {
            let fits = width_of(*it) <= left;
            left = left.saturating_sub(width_of(*it));
            fits
        })
        .collect();
    cut.push('…');
    cut
}

/// Lines of at most so many columns, broken at spaces where there are some. Lines that follow are
/// indented as the first is.
pub(super) fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let indent: String = text.chars().take_while(|it| *it == ' ').collect();
    let columns = columns.max(indent.len() + 20);
    let mut lines = Vec::new();
    let mut line = String::new();
    for character in text.chars() {
        if width(&line) + width_of(character) > columns {
            let kept = line
                .rfind(' ')
                .filter(|at| *at > indent.len() && character != ' ');
            let rest = kept.map(|at| line.split_off(at)).unwrap_or_default();
            lines.push(line.trim_end().to_owned());
            line = format!("{indent}{}", rest.trim_start());
            if character == ' ' {
                continue;
            }
        }
        line.push(character);
    }
    if !line.trim().is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn japanese_takes_two_columns() {
        assert_eq!(width("証明書 a"), 8);
        assert_eq!(padded("失効", 6), "失効  ");
        assert_eq!(cut("失効状態", 5), "失効…");
        assert_eq!(cut("CN=Root", 7), "CN=Root");
    }

    #[test]
    fn lines_break_at_spaces_and_keep_their_indent() {
        let text = format!("    {}", "word ".repeat(20));
        let lines = wrapped(&text, 30);
        assert!(lines.len() > 3);
        for line in &lines {
            assert!(width(line) <= 30, "{line:?}");
            assert!(
                line.starts_with("    word") && line.ends_with("word"),
                "{line:?}"
            );
        }
        let japanese = wrapped(&"失効".repeat(40), 30);
        assert!(japanese.iter().all(|it| width(it) <= 30));
        assert_eq!(japanese.concat(), "失効".repeat(40));
    }
}
