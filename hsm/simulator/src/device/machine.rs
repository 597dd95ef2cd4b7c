//! The device's state, and how it begins.

use std::time::{Duration, Instant};

use super::Counters;
use crate::{
    Error,
    attestation::AttestationAuthority,
    channel::{AuthenticationKey, SessionTable},
    fault::Pace,
    key::AsymmetricKey,
    log::{AuditOption, AuditOptions, CAPACITY, LogEntry, LogStore},
    object::{Label, Material, ObjectInfo, ObjectKey, ObjectStore, Origin, StoredObject},
    options::{FIRST_SERIAL, Firmware, Options},
    protocol::{Algorithm, Capabilities, CommandCode, DeviceError, ObjectType},
    random,
    state::{Folder, JournalRecord, Snapshot},
};

/// The id of the authentication key that a reset leaves.
const INITIAL_KEY: u16 = 1;
/// Serial numbers that are drawn: so many from [`FIRST_SERIAL`] on.
const SERIALS: u32 = 200_000_000;

/// One simulated device. It executes one command at a time.
pub struct Device {
    pub(super) firmware: Firmware,
    pub(super) serial: u32,
    pub(super) objects: ObjectStore,
    pub(super) sessions: SessionTable,
    pub(super) log: LogStore,
    pub(super) audit: AuditOptions,
    pub(super) attestation: AttestationAuthority,
    pub(super) counters: Counters,
    pub(super) session_timeout: Duration,
    pub(super) pace: Pace,
    pub(super) started: Instant,
    pub(super) folder: Option<Folder>,
    /// Changes of the log that are not on disk yet.
    pub(super) unsaved: Vec<JournalRecord>,
    /// Whether anything but the log changed since the last snapshot.
    pub(super) changed: bool,
    /// The memory failed: nothing is executed any more.
    pub(super) broken: bool,
    /// The least time that the command in hand takes.
    pub(super) duration: Duration,
    initial_password: String,
}

impl Device {
    /// Begins, from what is in the state folder or anew, and logs the boot.
    ///
    /// # Errors
    /// The folder is taken or unreadable; no keys can be made.
    pub fn open(options: &Options) -> Result<Self, Error> {
        let mut folder = options.state.as_deref().map(Folder::open).transpose()?;
        let saved = folder.as_mut().map(Folder::load).transpose()?.flatten();
        let mut device = match saved {
            Some((snapshot, records)) => Self::restore(options, &snapshot, &records)?,
            None => Self::fresh(options)?,
        };
        device.folder = folder;
        device.boot();
        device.commit()?;
        if let Some(folder) = &device.folder {
            folder.save_root(&device.attestation.root_pem()?)?;
        }
        Ok(device)
    }

    fn fresh(options: &Options) -> Result<Self, Error> {
        let failed = |_| Error::Cryptography {
            what: "serial number",
        };
        let drawn = u32::from_be_bytes(random::array().map_err(failed)?) % SERIALS;
        let serial = options.serial.unwrap_or(FIRST_SERIAL + drawn);
        let firmware = options.firmware;
        let attestation = AttestationAuthority::generate(firmware, serial)?;
        let mut device = Self::with(options, firmware, serial, attestation)?;
        device.reset().map_err(|_| Error::Cryptography {
            what: "authentication key",
        })?;
        Ok(device)
    }

    fn restore(
        options: &Options,
        snapshot: &Snapshot,
        records: &[JournalRecord],
    ) -> Result<Self, Error> {
        let wrong = |reason: String| Error::State {
            path: options.state.clone().unwrap_or_default(),
            reason,
        };
        let attestation = AttestationAuthority::restore(&snapshot.attestation)
            .ok_or_else(|| wrong("the attestation key is damaged".into()))?;
        let [major, minor, patch] = snapshot.firmware;
        let firmware = Firmware(major, minor, patch);
        let mut device = Self::with(options, firmware, snapshot.serial, attestation)?;
        device.objects = snapshot.restore().map_err(wrong)?;
        device.audit = snapshot.audit.clone();
        device.log = snapshot.log.clone();
        for record in records {
            record.apply(&mut device.log);
        }
        Ok(device)
    }

    fn with(
        options: &Options,
        firmware: Firmware,
        serial: u32,
        attestation: AttestationAuthority,
    ) -> Result<Self, Error> {
        let seed = random::array().map_err(|_| Error::Cryptography { what: "log" })?;
        Ok(Self {
            firmware,
            serial,
            objects: ObjectStore::default(),
            sessions: SessionTable::default(),
            log: LogStore::initialised(&seed),
            audit: AuditOptions::initial(firmware.logs_by_default()),
            attestation,
            counters: Counters::default(),
            session_timeout: options.session_timeout,
            pace: options.pace,
            started: Instant::now(),
            folder: None,
            unsaved: Vec::new(),
            changed: false,
            broken: false,
            duration: Duration::ZERO,
            initial_password: options.initial_password.clone(),
        })
    }

