//! The replica: its parts, and how it starts and stops.

use std::collections::BTreeMap;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use kasane_hsm::KeyBackend;
use kasane_ledger::checkpoint::CheckpointVerifier;
use kasane_ledger::disk::Disk;
use kasane_ledger::{Ledger, Options};
use kasane_verify::crypto::CryptoProvider;
use parking_lot::{Mutex, RwLock};

use super::held::{Held, HeldLimits};
use super::held_file::HeldFile;
use super::knowledge::{Found, Knowledge};
use super::order::Orders;
use super::{Contact, Enrolment, Feed};
use crate::Error;
use crate::clock::{Clock, SteadyClock};
use crate::folder::{DataFolder, FolderError};
use crate::issuer::Issuer;
use crate::pause::Pause;
use crate::projection::issuer::{self as issuer_table, IssuerRow};
use crate::projection::{ApplyError, ProjectionObserver, Spreader, StatusChanges, meta};
use crate::records::Records;
use crate::signing::SigningDoor;
use crate::store::Tables;
use crate::store_state::StoreState;

/// What an edge is made of, chosen by the composition root.
#[derive(Clone)]
pub struct FollowerParts {
    /// Time, as the machine is told it.
    pub clock: Arc<dyn Clock>,
    /// Time, as it passes.
    pub steady: Arc<dyn SteadyClock>,
    /// Waiting.
    pub pause: Arc<dyn Pause>,
    /// What verifies signatures.
    pub crypto: Arc<dyn CryptoProvider>,
    /// Where its signers' keys live.
    pub backend: Arc<dyn KeyBackend>,
    /// The way to the authority.
    pub feed: Arc<dyn Feed>,
    /// What the replica and what is held are written to.
    pub disk: Arc<dyn Disk>,
    /// How much is held in memory.
    pub held_limits: HeldLimits,
}

/// An edge: follows an authority's ledger and answers about status. Shared between threads by `Arc`.
pub struct Follower {
    pub(super) enrolment: Enrolment,
    pub(super) verifier: CheckpointVerifier,
    pub(super) ledger: Ledger,
    pub(super) tables: Arc<dyn Tables>,
    pub(super) door: SigningDoor,
    pub(super) parts: FollowerParts,
    pub(super) status_changes: Arc<StatusChanges>,
    pub(super) spreader: Spreader,
    pub(super) issuers: RwLock<BTreeMap<String, Arc<Issuer>>>,
    /// The rows that `issuers` was read from.
    pub(super) issuer_rows: Mutex<Vec<IssuerRow>>,
    pub(super) held: RwLock<Held>,
    /// Written by who takes pages.
    pub(super) held_file: Mutex<HeldFile>,
    pub(super) knowledge: Knowledge,
    pub(super) contact: RwLock<Contact>,
    /// Held while a page is taken.
    pub(super) stepping: Mutex<()>,
    pub(super) orders: Orders,
}

impl Follower {
    /// Makes the folder into an edge that has nothing yet.
    ///
    /// # Errors
    /// [`Error::Ledger`] when it is one already; [`Error::BadArgument`].
    pub fn create(folder: &DataFolder, enrolment: &Enrolment) -> Result<(), Error> {
        let verifier = enrolment.verifier()?;
        Ok(Ledger::create(
            &folder.ledger(),
            verifier.name(),
            Options::default(),
        )?)
    }

