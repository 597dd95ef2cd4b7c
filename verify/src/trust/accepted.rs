//! What a store has accepted.

use std::sync::Arc;

use super::{AnchorBundle, Content, Emergency, Fingerprint, Header, Kind, Succession};
use super::{TrustDocument, TrustError};
use crate::UnixTime;
use crate::crypto::CryptoProvider;
use crate::policy::Timeline;

/// Whether a document was news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It replaced what was held, or is the first of its kind.
    Replaced,
    /// It is the one that was held already.
    AlreadyHeld,
}

/// An accepted document and its content.
#[derive(Debug)]
pub struct Accepted<T> {
    pub(super) document: Arc<TrustDocument>,
    pub(super) fingerprint: Fingerprint,
    pub(super) content: Arc<T>,
}

/// An accepted document of any kind.
#[derive(Clone, Debug)]
pub enum AcceptedDocument {
    /// Who the officers are.
    Officers(Accepted<Succession>),
    /// The dated policy.
    Policy(Accepted<Timeline>),
    /// The trust anchors.
    Anchors(Accepted<AnchorBundle>),
    /// A declaration.
    Emergency(Accepted<Emergency>),
}

/// What came of offering a document.
#[derive(Clone, Debug)]
pub struct Acceptance {
    /// Whether it was news.
    pub change: Change,
    /// What is held now.
    pub document: AcceptedDocument,
}

/// Content that a store keeps one of.
pub(super) trait Kept: Sized {
    const KIND: Kind;

    fn of(content: Content) -> Option<Self>;
}

/// Says which variant of [`Content`] a type is.
macro_rules! kept {
    ($type:ty, $variant:ident) => {
        impl Kept for $type {
            const KIND: Kind = Kind::$variant;

            fn of(content: Content) -> Option<Self> {
                match content {
                    Content::$variant(it) => Some(it),
                    _ => None,
                }
            }
        }
    };
}

kept!(Succession, Officers);
kept!(Timeline, Policy);
kept!(AnchorBundle, Anchors);
kept!(Emergency, Emergency);

/// Reads a document of this kind. Signatures and times are the caller's to check.
pub(super) fn read<T: Kept>(
    document: TrustDocument,
    crypto: &dyn CryptoProvider,
) -> Result<Accepted<T>, TrustError> {
    let found = document.header().kind;
    let Some(content) = T::of(document.content(crypto)?) else {
        return Err(TrustError::OtherKind {
            expected: T::KIND,
            found,
        });
    };
    let fingerprint = document.fingerprint(crypto);
    Ok(Accepted {
        document: Arc::new(document),
        fingerprint,
        content: Arc::new(content),
    })
}

impl<T> Clone for Accepted<T> {
    fn clone(&self) -> Self {
        Self {
            document: Arc::clone(&self.document),
            fingerprint: self.fingerprint,
            content: Arc::clone(&self.content),
        }
    }
}

impl<T> Accepted<T> {
    /// What the document says of itself.
    #[must_use]
    pub fn header(&self) -> &Header {
        self.document.header()
    }

    /// The digest of what its officers signed.
    #[must_use]
    pub const fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The content.
    #[must_use]
    pub fn content(&self) -> &T {
        &self.content
    }

    /// The content, to keep.
    #[must_use]
    pub fn shared(&self) -> Arc<T> {
        Arc::clone(&self.content)
    }

    /// The document as it was sent.
    #[must_use]
    pub fn document(&self) -> &TrustDocument {
        &self.document
    }

    /// Whether a newer document is overdue. What was accepted stays held; whether to go on with it is
    /// for the holder to decide and to report.
    #[must_use]
    pub fn is_expired(&self, now: UnixTime) -> bool {
        now > self.header().expires_at
    }
}

impl AcceptedDocument {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Officers(_) => Kind::Officers,
            Self::Policy(_) => Kind::Policy,
            Self::Anchors(_) => Kind::Anchors,
            Self::Emergency(_) => Kind::Emergency,
        }
    }

    /// What the document says of itself.
    #[must_use]
    pub fn header(&self) -> &Header {
        match self {
            Self::Officers(it) => it.header(),
            Self::Policy(it) => it.header(),
            Self::Anchors(it) => it.header(),
            Self::Emergency(it) => it.header(),
        }
    }
}