    /// The state of delivery: one authentication key that may do everything, a log of one line.
    pub(super) fn reset(&mut self) -> Result<(), DeviceError> {
        let seed = random::array().map_err(|_| DeviceError::StorageFailed)?;
        self.objects = ObjectStore::default();
        self.sessions.clear();
        self.audit = AuditOptions::initial(self.firmware.logs_by_default());
        self.log = LogStore::initialised(&seed);
        self.unsaved.clear();
        self.changed = true;
        let info = ObjectInfo {
            key: ObjectKey {
                kind: ObjectType::AuthenticationKey,
                id: INITIAL_KEY,
            },
            algorithm: Algorithm::Aes128YubicoAuthentication,
            domains: u16::MAX,
            capabilities: Capabilities::ALL,
            delegated: Capabilities::ALL,
            sequence: 0,
            origin: Origin::IMPORTED,
            label: Label::from("DEFAULT AUTHKEY CHANGE THIS ASAP"),
        };
        let key = AuthenticationKey::from_password(self.initial_password.as_bytes());
        self.objects
            .insert(StoredObject::new(info, Material::AuthenticationKey(key)))?;
        Ok(())
    }

    /// Logs a boot and starts the clock anew.
    pub(super) fn boot(&mut self) {
        self.started = Instant::now();
        if self.log.is_full() && self.audit.force != AuditOption::Off {
            self.record(JournalRecord::UnloggedBoot);
        } else {
            self.write_line(LogEntry::boot());
        }
    }

    /// A line of the log.
    pub(super) fn write_line(&mut self, entry: LogEntry) {
        let entry = self.log.push(entry);
        self.unsaved.push(JournalRecord::Entry(entry));
    }

    /// Any other change of the log.
    pub(super) fn record(&mut self, record: JournalRecord) {
        record.apply(&mut self.log);
        self.unsaved.push(record);
    }

    /// Milliseconds since the boot.
    pub(super) fn tick(&self) -> u32 {
        u32::try_from(self.started.elapsed().as_millis()).unwrap_or(u32::MAX)
    }

    /// The serial number.
    #[must_use]
    pub const fn serial(&self) -> u32 {
        self.serial
    }

    /// The firmware.
    #[must_use]
    pub const fn firmware(&self) -> Firmware {
        self.firmware
    }

    /// The attestation root, DER.
    #[must_use]
    pub fn attestation_root(&self) -> &[u8] {
        &self.attestation.root
    }

    /// What was counted.
    #[must_use]
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Lines in the log, and sessions that are open.
    pub fn usage(&mut self) -> (usize, usize) {
        self.sessions.expire(Instant::now(), self.session_timeout);
        (self.log.len(), self.sessions.len())
    }

    /// The least time that the last command takes.
    #[must_use]
    pub const fn duration(&self) -> Duration {
        self.duration
    }

    /// Fault: forgets one session or all; how many there were.
    pub fn drop_sessions(&mut self, session: Option<u8>) -> usize {
        match session {
            None => self.sessions.clear(),
            Some(number) => usize::from(self.sessions.remove(number)),
        }
    }

    /// Fault: another time-out.
    pub const fn set_session_timeout(&mut self, timeout: Duration) {
        self.session_timeout = timeout;
    }

    /// Fault: another pace.
    pub const fn set_pace(&mut self, pace: Pace) {
        self.pace = pace;
    }

    /// Fault: lines until the log is full.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn fill_log(&mut self) -> Result<(), Error> {
        while self.log.len() < CAPACITY {
            self.write_line(LogEntry {
                command: CommandCode::BLINK_DEVICE.0,
                length: 1,
                session_key: u16::MAX,
                target_key: u16::MAX,
                second_key: u16::MAX,
                result: CommandCode::BLINK_DEVICE.response(),
                tick: self.tick(),
                ..LogEntry::boot()
            });
        }
        self.commit()
    }

    /// Every key signs with itself again.
    pub fn restore_keys(&mut self) {
        self.objects.drop_impostors();
    }

    /// Fault: an asymmetric key signs with another key from now on.
    ///
    /// # Errors
    /// [`DeviceError::ObjectNotFound`] and what key generation says.
    pub fn swap_key(&mut self, id: u16) -> Result<(), DeviceError> {
        let key = ObjectKey {
            kind: ObjectType::AsymmetricKey,
            id,
        };
        let object = self
            .objects
            .find_mut(key)
            .ok_or(DeviceError::ObjectNotFound)?;
        let impostor = AsymmetricKey::generate(object.info.algorithm)?;
        object.impostor = Some(impostor.into());
        Ok(())
    }
}
