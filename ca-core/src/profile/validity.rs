//! How long certificates last.

use kasane_verify::policy::{Act, Circumstances, DateName, IssuanceQuestion, Timeline};
use kasane_verify::{KeyAlgorithm, SignatureAlgorithm, UnixTime};

use super::Profile;

/// The length of a validity before any cap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Length {
    /// Calendar months in Japan; years are twelve each.
    Months(u32),
    /// Days of 86,400 seconds.
    Days(u32),
    /// To the very second of a date of the policy.
    Until(DateName),
}

/// How long certificates of a profile last. The last second is part of the validity (RFC 5280
/// §4.1.2.5), so a length ends one second before its round instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validity {
    pub(super) length: Length,
    pub(super) cap: Option<DateName>,
    pub(super) rekey_after_days: Option<u32>,
}

/// Why there is no end to a validity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValidityError {
    /// The policy lacks a date that the profile refers to.
    #[error("no validity: {name:?} is no date of the policy")]
    UnknownDate {
        /// The name.
        name: String,
    },
    /// The end is before the beginning.
    #[error("no validity: it would end at {not_after}, and it is {now} already")]
    Over {
        /// Where it would end.
        not_after: UnixTime,
        /// The time of signing.
        now: UnixTime,
    },
}

/// What bounds a validity beside the profile.
#[derive(Clone, Debug)]
pub struct NotAfterQuestion<'a> {
    /// New or renewed.
    pub act: Act,
    /// The subject's key.
    pub key: KeyAlgorithm,
    /// How the issuer signs.
    pub signature: SignatureAlgorithm,
    /// The time of signing.
    pub now: UnixTime,
    /// The end of the issuer's certificate; `None` for a root.
    pub issuer_not_after: Option<UnixTime>,
    /// The case.
    pub circumstances: &'a Circumstances,
}

impl Validity {
    /// The length before any cap.
    #[must_use]
    pub const fn length(&self) -> &Length {
        &self.length
    }

    /// The date of the policy that caps it.
    #[must_use]
    pub fn cap(&self) -> Option<&str> {
        self.cap.as_deref()
    }

    /// After how many days a new key and certificate are made.
    #[must_use]
    pub const fn rekey_after_days(&self) -> Option<u32> {
        self.rekey_after_days
    }

    /// The last second of a certificate signed at `now`, with the profile's own cap. What else
    /// bounds it — the policy, a break-glass approval, the issuer — is in [`Profile::not_after`].
    ///
    /// # Errors
    /// [`ValidityError`] if a date is unknown or the end has passed.
    pub fn not_after(&self, now: UnixTime, timeline: &Timeline) -> Result<UnixTime, ValidityError> {
        let date = |name: &DateName| {
            timeline
                .date(name)
                .ok_or_else(|| ValidityError::UnknownDate { name: name.clone() })
        };
        let end = match &self.length {
            Length::Months(months) => now.plus_months_jst(*months).plus_seconds(-1),
            Length::Days(days) => now.plus_days(i64::from(*days)).plus_seconds(-1),
            Length::Until(name) => date(name)?,
        };
        let end = match &self.cap {
            Some(name) => end.min(date(name)?),
            None => end,
        };
        ends_later(end, now)
    }
}

impl Profile {
    /// The last second of a certificate signed at `question.now`: the earliest of the profile's own
    /// end, the policy's bounds and the issuer's end.
    ///
    /// # Errors
    /// [`ValidityError`] if a date is unknown or the end has passed.
    pub fn not_after(
        &self,
        question: &NotAfterQuestion<'_>,
        timeline: &Timeline,
    ) -> Result<UnixTime, ValidityError> {
        let own = self.validity().not_after(question.now, timeline)?;
        let policy = timeline.not_after_cap(&IssuanceQuestion {
            class: self.class(),
            act: question.act,
            key: question.key,
            signature: question.signature,
            now: question.now,
            not_after: own,
            circumstances: question.circumstances.clone(),
        });
        let bounds = policy.into_iter().chain(question.issuer_not_after);
        ends_later(bounds.fold(own, UnixTime::min), question.now)
    }
}

fn ends_later(not_after: UnixTime, now: UnixTime) -> Result<UnixTime, ValidityError> {
    if not_after < now {
        return Err(ValidityError::Over { not_after, now });
    }
    Ok(not_after)
}

impl ValidityError {
    /// A stable dotted code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownDate { .. } => "validity.unknown_date",
            Self::Over { .. } => "validity.over",
        }
    }
}
