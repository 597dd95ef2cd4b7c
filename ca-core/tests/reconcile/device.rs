//! A device that keeps a real chained log over keys in memory, and misbehaves when told.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use kasane_ca_core::device_log::DeviceLogSink;
use kasane_hsm::device::{LogEntry, LogPage};
use kasane_hsm::{
    Attestation, BackendKind, DeviceName, Disposition, Error, InMemoryBackend, KeyBackend, KeyInfo,
    KeyLabel, KeyRole, SignRequest, Signature, SigningKey,
};
use kasane_verify::{KeyAlgorithm, SignatureAlgorithm};
use parking_lot::Mutex;
use sha2::{Digest, Sha256};

/// The authentication key in whose session the authority signs.
pub(crate) const OURS: u16 = 2;

/// As many entries as a YubiHSM 2 keeps.
const LOG_ENTRIES: usize = 62;

/// Commands after which the log is drained, before the next one.
const DRAIN_AFTER: usize = 24;

/// What happens to the next signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Signed and logged; the answer is lost.
    AnswerLost,
    /// The command never arrived; nobody can tell.
    CommandLost,
    /// The device refuses, and logs that it did.
    Refused,
    /// The device is busy: not asked.
    Busy,
    /// Another key signs under the right label.
    WrongKey,
    /// Signed, but the device does not log it: the key is somewhere else too.
    NotLogged,
}

/// One device.
#[derive(Debug)]
pub(crate) struct Device {
    keys: Arc<InMemoryBackend>,
    wrong: Arc<InMemoryBackend>,
    state: Mutex<State>,
    sink: Mutex<Option<Arc<DeviceLogSink>>>,
    faults: Mutex<VecDeque<Fault>>,
    /// Labels under which another key is now.
    swapped: Mutex<BTreeSet<String>>,
    /// One command at a time, drains included.
    lane: Mutex<()>,
}

#[derive(Clone, Debug)]
pub(crate) struct State {
    ids: BTreeMap<String, u16>,
    /// Not acknowledged yet.
    pub(crate) entries: Vec<LogEntry>,
    pub(crate) last: LogEntry,
    pub(crate) unlogged_boots: u16,
}

/// What the authority holds.
#[derive(Clone, Debug)]
pub(crate) struct Backend(pub(crate) Arc<Device>);

#[derive(Debug)]
struct LoggedKey {
    device: Arc<Device>,
    key: Arc<dyn SigningKey>,
}

impl Device {
    /// A new device: its log begins with the entry of its first start.
    pub(crate) fn new() -> Arc<Self> {
        let first = LogEntry {
            number: 1,
            command: 0xff,
            length_bytes: u16::MAX,
            session_key: u16::MAX,
            target_key: u16::MAX,
            second_key: u16::MAX,
            result: 0xff,
            tick: u32::MAX,
            digest: [0; 16],
        };
        let state = State {
            ids: BTreeMap::new(),
            entries: vec![first],
            last: first,
            unlogged_boots: 0,
        };
        Self::with(Arc::default(), state)
    }

    /// The same keys, and the log as it is now.
    pub(crate) fn copy(&self) -> Arc<Self> {
        Self::with(Arc::clone(&self.keys), self.state.lock().clone())
    }

    fn with(keys: Arc<InMemoryBackend>, state: State) -> Arc<Self> {
        Arc::new(Self {
            keys,
            wrong: Arc::default(),
            state: Mutex::new(state),
            sink: Mutex::new(None),
            faults: Mutex::default(),
            swapped: Mutex::default(),
            lane: Mutex::default(),
        })
    }

    pub(crate) fn name() -> DeviceName {
        DeviceName::new("hsm-a").unwrap()
    }

    pub(crate) const SERIAL: &str = "7654321";

    pub(crate) fn drain_to(&self, sink: Option<Arc<DeviceLogSink>>) {
        *self.sink.lock() = sink;
    }

    pub(crate) fn fail_next(&self, faults: impl IntoIterator<Item = Fault>) {
        self.faults.lock().extend(faults);
    }

    /// From the next start on another key is under that label.
    pub(crate) fn swap(&self, label: &str) {
        let label = KeyLabel::new(label).unwrap();
        let info = self.keys.keys().unwrap();
        let info = info.iter().find(|info| info.label == label).unwrap();
        self.wrong
            .generate(&label, info.role, info.algorithm)
            .unwrap();
        self.swapped.lock().insert(label.to_string());
    }

    pub(crate) fn faults_left(&self) -> usize {
        self.faults.lock().len()
    }

