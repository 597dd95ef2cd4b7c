//! The two languages of answers.

use clap::ValueEnum;

/// The language of an answer; codes are the same in both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// English
    #[default]
    En,
    /// Japanese
    Ja,
}

impl Language {
    pub(crate) const fn pick<'t>(self, english: &'t str, japanese: &'t str) -> &'t str {
        match self {
            Self::En => english,
            Self::Ja => japanese,
        }
    }

    /// The place of a certificate, which data names in English.
    pub(super) fn position(self, position: &str) -> String {
        const JAPANESE: [(&str, &str); 3] = [
            ("end entity", "エンドエンティティ証明書"),
            ("intermediate ", "中間証明書"),
            ("trust anchor ", "トラストアンカー"),
        ];
        let japanese = JAPANESE.into_iter().find_map(|(english, japanese)| {
            let number = position.strip_prefix(english)?;
            Some(format!("{japanese}{number}"))
        });
        match (self, japanese) {
            (Self::Ja, Some(japanese)) => japanese,
            _ => position.to_owned(),
        }
    }
}
