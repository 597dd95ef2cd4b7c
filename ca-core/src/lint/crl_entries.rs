//! One pass over the entries of a CRL, however many: what the entry lints ask for, and no copies.

use std::cmp::Ordering;

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5280;
use der::{Reader, Tag};
use kasane_verify::UnixTime;

use super::element::{Element, ExtensionFacts, TimeFacts};
use super::text;

/// The first entry that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryNote {
    /// Position in the list, from 0.
    pub index: usize,
    /// How it breaks the rule, with its serial number.
    pub reason: String,
}

/// What one pass found: for each rule the first entry that breaks it.
#[derive(Clone, Debug, Default)]
pub struct EntryFacts {
    /// How many entries.
    pub count: usize,
    /// A serial number that is not greater than the one before it.
    pub unordered: Option<EntryNote>,
    /// A serial number that was there before.
    pub duplicate: Option<EntryNote>,
    /// A serial number that is not positive, or longer than 20 octets.
    pub serial: Option<EntryNote>,
    /// A revocation date in the wrong form.
    pub time: Option<EntryNote>,
    /// A revocation date later than this CRL.
    pub future: Option<EntryNote>,
    /// An entry extension that is critical.
    pub critical: Option<EntryNote>,
    /// An entry extension other than reasonCode and invalidityDate, or one of them twice.
    pub extension: Option<EntryNote>,
    /// A reason code that RFC 5280 §5.3.1 does not know, or `unspecified` written out.
    pub reason: Option<EntryNote>,
    /// Reason code certificateHold.
    pub hold: Option<EntryNote>,
    /// Reason code removeFromCRL.
    pub removed: Option<EntryNote>,
    /// An invalidity date in the wrong form, or after the revocation date.
    pub invalidity: Option<EntryNote>,
    /// Something that DER writes differently.
    pub non_canonical: Option<EntryNote>,
}

impl EntryFacts {
    /// Passes over the entries in `list`, the `revokedCertificates` sequence.
    pub(super) fn scan(list: Element<'_>, this_update: Option<UnixTime>) -> der::Result<Self> {
        let mut facts = Self::default();
        let mut reader = list.expect(Tag::Sequence)?.inside()?;
        let mut previous: Option<&[u8]> = None;
        let mut seen = Seen::default();
        while !reader.is_finished() {
            let mut entry = Element::read(&mut reader)?
                .expect(Tag::Sequence)?
                .inside()?;
            let serial = Element::read(&mut entry)?.expect(Tag::Integer)?.value;
            let revoked = seen.time(Element::read(&mut entry)?);
            let at = Position {
                index: facts.count,
                serial,
            };
            facts.look_at_serial(at, previous);
            facts.look_at_date(at, &revoked, this_update);
            if !entry.is_finished() {
                let extensions = Element::read(&mut entry)?.expect(Tag::Sequence)?;
                if !seen.clean.contains(&extensions.der)
                    && facts.look_at_extensions(at, extensions, revoked.at)?
                    && seen.clean.len() < MAX_CLEAN
                {
                    seen.clean.push(extensions.der);
                }
            }
            entry.finish()?;
            previous = Some(serial);
            facts.count += 1;
        }
        if facts.unordered.is_some() {
            facts.look_for_duplicate(list)?;
        }
        Ok(facts)
    }

    fn look_at_serial(&mut self, at: Position<'_>, previous: Option<&[u8]>) {
        let positive = at.serial.first().is_some_and(|first| *first < 0x80)
            && at.serial.iter().any(|octet| *octet != 0);
        if !positive || at.serial.len() > 20 {
            at.note(&mut self.serial, || {
                "is not positive or longer than 20 octets".to_owned()
            });
        }
        if is_padded(at.serial) {
            at.note(&mut self.non_canonical, || {
                "has a needless leading octet".to_owned()
            });
        }
        if let Some(previous) = previous
            && compare(previous, at.serial) != Ordering::Less
        {
            at.note(&mut self.unordered, || {
                format!("follows {}", text::hex(previous))
            });
        }
    }

    fn look_at_date(
        &mut self,
        at: Position<'_>,
        revoked: &TimeFacts<'_>,
        this_update: Option<UnixTime>,
    ) {
        if self.time.is_none()
            && let Some(reason) = revoked.encoding_error()
        {
            at.note(&mut self.time, || format!("has revocationDate {reason}"));
        }
        if let (Some(revoked), Some(this_update)) = (revoked.at, this_update)
            && revoked > this_update
        {
            at.note(&mut self.future, || {
                format!("was revoked {revoked}, after {this_update}")
            });
        }
    }

    /// Whether the same octets say nothing worth a note in another entry either.
    fn look_at_extensions(
        &mut self,
        at: Position<'_>,
        list: Element<'_>,
        revoked: Option<UnixTime>,
    ) -> der::Result<bool> {
        let before = self.extension_notes();
        let mut reader = list.inside()?;
        if reader.is_finished() {
            at.note(&mut self.extension, || {
                "has an empty list of extensions".to_owned()
            });
        }
        let (mut reasons, mut invalidity_dates) = (0_u32, 0_u32);
        while !reader.is_finished() {
            let extension = ExtensionFacts::read(Element::read(&mut reader)?)?;
            if extension.critical {
                at.note(&mut self.critical, || {
                    format!("has critical {}", extension.oid)
                });
            }
            if extension.has_explicit_default {
                at.note(&mut self.non_canonical, || {
                    "writes critical FALSE out".to_owned()
                });
            }
            match extension.oid {
                rfc5280::ID_CE_CRL_REASONS => {
                    reasons += 1;
                    self.look_at_reason(at, extension.value);
                }
                rfc5280::ID_CE_INVALIDITY_DATE => {
                    invalidity_dates += 1;
                    self.look_at_invalidity(at, extension.value, revoked);
                }
                other => self.unknown_extension(at, other),
            }
        }
        if reasons > 1 || invalidity_dates > 1 {
            at.note(&mut self.extension, || "has an extension twice".to_owned());
        }
        // What is noted once is not noted again: only octets that bring no note are clean for sure.
        // An invalidity date is judged by the entry's own date.
        let is_silent = before == [false; EXTENSION_NOTES] && self.extension_notes() == before;
        Ok(is_silent && invalidity_dates == 0)
    }