    /// Changes the log behind everybody's back.
    pub(crate) fn meddle<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock())
    }

    pub(crate) fn id(&self, label: &str) -> u16 {
        self.state.lock().ids.get(label).copied().unwrap_or(0x7777)
    }

    /// A command that nobody of the authority gave. Its number.
    pub(crate) fn rogue(&self, command: u8, target: u16, session: u16) -> u16 {
        self.state.lock().log(command, target, session, true)
    }

    fn page(&self) -> (LogPage, Vec<(u16, KeyLabel)>) {
        let state = self.state.lock();
        let page = LogPage {
            unlogged_boots: state.unlogged_boots,
            unlogged_authentications: 0,
            entries: state.entries.clone(),
        };
        let labels = state
            .ids
            .iter()
            .map(|(label, id)| (*id, KeyLabel::new(label.clone()).unwrap()))
            .collect();
        (page, labels)
    }

    /// Reads the log into the sink, and acknowledges it unless told that the process dies first.
    pub(crate) fn drain(&self, acknowledge: bool) -> Result<(), Error> {
        let _lane = self.lane.lock();
        self.drain_in_lane(acknowledge)
    }

    fn drain_in_lane(&self, acknowledge: bool) -> Result<(), Error> {
        let failed = |reason: String| Error::Device {
            backend: "hsm-a".into(),
            operation: "drain",
            reason,
            disposition: Disposition::Retry,
        };
        let sink = self.sink.lock().clone();
        let sink = sink.ok_or_else(|| failed("no sink".into()))?;
        let (page, labels) = self.page();
        sink.store_page(&Self::name(), Self::SERIAL, &page, &labels)
            .map_err(|error| failed(error.to_string()))?;
        if acknowledge {
            let stored = page.entries.len();
            self.state.lock().entries.drain(..stored);
        }
        Ok(())
    }

    /// Forced audit, and the pool's habit to drain in good time.
    fn make_room(&self) -> Result<(), Error> {
        if self.state.lock().entries.len() >= DRAIN_AFTER && self.sink.lock().is_some() {
            // What cannot be drained now is drained later, as long as there is room.
            let _later = self.drain_in_lane(true);
        }
        if self.state.lock().entries.len() >= LOG_ENTRIES {
            return Err(Error::LogFull {
                backend: "hsm-a".into(),
            });
        }
        Ok(())
    }
}

impl State {
    pub(crate) fn log(&mut self, command: u8, target: u16, session: u16, done: bool) -> u16 {
        let mut entry = LogEntry {
            number: self.last.number.wrapping_add(1),
            command,
            length_bytes: 50,
            session_key: session,
            target_key: target,
            second_key: u16::MAX,
            result: if done { command | 0x80 } else { 0x7f },
            tick: 1,
            digest: [0; 16],
        };
        let mut hash = Sha256::new();
        hash.update(&entry.to_bytes()[..16]);
        hash.update(self.last.digest);
        entry.digest.copy_from_slice(&hash.finalize()[..16]);
        self.entries.push(entry);
        self.last = entry;
        entry.number
    }
}

impl KeyBackend for Backend {
    fn kind(&self) -> BackendKind {
        BackendKind::Simulator
    }

    fn describe(&self) -> String {
        "a device with a log".into()
    }

    fn generate(
        &self,
        label: &KeyLabel,
        role: KeyRole,
        algorithm: KeyAlgorithm,
    ) -> Result<KeyInfo, Error> {
        let _lane = self.0.lane.lock();
        self.0.make_room()?;
        let info = self.0.keys.generate(label, role, algorithm)?;
        let mut state = self.0.state.lock();
        let id = 0x100 + u16::try_from(state.ids.len()).unwrap();
        state.ids.insert(label.to_string(), id);
        state.log(0x46, id, OURS, true);
        Ok(info)
    }

    fn keys(&self) -> Result<Vec<KeyInfo>, Error> {
        self.0.keys.keys()
    }

    fn open(&self, label: &KeyLabel, role: KeyRole) -> Result<Arc<dyn SigningKey>, Error> {
        let keys = match self.0.swapped.lock().contains(label.as_str()) {
            true => &self.0.wrong,
            false => &self.0.keys,
        };
        Ok(Arc::new(LoggedKey {
            device: Arc::clone(&self.0),
            key: keys.open(label, role)?,
        }))
    }

    fn attestation(&self, label: &KeyLabel) -> Result<Option<Attestation>, Error> {
        self.0.keys.attestation(label)
    }

    fn keeps_command_log(&self) -> bool {
        true
    }

    fn drain_command_logs(&self) -> Result<(), Error> {
        self.0.drain(true)
    }
}

impl SigningKey for LoggedKey {
    fn info(&self) -> &KeyInfo {
        self.key.info()
    }

    fn sign(&self, request: &SignRequest<'_>) -> Result<Signature, Error> {
        let device = &self.device;
        let _lane = device.lane.lock();
        device.make_room()?;
        let fault = device.faults.lock().pop_front();
        let code = match request.algorithm {
            SignatureAlgorithm::Ed25519 => 0x6a,
            SignatureAlgorithm::EcdsaSha256 | SignatureAlgorithm::EcdsaSha384 => 0x56,
            _ => 0x47,
        };
        let label = &self.info().label;
        let id = device.id(label.as_str());
        let log = |done| device.state.lock().log(code, id, OURS, done);
        let lost = || Error::AnswerLost {
            backend: "hsm-a".into(),
            operation: "sign",
            reason: "connection closed".into(),
        };
        let signed = |key: &dyn SigningKey| {
            key.sign(request).map(|signature| Signature {
                device: Device::name(),
                ..signature
            })
        };
        match fault {
            None => {
                log(true);
                signed(&*self.key)
            }
            Some(Fault::NotLogged) => signed(&*self.key),
            Some(Fault::AnswerLost) => {
                log(true);
                Err(lost())
            }
            Some(Fault::CommandLost) => Err(lost()),
            Some(Fault::Refused) => {
                log(false);
                Err(Error::Device {
                    backend: "hsm-a".into(),
                    operation: "sign",
                    reason: "storage failed".into(),
                    disposition: Disposition::Retry,
                })
            }
            Some(Fault::Busy) => Err(Error::Busy {
                backend: "hsm-a".into(),
                operation: "sign",
                reason: "no session free".into(),
            }),
            Some(Fault::WrongKey) => {
                log(true);
                let (role, algorithm) = (self.info().role, self.info().algorithm);
                if device.wrong.open(label, role).is_err() {
                    device.wrong.generate(label, role, algorithm)?;
                }
                signed(&*device.wrong.open(label, role)?)
            }
        }
    }
}
