//! How an authority begins, and how it starts again.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use kasane_hsm::{BackendKind, KeyBackend, KeyLabel};
use kasane_ledger::{Ledger, Options};
use kasane_verify::crypto::CryptoProvider;
use kasane_verify::policy::Timeline;
use parking_lot::{Mutex, RwLock};

use super::notary::Notary;
use super::room::Room;
use super::{Authority, Devices, Recovered, documents, recorded_configuration};
use crate::Error;
use crate::clock::Clock;
use crate::configuration::{Configuration, Mode};
use crate::fail_point::FailPoints;
use crate::folder::{DataFolder, FolderError};
use crate::key_quality::WeakKeys;
use crate::ledger_head::LedgerHead;
use crate::pipeline::InFlight;
use crate::private_log::SubjectKeys;
use crate::profile::Profiles;
use crate::projection::meta::GenesisRow;
use crate::projection::{ProjectionObserver, Spreader, meta};
use crate::random::RandomSource;
use crate::signing::{LedgerKey, SignatureNotes, SigningDoor, SigningError};
use crate::store::Tables;
use crate::store_state::StoreState;

/// The label of the ledger's own key.
pub const LEDGER_KEY_LABEL: &str = "ledger";

/// What an authority is made of, chosen by the composition root.
#[derive(Clone)]
pub struct Parts {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn RandomSource>,
    /// What verifies signatures.
    pub crypto: Arc<dyn CryptoProvider>,
    /// Where the keys live.
    pub backend: Arc<dyn KeyBackend>,
    /// Told of each step of the pipeline.
    pub fail_points: Arc<dyn FailPoints>,
    /// Keys known to be weak.
    pub weak_keys: WeakKeys,
    /// Logs, attestations and pauses of devices.
    pub devices: Devices,
}

/// How far a start is: entries applied and entries in all.
pub type Progress<'a> = dyn FnMut(u64, u64) + 'a;

/// The same, and whether to go on.
pub type GoOn<'a> = dyn FnMut(u64, u64) -> ControlFlow<()> + 'a;

impl Authority {
    /// Starts the authority in `folder`: recovers the ledger, brings the projection up to it,
    /// checks what is in force, and closes what a crash left open.
    ///
    /// # Errors
    /// The first thing that does not fit; then nothing runs.
    pub fn start(
        folder: &DataFolder,
        parts: Parts,
        progress: &mut Progress<'_>,
    ) -> Result<(Arc<Self>, Recovered), Error> {
        Self::start_while(folder, parts, &mut |done, total| {
            progress(done, total);
            ControlFlow::Continue(())
        })
    }

    /// The same as long as `go_on` says so, which is asked while the projection is brought up to the
    /// ledger. When it does not, nothing was appended, and the next start goes on from there.
    ///
    /// # Errors
    /// [`kasane_ledger::Error::Interrupted`] when it was told to stop; else as [`start`](Self::start).
    pub fn start_while(
        folder: &DataFolder,
        parts: Parts,
        go_on: &mut GoOn<'_>,
    ) -> Result<(Arc<Self>, Recovered), Error> {
        let door = Arc::new(SigningDoor::new(
            Arc::clone(&parts.backend),
            Arc::clone(&parts.crypto),
        ));
        let label = KeyLabel::new(LEDGER_KEY_LABEL).map_err(SigningError::from)?;
        let origin = Ledger::origin_of(&folder.ledger())?;
        let ledger_key = LedgerKey::open(Arc::clone(&door), label, &origin)?;
        let opened = Ledger::open(
            &folder.ledger(),
            Options::default(),
            Some(ledger_key.verifier()),
        )?;
        LedgerHead::of(folder).check(&opened, Some(ledger_key.verifier()))?;
        let tables = open_store(folder, opened.size())?;
        let observer = ProjectionObserver::new(Arc::clone(&tables))?;
        let (from, status_changes) = (observer.next_index(), observer.status_changes());
        let spreader = observer.spreader();
        let started = opened.start_while(Box::new(observer), from, go_on);
        if let Err(kasane_ledger::Error::Interrupted { .. }) = &started {
            StoreState::of(folder).keep_begun(&*tables);
        }
        let ledger = started?;
        let genesis = meta::genesis(&*tables)?.ok_or_else(|| FolderError::Empty {
            path: folder.path().to_owned(),
        })?;
        let mut authority = Self::assemble(
            folder,
            genesis,
            ledger,
            ledger_key,
            (tables, spreader),
            door,
            parts,
        )?;
        authority.status_changes = status_changes;
        authority.expect_recorded_keys()?;
        authority.check_attestations()?;
        authority.destroy_erased_keys()?;
        authority.reload_issuers()?;
        let recovered = authority.close_open_records()?;
        let authority = Arc::new(authority);
        if let Some(sink) = &authority.devices.log_sink {
            sink.attach(Arc::downgrade(&authority));
        }
        authority.raise_findings()?;
        Ok((authority, recovered))
    }

