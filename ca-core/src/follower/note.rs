//! The note of what an edge knows: `DIR/knowledge`.

/// What is noted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Note {
    /// The moment for which what is known speaks, seconds since the epoch.
    pub(super) as_of: i64,
    /// The entries that it takes: a replica with fewer knows less. None in notes of older releases.
    pub(super) size: Option<u64>,
    /// By how much the clock here was ahead of the authority's.
    pub(super) ahead_seconds: i64,
    /// A start of the machine, and what the authority's clock showed then, in milliseconds.
    pub(super) boot: Option<(String, i64)>,
}

/// Stands where there is no start to name.
const NO_BOOT: &str = "-";

impl Note {
    /// ```text
    /// 2 AS-OF SIZE AHEAD BOOT AT-BOOT CRC-32 of what is before it
    /// 1 AS-OF AHEAD
    /// ```
    pub(super) fn parse(text: &str) -> Option<Self> {
        let line = text.strip_suffix('\n').unwrap_or(text);
        let fields: Vec<&str> = line.split(' ').collect();
        match *fields.as_slice() {
            ["1", as_of, ahead] => Some(Self {
                as_of: as_of.parse().ok()?,
                size: None,
                ahead_seconds: ahead.parse().ok()?,
                boot: None,
            }),
            ["2", as_of, size, ahead, boot, at_boot, checksum] => {
                let (noted, _) = line.rsplit_once(' ')?;
                if checksum != self::checksum(noted) {
                    return None;
                }
                let at_boot = at_boot.parse().ok()?;
                Some(Self {
                    as_of: as_of.parse().ok()?,
                    size: Some(size.parse().ok()?),
                    ahead_seconds: ahead.parse().ok()?,
                    boot: (boot != NO_BOOT).then(|| (boot.to_owned(), at_boot)),
                })
            }
            _ => None,
        }
    }

    /// As it is written.
    pub(super) fn to_text(&self) -> String {
        let (boot, at_boot) = match &self.boot {
            Some((boot, at_boot)) => (boot.as_str(), *at_boot),
            None => (NO_BOOT, 0),
        };
        let noted = format!(
            "2 {} {} {} {boot} {at_boot}",
            self.as_of,
            self.size.unwrap_or(0),
            self.ahead_seconds
        );
        let checksum = checksum(&noted);
        format!("{noted} {checksum}\n")
    }
}

fn checksum(noted: &str) -> String {
    format!("{:08x}", crc32fast::hash(noted.as_bytes()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn note() -> Note {
        Note {
            as_of: 1_800_000_000,
            size: Some(4_711),
            ahead_seconds: 3,
            boot: Some(("3f4c".to_owned(), 1_799_000_000_123)),
        }
    }

    #[test]
    fn note_is_read_back_and_so_is_one_of_an_older_release() {
        assert_eq!(Note::parse(&note().to_text()), Some(note()));
        let nowhere = Note {
            boot: None,
            ..note()
        };
        assert_eq!(Note::parse(&nowhere.to_text()), Some(nowhere));
        let old = Note::parse("1 1800000000 7\n").unwrap();
        assert_eq!(
            (old.as_of, old.size, old.ahead_seconds),
            (1_800_000_000, None, 7)
        );
        for bad in ["", "\n", "2 1 2 3\n", "3 1 2\n", "1 x 0\n", "1 1 0 0\n"] {
            assert_eq!(Note::parse(bad), None, "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn changed_or_cut_notes_are_not_believed(at in 0_usize..200, bits in 1_u8.., cut in 0_usize..200) {
            let text = note().to_text();
            let end = text.len() - 1;
            let mut octets = text.clone().into_bytes();
            octets[at % end] ^= bits;
            if let Ok(changed) = String::from_utf8(octets) {
                prop_assert_eq!(Note::parse(&changed), None);
            }
            prop_assert_eq!(Note::parse(&text[..cut % end]), None);
        }
    }
}
