//! The pool's alarms, on their way to the ledger.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use kasane_ca_core::Authority;
use kasane_hsm::pool::{Alarm, AlarmHook, Pool};
use parking_lot::Mutex;

/// Alarms that wait for the ledger; beyond it they are in the log alone.
const MAX_WAITING: usize = 256;

/// How often and how long the thread tries again when the ledger takes no entry.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(500);

/// The thread that brings alarms into the ledger. It ends with this.
#[derive(Default)]
pub(super) struct Alarms(Mutex<Option<Running>>);

struct Running {
    hook: Arc<Hook>,
    thread: JoinHandle<()>,
}

/// Hands alarms over. It neither appends nor waits: the ledger may be waiting for a signature of the
/// very lane that tells.
struct Hook(Mutex<Option<SyncSender<Alarm>>>);

impl AlarmHook for Hook {
    fn alarm(&self, alarm: &Alarm) {
        let sent = self
            .0
            .lock()
            .as_ref()
            .map(|sender| sender.try_send(alarm.clone()));
        if let Some(Err(error)) = sent {
            tracing::error!(alarm = alarm.code(), device.name = %alarm.device(), %error, "the alarm does not reach the ledger");
        }
    }
}

impl Alarms {
    /// From here on what the pool tells goes to the ledger, what it told before included.
    pub(super) fn begin(&self, pool: &Arc<Pool>, authority: &Arc<Authority>) {
        self.end();
        let (sender, receiver) = sync_channel(MAX_WAITING);
        let hook = Arc::new(Hook(Mutex::new(Some(sender))));
        let (weak_pool, authority) = (Arc::downgrade(pool), Arc::downgrade(authority));
        let spawned = thread::Builder::new()
            .name("device alarms".to_owned())
            .spawn(move || serve(&receiver, &weak_pool, &authority));
        match spawned {
            Ok(thread) => {
                pool.set_alarm_hook(Arc::clone(&hook) as Arc<dyn AlarmHook>);
                *self.0.lock() = Some(Running { hook, thread });
            }
            Err(error) => {
                tracing::error!(%error, "alarms of devices reach the log alone: no thread");
            }
        }
    }

    /// Waits until everything that was told so far stands in the ledger; later alarms go to the log
    /// alone.
    pub(super) fn end(&self) {
        let Some(running) = self.0.lock().take() else {
            return;
        };
        running.hook.0.lock().take();
        if running.thread.join().is_err() {
            tracing::error!("the thread of the devices' alarms panicked");
        }
    }
}

impl Drop for Alarms {
    fn drop(&mut self) {
        self.end();
    }
}

fn serve(receiver: &Receiver<Alarm>, pool: &Weak<Pool>, authority: &Weak<Authority>) {
    while let Ok(alarm) = receiver.recv() {
        for tried in 1..=TRIES {
            let Some(authority) = authority.upgrade() else {
                return;
            };
            let Err(error) = authority.raise_device_alarm(&alarm, &serial_of(pool, &alarm)) else {
                break;
            };
            tracing::error!(alarm = alarm.code(), device.name = %alarm.device(), tried, %error, "the alarm could not be recorded");
            drop(authority);
            thread::sleep(PAUSE);
        }
    }
}

/// Empty if the device does not say it.
fn serial_of(pool: &Weak<Pool>, alarm: &Alarm) -> String {
    let identity = pool
        .upgrade()
        .and_then(|pool| pool.device(alarm.device())?.identity().ok());
    identity.map(|it| it.serial).unwrap_or_default()
}
