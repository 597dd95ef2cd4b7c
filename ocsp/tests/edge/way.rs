//! The way between an authority and its edges.

use std::sync::Arc;

use kasane_ca_core::authority::ResponderSignerOrder;
use kasane_ca_core::follower::{Ask, Feed, FeedError, Page, SignerRequest};
use kasane_ca_core::{Actor, Authority, Error};
use parking_lot::Mutex;

type Twist = Box<dyn FnMut(Page) -> Page + Send>;

/// The way to an authority in this process, with faults on request.
pub(crate) struct Way {
    pub(crate) authority: Mutex<Option<Arc<Authority>>>,
    pub(crate) twist: Mutex<Option<Twist>>,
    pub(crate) page_bytes: Mutex<usize>,
    name: String,
    token: Mutex<String>,
}

impl Way {
    pub(crate) fn new(authority: &Arc<Authority>, name: &str, token: &str) -> Self {
        Self {
            authority: Mutex::new(Some(Arc::clone(authority))),
            twist: Mutex::new(None),
            page_bytes: Mutex::new(1 << 20),
            name: name.to_owned(),
            token: Mutex::new(token.to_owned()),
        }
    }

    fn admitted(&self) -> Result<Arc<Authority>, FeedError> {
        let authority = self.authority.lock().clone();
        let authority = authority.ok_or_else(|| FeedError::Unreachable {
            reason: "it is gone".to_owned(),
        })?;
        let known = authority
            .responder_by_token(&self.name, &self.token.lock())
            .unwrap();
        match known {
            None => Err(FeedError::NotKnown),
            Some(row) if row.removed.is_some() => Err(FeedError::Removed),
            Some(_) => Ok(authority),
        }
    }

    /// To another authority, where the edge is known too, as a restored one would know its edges.
    pub(crate) fn lead_to(&self, authority: &Arc<Authority>) {
        let token = authority
            .enrol_responder(&Actor::system(), &self.name, "")
            .unwrap();
        self.use_token(&token);
        *self.authority.lock() = Some(Arc::clone(authority));
    }

    pub(crate) fn use_token(&self, token: &str) {
        *self.token.lock() = token.to_owned();
    }
}

impl Feed for Way {
    fn page(&self, ask: &Ask) -> Result<Page, FeedError> {
        let authority = self.admitted()?;
        let page = authority
            .feed_page(ask.from, ask.covered_only, *self.page_bytes.lock())
            .map_err(|error| match error {
                Error::Ledger(kasane_ledger::Error::NoSuchEntry { size, .. }) => {
                    FeedError::Behind { size }
                }
                other => panic!("{other}"),
            })?;
        // As it would travel.
        let page = Page::from_bytes(&page.to_bytes().unwrap()).unwrap();
        Ok(match &mut *self.twist.lock() {
            Some(twist) => twist(page),
            None => page,
        })
    }

    fn order_signer(&self, request: &SignerRequest) -> Result<Vec<u8>, FeedError> {
        let authority = self.admitted()?;
        let order = ResponderSignerOrder {
            issuer: &request.issuer,
            key_label: &request.key_label,
            window_seconds: request.window_seconds,
            request: &request.request,
        };
        let issued = authority
            .issue_responder_signer(&self.name, &order)
            .map_err(|error| FeedError::Refused {
                code: error.code().to_owned(),
                message: error.to_string(),
            })?;
        authority.checkpoint().unwrap();
        Ok(issued.der)
    }

    fn count_signatures(&self, counts: &[(String, u64)]) -> Result<(), FeedError> {
        let authority = self.admitted()?;
        authority
            .count_responder_signatures(&self.name, counts)
            .map_err(|error| FeedError::Refused {
                code: error.code().to_owned(),
                message: error.to_string(),
            })
    }
}
