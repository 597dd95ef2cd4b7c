//! Who caused a change of state.

use std::fmt;

/// Who caused a change of state, as the ledger names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor(String);

impl Actor {
    /// The authority itself: recovery, scheduled CRLs, roll-over.
    #[must_use]
    pub fn system() -> Self {
        Self("system".into())
    }

    /// A ceremony.
    #[must_use]
    pub fn ceremony() -> Self {
        Self("ceremony".into())
    }

    /// A person at the machine, known by the operating system's user number.
    #[must_use]
    pub fn local_user(uid: u32) -> Self {
        Self(format!("local/uid-{uid}"))
    }

    /// An edge responder, known by its token.
    #[must_use]
    pub fn responder(name: &str) -> Self {
        Self(format!("responder/{name}"))
    }

    /// The name in the ledger.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who asks for something, and how that is known. Made by authentication only.
///
/// Later enrolment protocols add their own ways; each names the requester in its own scope, so that
/// request keys of different requesters never meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requester {
    actor: Actor,
    authentication: Authentication,
}

/// How a requester is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authentication {
    /// A reviewed ceremony script.
    Ceremony,
    /// The operating system's access control of the data folder or its socket.
    LocalAccess,
    /// The authority acts by itself.
    System,
    /// The token of an edge responder.
    ResponderToken,
}

impl Requester {
    /// A person with access to the data folder or to its socket.
    #[must_use]
    pub fn local_user(uid: u32) -> Self {
        Self {
            actor: Actor::local_user(uid),
            authentication: Authentication::LocalAccess,
        }
    }

    /// The authority itself.
    #[must_use]
    pub fn system() -> Self {
        Self {
            actor: Actor::system(),
            authentication: Authentication::System,
        }
    }

    /// A ceremony.
    #[must_use]
    pub fn ceremony() -> Self {
        Self {
            actor: Actor::ceremony(),
            authentication: Authentication::Ceremony,
        }
    }

    /// An edge responder: its token was checked.
    pub(crate) fn responder(name: &str) -> Self {
        Self {
            actor: Actor::responder(name),
            authentication: Authentication::ResponderToken,
        }
    }

    /// Who it is.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// How that is known.
    #[must_use]
    pub const fn authentication(&self) -> Authentication {
        self.authentication
    }
}