    /// Which notes about extensions there are.
    const fn extension_notes(&self) -> [bool; EXTENSION_NOTES] {
        [
            self.critical.is_some(),
            self.extension.is_some(),
            self.reason.is_some(),
            self.hold.is_some(),
            self.removed.is_some(),
            self.non_canonical.is_some(),
        ]
    }

    fn unknown_extension(&mut self, at: Position<'_>, oid: ObjectIdentifier) {
        at.note(&mut self.extension, || format!("has extension {oid}"));
    }

    fn look_at_reason(&mut self, at: Position<'_>, value: &[u8]) {
        // CRLReason ::= ENUMERATED, RFC 5280 §5.3.1; 7 is not used.
        match value {
            [0x0a, 1, 1..=5 | 9 | 10] => {}
            [0x0a, 1, 6] => at.note(&mut self.hold, || "is on certificateHold".to_owned()),
            [0x0a, 1, 8] => at.note(&mut self.removed, || "is removeFromCRL".to_owned()),
            [0x0a, 1, 0] => {
                at.note(&mut self.reason, || {
                    "writes reason unspecified out".to_owned()
                });
            }
            other => {
                at.note(&mut self.reason, || {
                    format!("has reason {}", text::hex(other))
                });
            }
        }
    }

    fn look_at_invalidity(&mut self, at: Position<'_>, value: &[u8], revoked: Option<UnixTime>) {
        let date = Element::whole(value)
            .ok()
            .filter(|date| date.tag == Tag::GeneralizedTime);
        match date.and_then(|date| TimeFacts::read(date).at) {
            None => at.note(&mut self.invalidity, || {
                format!(
                    "has an invalidityDate that is no GeneralizedTime: {}",
                    text::hex(value)
                )
            }),
            Some(date) if revoked.is_some_and(|revoked| date > revoked) => {
                at.note(&mut self.invalidity, || {
                    format!("is invalid from {date}, after revocation")
                });
            }
            Some(_) => {}
        }
    }

    /// Only for a list out of order; an ascending list cannot repeat itself.
    fn look_for_duplicate(&mut self, list: Element<'_>) -> der::Result<()> {
        let mut serials = Vec::with_capacity(self.count);
        let mut reader = list.inside()?;
        while !reader.is_finished() {
            let mut entry = Element::read(&mut reader)?.inside()?;
            serials.push((Element::read(&mut entry)?.value, serials.len()));
        }
        serials.sort_by(|(a, _), (b, _)| compare(a, b));
        if let Some([_, (serial, index)]) = serials
            .array_windows()
            .find(|[(a, _), (b, _)]| compare(a, b) == Ordering::Equal)
        {
            Position {
                index: *index,
                serial,
            }
            .note(&mut self.duplicate, || "is there more than once".to_owned());
        }
        Ok(())
    }
}

/// Notes that extensions of an entry can bring, whatever the entry.
const EXTENSION_NOTES: usize = 6;

/// Most forms of extensions that are remembered: there are ten reasons.
const MAX_CLEAN: usize = 16;

/// What entries say over and over again, looked at once: most of a long list.
#[derive(Default)]
struct Seen<'a> {
    /// The last time, and its octets.
    time: Option<(&'a [u8], TimeFacts<'a>)>,
    /// Extensions that bring no note, whatever the entry.
    clean: Vec<&'a [u8]>,
}

impl<'a> Seen<'a> {
    fn time(&mut self, element: Element<'a>) -> TimeFacts<'a> {
        match self.time {
            Some((der, facts)) if der == element.der => facts,
            _ => {
                let facts = TimeFacts::read(element);
                self.time = Some((element.der, facts));
                facts
            }
        }
    }
}

/// Where the pass is.
#[derive(Clone, Copy)]
struct Position<'a> {
    index: usize,
    serial: &'a [u8],
}

impl Position<'_> {
    /// Keeps the first note only, so that a million bad entries cost no memory.
    fn note(self, slot: &mut Option<EntryNote>, reason: impl FnOnce() -> String) {
        if slot.is_none() {
            *slot = Some(EntryNote {
                index: self.index,
                reason: format!(
                    "entry {} {} {}",
                    self.index,
                    text::hex(self.serial),
                    reason()
                ),
            });
        }
    }
}

/// Whether a first octet only repeats the sign (X.690 §8.3.2).
pub(super) fn is_padded(integer: &[u8]) -> bool {
    matches!(integer, [0, second, ..] if *second < 0x80)
        || matches!(integer, [0xff, second, ..] if *second >= 0x80)
}

/// Order of two non-negative integers by value.
fn compare(a: &[u8], b: &[u8]) -> Ordering {
    let significant = |octets: &[u8]| {
        octets
            .iter()
            .position(|octet| *octet != 0)
            .unwrap_or(octets.len())
    };
    let (a, b) = (
        a.get(significant(a)..).unwrap_or_default(),
        b.get(significant(b)..).unwrap_or_default(),
    );
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}
