//! An authority after its ceremony, with its keys in a device that logs.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use kasane_ca_core::authority::{Authority, Devices, IssueOrder, Parts};
use kasane_ca_core::ceremony::{self, Script};
use kasane_ca_core::clock::{Clock, ManualClock};
use kasane_ca_core::device_log::DeviceLogSink;
use kasane_ca_core::fail_point::NoFailPoints;
use kasane_ca_core::folder::DataFolder;
use kasane_ca_core::key_quality::WeakKeys;
use kasane_ca_core::pause::Pause;
use kasane_ca_core::pipeline::Issued;
use kasane_ca_core::random::SystemRandom;
use kasane_ca_core::reconcile::{Context, ReconcileReport, from_ledger};
use kasane_ca_core::registration::{CheckDigit, FacilityCode};
use kasane_ca_core::{Actor, Error};
use kasane_hsm::{KeyBackend, KeyLabel};
use kasane_ledger_schema::{Entry, Event};
use kasane_verify::SignatureAlgorithm;
use kasane_verify::crypto::AwsLc;

use crate::common::{FACILITY, SCRIPT, copy, documents, now, p384, requester, terminal_order};
use crate::device::{Backend, Device, OURS};

/// Signs terminals' certificates.
pub(crate) const ISSUING: &str = "issuing-ecc-terminal";

/// Signs OCSP responses.
pub(crate) const OCSP: &str = "ocsp-issuing-ecc-terminal-1";

pub(crate) struct World {
    pub(crate) authority: Arc<Authority>,
    pub(crate) device: Arc<Device>,
    pub(crate) clock: Arc<ManualClock>,
    folder: DataFolder,
    path: tempfile::TempDir,
}

/// Tests need not wait.
struct NoPause;

impl Pause for NoPause {
    fn pause(&self, _duration: Duration) {}
}

struct Template {
    path: tempfile::TempDir,
    device: Arc<Device>,
}

fn parts(device: &Arc<Device>, clock: &Arc<ManualClock>, context: Context) -> Parts {
    let sink = Arc::new(DeviceLogSink::new());
    device.drain_to(Some(Arc::clone(&sink)));
    Parts {
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        random: Arc::new(SystemRandom),
        crypto: Arc::new(AwsLc),
        backend: Arc::new(Backend(Arc::clone(device))) as Arc<dyn KeyBackend>,
        fail_points: Arc::new(NoFailPoints),
        weak_keys: WeakKeys::built_in().unwrap(),
        devices: Devices {
            log_sink: Some(sink),
            pause: Arc::new(NoPause),
            context,
            ..Devices::default()
        },
    }
}

pub(crate) fn context() -> Context {
    Context {
        session_keys: BTreeSet::from([OURS]),
        logs_not_read: BTreeMap::new(),
    }
}

pub(crate) fn world() -> World {
    static TEMPLATE: OnceLock<Template> = OnceLock::new();
    let template = TEMPLATE.get_or_init(template);
    let path = tempfile::tempdir().unwrap();
    copy(template.path.path(), path.path());
    let clock = Arc::new(ManualClock::new(now()));
    World::start(path, template.device.copy(), clock, context())
}

fn template() -> Template {
    let path = tempfile::tempdir().unwrap();
    let folder = DataFolder::open_or_create(path.path()).unwrap();
    let clock = Arc::new(ManualClock::new(now()));
    let device = Device::new();
    let script = Script::from_toml(SCRIPT).unwrap();
    let parts = parts(&device, &clock, context());
    Authority::begin(&folder, &parts, &script.authority, &documents(SCRIPT)).unwrap();
    let (authority, _) = Authority::start(&folder, parts, &mut |_, _| {}).unwrap();
    ceremony::run(&authority, SCRIPT, &mut |_| {}).unwrap();
    let code = FacilityCode::parse(FACILITY, CheckDigit::Enforce).unwrap();
    authority
        .register_facility(&Actor::system(), &code, 2)
        .unwrap();
    stop(&authority, &folder);
    Template { path, device }
}

/// Stops as the service does.
fn stop(authority: &Authority, folder: &DataFolder) {
    let coming = u64::from(!authority.is_checkpointed());
    authority.note_last_signatures(coming).unwrap();
    authority.stop(folder).unwrap();
}

