//! Devices that fail on purpose, in both ways: failed and not signed, signed and answer lost.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, ThreadId};
use std::time::Duration;

use kasane_verify::KeyAlgorithm;
use parking_lot::{Condvar, Mutex};

use super::fake_log::FakeLog;
use crate::device::CommandLog;
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
pub(crate) struct FakeDevice(pub(super) Arc<Core>);

pub(super) struct Core {
    pub(super) name: DeviceName,
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
    callers: Mutex<Vec<ThreadId>>,
    busy_opens: AtomicUsize,
    anonymous: AtomicBool,
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
            log: log_capacity.map(FakeLog::new),
            callers: Mutex::default(),
            busy_opens: AtomicUsize::new(0),
            anonymous: AtomicBool::new(false),
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

    /// The threads that asked it to sign, in their order.
    pub(crate) fn callers(&self) -> Vec<ThreadId> {
        self.0.callers.lock().clone()
    }

    /// From now on it does not say which device it is.
    pub(crate) fn give_no_identity(&self) {
        self.0.anonymous.store(true, Ordering::SeqCst);
    }

    /// So many times from now on it has no session to open a key in.
    pub(crate) fn be_busy_for_opens(&self, times: usize) {
        self.0.busy_opens.store(times, Ordering::SeqCst);
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
    pub(super) fn reach(&self) -> Result<(), Error> {
        if *self.plugged.lock() {
            Ok(())
        } else {
            Err(Error::Unreachable {
                backend: self.name.to_string(),
                reason: "unplugged".to_owned(),
            })
        }
    }

    pub(super) fn fail(&self, fault: Fault, label: &KeyLabel) -> Error {
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
        let fewer = |left: usize| left.checked_sub(1);
        let (busy, order) = (&self.0.busy_opens, Ordering::SeqCst);
        if busy.fetch_update(order, order, fewer).is_ok() {
            return Err(self.0.fail(Fault::Busy, label));
        }
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
        if self.0.anonymous.load(Ordering::SeqCst) {
            return Err(self.0.fail(Fault::Unreachable, &label()));
        }
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
        core.callers.lock().push(thread::current().id());
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
