//! Devices that fail on purpose, in both ways: failed and not signed, signed and answer lost.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use kasane_verify::KeyAlgorithm;
use parking_lot::{Condvar, Mutex};

use crate::device::{CommandLog, LogEntry, LogPage};
use crate::{
    Attestation, BackendKind, Device, DeviceIdentity, DeviceName, Disposition, Error,
    InMemoryBackend, KeyBackend, KeyInfo, KeyLabel, KeyRole, SignRequest, Signature, SigningKey,
};

/// What a device does instead of signing properly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Busy,
    /// Signs other octets.
    Corrupt,
    KeyNotFound,
    /// Signed; nobody hears of it.
    LostSigned,
    LostUnsigned,
    NotPermitted,
    Panic,
    /// Fails after it may have signed, but did not.
    Refused,
    Unreachable,
    WrongCredential,
    WrongDevice,
}

#[derive(Clone)]
pub(crate) struct FakeDevice(Arc<Core>);

struct Core {
    name: DeviceName,
    lanes: NonZeroUsize,
    keys: Arc<InMemoryBackend>,
    script: Mutex<VecDeque<Fault>>,
    plugged: Mutex<bool>,
    shut: Mutex<bool>,
    opened_gate: Condvar,
    asked: Mutex<Vec<Vec<u8>>>,
    signed: Mutex<HashMap<Vec<u8>, usize>>,
    opens: AtomicUsize,
    probes: AtomicUsize,
    log: Option<FakeLog>,
}

/// A log of a few entries, with forced audit.
pub(crate) struct FakeLog {
    pub(crate) capacity: usize,
    entries: Mutex<(u16, Vec<LogEntry>)>,
    pub(crate) lose_acknowledgements: AtomicUsize,
    /// Reads that fail from now on.
    pub(crate) unreadable: AtomicUsize,
}

impl FakeDevice {
    pub(crate) fn new(name: &str, keys: &Arc<InMemoryBackend>) -> Self {
        Self::with(name, keys, 1, None)
    }

    pub(crate) fn with(
        name: &str,
        keys: &Arc<InMemoryBackend>,
        lanes: usize,
        log_capacity: Option<usize>,
    ) -> Self {
        Self(Arc::new(Core {
            name: DeviceName::new(name).unwrap(),
            lanes: NonZeroUsize::new(lanes).unwrap(),
            keys: Arc::clone(keys),
            script: Mutex::default(),
            plugged: Mutex::new(true),
            shut: Mutex::new(false),
            opened_gate: Condvar::new(),
            asked: Mutex::default(),
            signed: Mutex::default(),
            opens: AtomicUsize::new(0),
            probes: AtomicUsize::new(0),
            log: log_capacity.map(|capacity| FakeLog {
                capacity,
                entries: Mutex::default(),
                lose_acknowledgements: AtomicUsize::new(0),
                unreadable: AtomicUsize::new(0),
            }),
        }))
    }

    /// The next signatures go wrong like this, one after the other.
    pub(crate) fn script(&self, faults: impl IntoIterator<Item = Fault>) {
        self.0.script.lock().extend(faults);
    }

    pub(crate) fn plug(&self, plugged: bool) {
        *self.0.plugged.lock() = plugged;
    }

    /// While the gate is shut, signatures stand still inside the device.
    pub(crate) fn shut_gate(&self, shut: bool) {
        *self.0.shut.lock() = shut;
        self.0.opened_gate.notify_all();
    }

    /// Messages that it was asked to sign, in their order.
    pub(crate) fn asked(&self) -> Vec<Vec<u8>> {
        self.0.asked.lock().clone()
    }

    /// Signatures that it made over a message, whoever heard of them.
    pub(crate) fn signed(&self, message: &[u8]) -> usize {
        self.0.signed.lock().get(message).copied().unwrap_or(0)
    }

    pub(crate) fn opens(&self) -> usize {
        self.0.opens.load(Ordering::SeqCst)
    }

    pub(crate) fn probes(&self) -> usize {
        self.0.probes.load(Ordering::SeqCst)
    }

    pub(crate) fn log(&self) -> &FakeLog {
        self.0.log.as_ref().unwrap()
    }
}

impl Core {
    fn reach(&self) -> Result<(), Error> {
        if *self.plugged.lock() {
            Ok(())
        } else {
            Err(Error::Unreachable {
                backend: self.name.to_string(),
                reason: "unplugged".to_owned(),
            })
        }
    }

    fn fail(&self, fault: Fault, label: &KeyLabel) -> Error {
        let backend = self.name.to_string();
        let reason = "on purpose".to_owned();
        let operation = "sign";
        match fault {
            Fault::Busy => Error::Busy {
                backend,
                operation,
                reason,
            },
            Fault::KeyNotFound => Error::KeyNotFound {
                label: label.clone(),
                backend,
            },
            Fault::LostSigned | Fault::LostUnsigned | Fault::Corrupt => Error::AnswerLost {
                backend,
                operation,
                reason,
            },
            Fault::NotPermitted => Error::NotPermitted {
                backend,
                operation,
                reason,
            },
            Fault::Panic => panic!("on purpose"),
            Fault::Refused => Error::Device {
                backend,
                operation,
                reason,
                disposition: Disposition::OtherDevice,
            },
            Fault::Unreachable => Error::Unreachable { backend, reason },
            Fault::WrongCredential => Error::WrongCredential {
                backend,
                credential: "PIN".to_owned(),
                reason,
            },
            Fault::WrongDevice => Error::WrongDevice { backend, reason },
        }
    }
}

