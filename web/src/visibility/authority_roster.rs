//! The roster by the authority's own word.

use std::sync::Arc;

use kasane_ca_core::authority::RecordedSigner;
use kasane_ca_core::projection::responder::ResponderRow;
use kasane_ca_core::{Authority, Error};

use super::endpoint::with_enrolled;
use super::{Edge, Endpoint, Roster, RosterSource, Signer};
use crate::feed::Followers;

/// Asks an authority of this process.
#[derive(Clone)]
pub struct AuthorityRoster {
    /// Knows edges and signers.
    pub authority: Arc<Authority>,
    /// What edges said of themselves.
    pub followers: Followers,
    /// Who answers beside the edges.
    pub endpoints: Arc<[Endpoint]>,
}

impl RosterSource for AuthorityRoster {
    fn roster(&self) -> Result<Roster, String> {
        roster_of(&self.authority, &self.followers, &self.endpoints).map_err(told)
    }

    fn edges(&self) -> Result<Vec<Edge>, String> {
        edges(&self.authority, &self.followers).map_err(told)
    }
}

/// Who answers for status, and who may sign there.
///
/// # Errors
/// [`Error::Store`] or [`Error::Ledger`].
pub(crate) fn roster_of(
    authority: &Authority,
    followers: &Followers,
    endpoints: &[Endpoint],
) -> Result<Roster, Error> {
    let edges = edges(authority, followers)?;
    let signers = authority.recorded_signers()?;
    Ok(Roster {
        endpoints: with_enrolled(endpoints, &edges),
        edges,
        signers: signers.into_iter().map(signer).collect(),
    })
}

/// The edges that are enrolled and were not removed.
fn edges(authority: &Authority, followers: &Followers) -> Result<Vec<Edge>, Error> {
    let rows = authority.responders()?.into_iter();
    let edge = |row: ResponderRow| {
        let seen = followers.seen(&row.name);
        Edge {
            url: Endpoint::base(&row.url).to_owned(),
            heard: seen.map(|it| it.at),
            entries: seen.map(|it| it.entries),
            name: row.name,
        }
    };
    let enrolled = rows.filter(|row| row.removed.is_none());
    Ok(enrolled.map(edge).collect())
}

fn signer(it: RecordedSigner) -> Signer {
    Signer {
        issuer: it.issuer,
        responder: it.responder,
        serial: hex::encode(it.serial),
        spki_sha256: hex::encode(it.spki_sha256),
        revoked: it.revoked,
    }
}

fn told(error: Error) -> String {
    format!("{error} [{}]", error.code())
}