impl World {
    fn start(
        path: tempfile::TempDir,
        device: Arc<Device>,
        clock: Arc<ManualClock>,
        context: Context,
    ) -> Self {
        let folder = DataFolder::open(path.path()).unwrap();
        let parts = parts(&device, &clock, context);
        let (authority, _) = Authority::start(&folder, parts, &mut |_, _| {}).unwrap();
        Self {
            authority,
            device,
            clock,
            folder,
            path,
        }
    }

    /// The process is killed, and started again.
    pub(crate) fn crash(self) -> Self {
        self.crash_with(context())
    }

    /// The same, and other things are known of the devices afterwards.
    pub(crate) fn crash_with(self, context: Context) -> Self {
        let Self {
            authority,
            device,
            clock,
            folder,
            path,
        } = self;
        assert_eq!(Arc::strong_count(&authority), 1);
        drop((authority, folder));
        Self::start(path, device, clock, context)
    }

    /// Stops as the service does, and starts again.
    pub(crate) fn restart(self) -> Self {
        stop(&self.authority, &self.folder);
        self.crash()
    }

    pub(crate) fn issue(&self) -> Result<Issued, Error> {
        let order: IssueOrder = terminal_order("terminal-ecc", 1, &p384());
        self.authority.issue(&requester(), order)
    }

    pub(crate) fn answer_ocsp(&self) -> Result<(), kasane_ca_core::signing::SigningError> {
        let label = KeyLabel::new(OCSP).unwrap();
        let algorithm = SignatureAlgorithm::EcdsaSha384;
        self.authority
            .door()
            .sign_ocsp_response(&label, algorithm, b"response data")
            .map(|_| ())
    }

    /// Pages and entries of the device's log in the ledger.
    pub(crate) fn stored_log(&self) -> (usize, usize) {
        let pages: Vec<usize> = self
            .events()
            .iter()
            .filter_map(|event| match event {
                Event::DeviceLogDrained(body) => Some(body.entries.as_bytes().len() / 32),
                _ => None,
            })
            .collect();
        (pages.len(), pages.iter().sum())
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        let mut events = Vec::new();
        let mut read = |_, bytes: &[u8]| {
            events.push(Entry::from_bytes(bytes).unwrap().event);
            ControlFlow::Continue(())
        };
        self.authority.ledger().entries(0, &mut read).unwrap();
        events
    }

    /// Reconciles, and checks that an outside auditor finds the same in the ledger alone.
    pub(crate) fn reconcile(&self) -> ReconcileReport {
        let report = self.authority.reconcile().unwrap();
        let mut entries: Vec<Vec<u8>> = Vec::new();
        let mut read = |_, bytes: &[u8]| {
            entries.push(bytes.to_vec());
            ControlFlow::Continue(())
        };
        self.authority.ledger().entries(0, &mut read).unwrap();
        let outside = from_ledger(&entries, &context()).unwrap();
        assert_eq!(report, outside, "the auditor finds something else");
        for key in &report.keys {
            let signatures = key.device_signatures.unwrap_or(0);
            assert!(
                signatures <= key.attempts + key.unexplained_signatures,
                "{key:?}"
            );
        }
        report
    }

    /// The alarms, as kind and number in the device's log.
    pub(crate) fn alarms(&self) -> Vec<(String, Option<u16>)> {
        let alarms = self.reconcile().alarms;
        alarms
            .into_iter()
            .map(|alarm| {
                assert!(alarm.raised.is_some(), "{alarm:?}");
                (alarm.alarm, alarm.number)
            })
            .collect()
    }

    /// The alarms as the ledger has them.
    pub(crate) fn alarm_entries(&self) -> usize {
        self.events()
            .iter()
            .filter(|event| matches!(event, Event::DeviceAlarmRaised(_)))
            .count()
    }
}

/// The report's line of a key.
pub(crate) fn key<'a>(
    report: &'a ReconcileReport,
    label: &str,
) -> &'a kasane_ca_core::reconcile::KeyReport {
    report.keys.iter().find(|key| key.label == label).unwrap()
}
