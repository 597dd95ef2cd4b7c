//! The keys that the ledger knows, without any key.

use kasane_ca_core::Error;
use kasane_ca_core::folder::{DataFolder, FolderError};
use kasane_ca_core::reconcile::Auditor;
use kasane_ledger::{Ledger, NoProjection, Options};
use kasane_web::control::{
    ExitClass, Problem, RecordedKey, RecordedKeyList, Request, Response, recorded_keys,
};

use crate::args::Global;
use crate::progress::Progress;
use crate::session::execute;

/// What the ledger knows, and who has it.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    /// None without an authority.
    pub(super) keys: Vec<RecordedKey>,
    /// By the service that holds the ledger.
    pub(super) by_service: bool,
}

/// From the ledger itself, or from the service that holds it; none without an authority.
pub(super) fn keys(global: &Global) -> Result<Recorded, Problem> {
    let folder = match DataFolder::open(&global.dir) {
        Ok(folder) => folder,
        Err(FolderError::Empty { .. }) => return Ok(Recorded::default()),
        Err(FolderError::InUse { .. }) => {
            let answer = execute(global, Request::RecordedKeyList(RecordedKeyList {}))?;
            let keys = match answer {
                Response::RecordedKeys(it) => it.keys,
                _ => Vec::new(),
            };
            return Ok(Recorded {
                keys,
                by_service: true,
            });
        }
        Err(error) => return Err(error.into()),
    };
    let opened = Ledger::open(&folder.ledger(), Options::default(), None).map_err(Error::from)?;
    let size = opened.size();
    let ledger = opened
        .start(Box::new(NoProjection), size, &mut |_, _| {})
        .map_err(Error::from)?;
    let progress = Progress::new("reading the ledger");
    let mut auditor = Auditor::new();
    for index in 0..size {
        let entry = ledger.entry(index).map_err(Error::from)?;
        auditor.read(&entry).map_err(|error| {
            Problem::new(ExitClass::Integrity, "ledger.entry", error.to_string())
        })?;
        progress.report(index, size);
    }
    Ok(Recorded {
        keys: recorded_keys(auditor.books()).keys,
        by_service: false,
    })
}