    /// From here on signatures are verified against the keys on record, devices that are quarantined
    /// on record are asked nothing, and notes of the door go to the ledger.
    fn expect_recorded_keys(&self) -> Result<(), Error> {
        let books = self.books()?;
        self.door.quarantine_recorded(&books.quarantined());
        for key in books.keys().filter(|key| !key.spki.is_empty()) {
            let label = KeyLabel::new(key.label.clone()).map_err(SigningError::from)?;
            self.door.expect(&label, &key.spki);
        }
        let notary = Arc::clone(&self.notary) as Arc<dyn SignatureNotes>;
        self.door.note_through(Arc::downgrade(&notary));
        Ok(())
    }

    fn assemble(
        folder: &DataFolder,
        genesis: GenesisRow,
        ledger: Ledger,
        ledger_key: LedgerKey,
        (tables, spreader): (Arc<dyn Tables>, Spreader),
        door: Arc<SigningDoor>,
        parts: Parts,
    ) -> Result<Self, Error> {
        let subject_keys = SubjectKeys::open(&folder.subject_keys())?;
        let text = |kind, name: &str| documents::text(&ledger, &*tables, kind, name);
        let config = recorded_configuration::read(&text(documents::CONFIGURATION, "authority")?)?;
        let configuration = Configuration::new(config)?;
        parts.devices.check_logs(&configuration)?;
        check_backend(&configuration, &*parts.backend)?;
        let real = Timeline::from_toml(&text(documents::TIMELINE, "timeline")?)?;
        let timeline = real.shifted(genesis.timeline_shift_days);
        let mut profiles = Vec::new();
        for (name, _) in crate::projection::document::of_kind(&*tables, documents::PROFILE)? {
            let profile = text(documents::PROFILE, &name)?;
            profiles.push((name, profile));
        }
        let sources: Vec<_> = profiles
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        let profiles = Profiles::load(sources)?;
        profiles.check(&timeline)?;
        let notary = Arc::new(Notary {
            ledger: ledger.clone(),
            tables: Arc::clone(&tables),
            clock: Arc::clone(&parts.clock),
            door: Arc::clone(&door),
        });
        Ok(Self {
            configuration,
            timeline,
            profiles,
            ledger,
            ledger_key,
            tables,
            door,
            crypto: parts.crypto,
            clock: parts.clock,
            random: parts.random,
            fail_points: parts.fail_points,
            weak_keys: parts.weak_keys,
            subject_keys,
            issuers: RwLock::new(BTreeMap::new()),
            in_flight: InFlight::default(),
            planned: RwLock::new(None),
            room: Room::of(folder),
            head: LedgerHead::of(folder),
            devices: parts.devices,
            notary,
            checkpointing: Mutex::new(()),
            device_logs: Mutex::new(()),
            ending: RwLock::new(()),
            raising: Mutex::new(()),
            reconciling: Mutex::new(()),
            revoking: RwLock::new(()),
            acting: Mutex::new(()),
            spreader,
            acting_since: Mutex::default(),
            stopped: RwLock::new(None),
            status_changes: Arc::default(),
        })
    }

    /// Stops cleanly: signs a last checkpoint unless the published one covers everything, hands the
    /// projection to the operating system, and marks both as clean.
    ///
    /// # Errors
    /// [`Error::Ledger`] or [`Error::Store`]; the next start then recovers.
    pub fn stop(&self, folder: &DataFolder) -> Result<(), Error> {
        self.stop_spreading();
        if !self.is_checkpointed() {
            self.checkpoint()?;
        }
        self.ledger.clone().close()?;
        self.tables.flush()?;
        Ok(StoreState::of(folder).mark_clean()?)
    }
}

/// Opens the projection, or an empty one on any doubt about it.
///
/// # Errors
/// [`Error::Store`], or [`Error::Stopped`] when the projection knows more than the ledger: entries
/// that were acknowledged are gone.
fn open_store(folder: &DataFolder, ledger_size: u64) -> Result<Arc<dyn Tables>, Error> {
    let state = StoreState::of(folder);
    let tables = state.open()?;
    let applied = meta::progress(&*tables)?.next_index;
    if applied > ledger_size {
        return Err(Error::Stopped {
            reason: format!(
                "the ledger has {ledger_size} entries, but the projection has seen {applied}: \
                 restore the newer ledger"
            ),
        });
    }
    Ok(tables)
}

pub(super) fn check_backend(
    configuration: &Configuration,
    backend: &dyn KeyBackend,
) -> Result<(), Error> {
    if configuration.mode() == Mode::Production && backend.kind() != BackendKind::Hardware {
        return Err(Error::Mode {
            mode: "production".into(),
            reason: format!(
                "{} is refused: keys must live in hardware",
                backend.describe()
            ),
        });
    }
    Ok(())
}

/// The backend's kind as the ledger names it.
pub(crate) const fn backend_name(kind: BackendKind) -> &'static str {
    match kind {
        BackendKind::Hardware => "hardware",
        BackendKind::Simulator => "simulator",
        BackendKind::Software => "software",
    }
}
