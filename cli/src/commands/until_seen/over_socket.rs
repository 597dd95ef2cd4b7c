//! The roster by the word of the service that holds the folder.

use std::path::PathBuf;

use kasane_web::control::{EndpointList, Request, ResponderList, ResponderView, Response};
use kasane_web::visibility::{Edge, Roster, RosterSource};

use crate::client::{self, Unreachable};

/// Asks a service, whichever holds the folder when it is asked: it may have been started again. Never
/// takes the folder itself, which would keep a service from starting.
pub(super) struct OverSocket(pub(super) PathBuf);

impl OverSocket {
    fn ask(&self, request: &Request) -> Result<Response, String> {
        match client::send(&self.0, request) {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(problem)) | Err(Unreachable::Broken(problem)) => Err(problem.message),
            Err(Unreachable::NotThere) => Err("no service runs on this folder".to_owned()),
        }
    }
}

impl RosterSource for OverSocket {
    fn roster(&self) -> Result<Roster, String> {
        match self.ask(&Request::EndpointList(EndpointList {}))? {
            Response::StatusEndpoints(it) => Ok(it.roster),
            _ => Err(super::unexpected().message),
        }
    }

    fn edges(&self) -> Result<Vec<Edge>, String> {
        let edge = |it: ResponderView| Edge {
            name: it.name,
            url: it.url,
            heard: it.seen,
            entries: it.entries,
        };
        match self.ask(&Request::ResponderList(ResponderList {}))? {
            Response::Responders(it) => {
                let enrolled = it.responders.into_iter();
                let enrolled = enrolled.filter(|it| it.removed.is_none());
                Ok(enrolled.map(edge).collect())
            }
            _ => Err(super::unexpected().message),
        }
    }
}