impl FakeLog {
    fn write(&self, backend: &DeviceName) -> Result<(), Error> {
        let mut entries = self.entries.lock();
        if entries.1.len() >= self.capacity {
            return Err(Error::LogFull {
                backend: backend.to_string(),
            });
        }
        entries.0 = entries.0.wrapping_add(1);
        let number = entries.0;
        entries.1.push(LogEntry {
            number,
            command: 0x56,
            length_bytes: 0,
            session_key: 1,
            target_key: 7,
            second_key: 0xffff,
            result: 0xd6,
            tick: 0,
            digest: [0; 16],
        });
        Ok(())
    }
}

impl CommandLog for FakeDevice {
    fn read(&self) -> Result<LogPage, Error> {
        self.0.reach()?;
        let unreadable = &self.log().unreadable;
        if unreadable.load(Ordering::SeqCst) > 0 {
            unreadable.fetch_sub(1, Ordering::SeqCst);
            return Err(Error::Device {
                backend: self.0.name.to_string(),
                operation: "read log",
                reason: "an entry of an unknown command".to_owned(),
                disposition: Disposition::Stop,
            });
        }
        Ok(LogPage {
            entries: self.log().entries.lock().1.clone(),
            ..LogPage::default()
        })
    }

    fn acknowledge(&self, number: u16) -> Result<(), Error> {
        self.0.reach()?;
        let lost = &self.log().lose_acknowledgements;
        if lost.load(Ordering::SeqCst) > 0 {
            lost.fetch_sub(1, Ordering::SeqCst);
            return Err(self.0.fail(Fault::LostUnsigned, &label()));
        }
        let mut entries = self.log().entries.lock();
        entries.1.retain(|entry| entry.number > number);
        Ok(())
    }

    fn label_of(&self, target_key: u16) -> Result<Option<KeyLabel>, Error> {
        Ok((target_key == 7).then(label))
    }
}

impl KeyBackend for FakeDevice {
    fn kind(&self) -> BackendKind {
        BackendKind::Simulator
    }

    fn describe(&self) -> String {
        format!("fake {}", self.0.name)
    }

    fn generate(
        &self,
        label: &KeyLabel,
        role: KeyRole,
        algorithm: KeyAlgorithm,
    ) -> Result<KeyInfo, Error> {
        self.0.reach()?;
        self.0.keys.generate(label, role, algorithm)
    }

    fn keys(&self) -> Result<Vec<KeyInfo>, Error> {
        self.0.reach()?;
        self.0.keys.keys()
    }

    fn open(&self, label: &KeyLabel, role: KeyRole) -> Result<Arc<dyn SigningKey>, Error> {
        self.0.reach()?;
        self.0.opens.fetch_add(1, Ordering::SeqCst);
        Ok(Arc::new(FakeKey {
            core: Arc::clone(&self.0),
            key: self.0.keys.open(label, role)?,
        }))
    }

    fn attestation(&self, label: &KeyLabel) -> Result<Option<Attestation>, Error> {
        self.0.reach()?;
        self.0.keys.attestation(label)
    }
}

impl Device for FakeDevice {
    fn name(&self) -> &DeviceName {
        &self.0.name
    }

    fn identity(&self) -> Result<DeviceIdentity, Error> {
        Ok(DeviceIdentity {
            manufacturer: "none".to_owned(),
            model: "fake".to_owned(),
            serial: self.0.name.to_string(),
            firmware: "1".to_owned(),
        })
    }

    fn lanes(&self) -> NonZeroUsize {
        self.0.lanes
    }

    fn probe(&self) -> Result<(), Error> {
        self.0.probes.fetch_add(1, Ordering::SeqCst);
        self.0.reach()
    }

    fn command_log(&self) -> Option<&dyn CommandLog> {
        self.0.log.as_ref().map(|_| self as &dyn CommandLog)
    }

    fn key_id(&self, label: &KeyLabel) -> Result<Vec<u8>, Error> {
        let keys = self.keys()?;
        match keys.iter().any(|info| info.label == *label) {
            true => Ok(vec![7]),
            false => Err(self.0.fail(Fault::KeyNotFound, label)),
        }
    }
}

struct FakeKey {
    core: Arc<Core>,
    key: Arc<dyn SigningKey>,
}

impl SigningKey for FakeKey {
    fn info(&self) -> &KeyInfo {
        self.key.info()
    }

    fn sign(&self, request: &SignRequest<'_>) -> Result<Signature, Error> {
        let core = &self.core;
        core.reach()?;
        if let Some(log) = &core.log {
            log.write(&core.name)?;
        }
        core.asked.lock().push(request.message.to_vec());
        {
            let mut shut = core.shut.lock();
            while *shut {
                core.opened_gate.wait(&mut shut);
            }
        }
        let fault = core.script.lock().pop_front();
        let sign = || {
            *core
                .signed
                .lock()
                .entry(request.message.to_vec())
                .or_insert(0) += 1;
            self.key.sign(&SignRequest {
                deadline: Duration::MAX,
                ..*request
            })
        };
        match fault {
            None => sign(),
            Some(Fault::Corrupt) => {
                let mut signature = sign()?;
                let last = signature.octets.len() - 1;
                signature.octets[last] ^= 1;
                Ok(signature)
            }
            Some(Fault::LostSigned) => {
                sign()?;
                Err(core.fail(Fault::LostSigned, &self.info().label))
            }
            Some(fault) => Err(core.fail(fault, &self.info().label)),
        }
    }
}

/// The label of the key that most tests use.
pub(crate) fn label() -> KeyLabel {
    KeyLabel::new("issuing").unwrap()
}

impl fmt::Debug for FakeDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FakeDevice({})", self.0.name)
    }
}

impl fmt::Debug for FakeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FakeKey({})", self.core.name)
    }
}