    /// Starts the edge in its folder: recovers the replica and brings the projection up to it.
    /// `progress` gets entries done and entries to do.
    ///
    /// # Errors
    /// The first thing that does not fit.
    pub fn start(
        folder: &DataFolder,
        enrolment: Enrolment,
        parts: FollowerParts,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Arc<Self>, Error> {
        Self::start_while(folder, enrolment, parts, &mut |done, total| {
            progress(done, total);
            ControlFlow::Continue(())
        })
    }

    /// The same as long as `go_on` says so, which is asked while the projection is brought up to the
    /// replica. When it does not, the next start goes on from there.
    ///
    /// # Errors
    /// [`kasane_ledger::Error::Interrupted`] when it was told to stop; else as [`start`](Self::start).
    pub fn start_while(
        folder: &DataFolder,
        enrolment: Enrolment,
        parts: FollowerParts,
        go_on: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
    ) -> Result<Arc<Self>, Error> {
        let verifier = enrolment.verifier()?;
        let options = Options {
            disk: Arc::clone(&parts.disk),
            ..Options::default()
        };
        let opened = Ledger::open(&folder.ledger(), options, Some(&verifier))?;
        let state = StoreState::of(folder);
        let mut tables = state.open()?;
        if meta::progress(&*tables)?.next_index > opened.size() {
            // The replica lost what no checkpoint covered and is given it again.
            tracing::warn!("the store knows more than the replica: it is rebuilt");
            drop(tables);
            state.remove()?;
            tables = state.open()?;
        }
        let observer = ProjectionObserver::new(Arc::clone(&tables))?;
        let (from, status_changes) = (observer.next_index(), observer.status_changes());
        let spreader = observer.spreader();
        let started = opened.start_while(Box::new(observer), from, go_on);
        if let Err(kasane_ledger::Error::Interrupted { .. }) = &started {
            state.keep_begun(&*tables);
        }
        let ledger = started?;
        let (path, entries) = (folder.path(), ledger.size());
        let disk = Arc::clone(&parts.disk);
        let (held, note) = (path.join("held"), path.join("knowledge"));
        let (mut held_file, kept) = HeldFile::open(disk, held.clone(), entries)
            .map_err(failed(&held, "reading what is held"))?;
        let found = Found {
            entries,
            is_held_whole: kept.damage.is_none(),
        };
        let knowledge =
            Knowledge::read(note.clone(), parts.steady.boot(), found).map_err(failed(
                &note,
                "removing the note of how current this edge is, which counts no more,",
            ))?;
        // Not before: killed in between, the next start finds the damage again.
        if let Some(reason) = &kept.damage {
            held_file.give_up(reason);
        }
        // As before the restart; the next checkpoint tells whether it is right.
        let held = Held::none(meta::progress(&*tables)?);
        let backend = Arc::clone(&parts.backend);
        let follower = Self {
            enrolment,
            verifier,
            ledger,
            tables,
            door: SigningDoor::new(backend, Arc::clone(&parts.crypto)),
            parts,
            status_changes,
            spreader,
            issuers: RwLock::default(),
            issuer_rows: Mutex::default(),
            held: RwLock::new(held),
            held_file: Mutex::new(held_file),
            knowledge,
            contact: RwLock::new(Contact::NotYet),
            stepping: Mutex::new(()),
            orders: Orders::default(),
        };
        follower.hold_again(kept.entries)?;
        follower.refresh_issuers()?;
        Ok(Arc::new(follower))
    }

    /// Brings a part of what acts revoked into the certificates' rows, some thousands; whether there may be
    /// more. It is answered for without this, only less quickly.
    ///
    /// # Errors
    /// [`ApplyError`].
    pub fn spread_some(&self) -> Result<bool, ApplyError> {
        self.spreader.some()
    }

    /// Stops cleanly. What is held stands in its file, and is read at the next start.
    ///
    /// # Errors
    /// [`Error::Ledger`] or [`Error::Store`]; the next start then recovers.
    pub fn stop(&self, folder: &DataFolder) -> Result<(), Error> {
        self.spreader.stop();
        self.knowledge.durable(self.ledger.size(), true);
        self.ledger.clone().close()?;
        self.tables.flush()?;
        Ok(StoreState::of(folder).mark_clean()?)
    }

    pub(super) fn records(&self) -> Records<'_> {
        Records {
            ledger: &self.ledger,
            tables: &*self.tables,
        }
    }

    /// Reads the issuers again when there are others.
    pub(super) fn refresh_issuers(&self) -> Result<(), Error> {
        let rows = issuer_table::all(&*self.tables)?;
        let mut known = self.issuer_rows.lock();
        if *known == rows {
            return Ok(());
        }
        let issuers = self.records().issuers()?;
        *self.issuers.write() = issuers;
        *known = rows;
        Ok(())
    }
}

fn failed(path: &Path, operation: &'static str) -> impl FnOnce(io::Error) -> FolderError {
    move |source| FolderError::Io {
        path: path.to_owned(),
        operation,
        source,
    }
}

impl std::fmt::Debug for Follower {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Follower({})", self.enrolment.name)
    }
}
