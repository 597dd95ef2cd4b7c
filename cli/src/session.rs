//! A data folder held by this process, with its authority running; or the way to the service that
//! holds it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use kasane_ca_core::authority::Recovered;
use kasane_ca_core::configuration::Mode;
use kasane_ca_core::folder::{DataFolder, FolderError};
use kasane_ca_core::{Authority, Requester};
use kasane_crl::{Publisher, Schedule};
use kasane_hsm::config::Access;
use kasane_hsm::pool::Pool;
use kasane_web::control::{Context, ExitClass, Problem, Request, Response, dispatch};
use kasane_web::visibility::RevocationSettings;

use crate::args::Global;
use crate::client::{self, Unreachable};
use crate::composition::compose;
use crate::hardware::Hardware;
use crate::passphrase::WhenMissing;
use crate::starting::Watch;

/// What takes its time at a start.
pub(crate) const CATCHING_UP: &str = "bringing the store up to the ledger";

/// How often and how long a command waits for another one that holds the folder.
const WAIT_STEP: Duration = Duration::from_millis(100);
const WAIT_STEPS: u32 = 100;

/// A data folder held by this process, with its authority running.
pub(crate) struct Session {
    pub(crate) folder: DataFolder,
    pub(crate) authority: Arc<Authority>,
    pub(crate) recovered: Recovered,
    /// The devices, if keys are in devices. Last: what uses them ends before.
    pub(crate) hardware: Option<Hardware>,
}

impl Session {
    /// Starts the authority in a folder that this process holds, with its devices opened for
    /// `access`.
    pub(crate) fn start(
        global: &Global,
        folder: DataFolder,
        access: Access,
    ) -> Result<Self, Problem> {
        Self::start_watched(global, folder, access, Watch::of_command(CATCHING_UP))
    }

    /// The same, watched, and ended if the one who watches says so.
    pub(crate) fn start_watched(
        global: &Global,
        folder: DataFolder,
        access: Access,
        mut watch: Watch<'_>,
    ) -> Result<Self, Problem> {
        let composition = compose(global, &folder, access, WhenMissing::Refuse)?;
        watch.opens();
        let (authority, recovered) =
            Authority::start_while(&folder, composition.parts, &mut |done, total| {
                watch.go_on(done, total)
            })?;
        drop(watch);
        if authority.configuration().mode() == Mode::Demo {
            composition.fail_points.arm();
        }
        for (issuer, serial) in &recovered.certificates {
            tracing::warn!(
                issuer.name = issuer,
                certificate.serial = serial,
                "a record without outcome was closed as abandoned; its serial is revoked: review it"
            );
        }
        let session = Self {
            folder,
            authority,
            recovered,
            hardware: composition.hardware,
        };
        if let Some(hardware) = &session.hardware {
            hardware.keep_record(&session.authority);
        }
        Ok(session)
    }

    /// The pool of the devices, if keys are in devices.
    pub(crate) fn pool(&self) -> Option<Arc<Pool>> {
        self.hardware.as_ref().map(|it| Arc::clone(&it.pool))
    }

    /// What commands work with.
    pub(crate) fn context(&self) -> Context {
        let folder = self.folder.path();
        // No reason not to issue or revoke; whoever asks the responders is told by an empty list.
        let settings = RevocationSettings::load(folder).unwrap_or_else(|error| {
            tracing::warn!(%error, "no responder is known");
            RevocationSettings::default()
        });
        let context = Context::new(Arc::clone(&self.authority));
        self.with_devices(context.with_settings(folder.to_owned(), settings))
    }

    /// The same with what is known of the devices.
    pub(crate) fn with_devices(&self, context: Context) -> Context {
        match &self.hardware {
            None => context,
            Some(hardware) => context
                .with_pool(Some(Arc::clone(&hardware.pool)))
                .with_left_out(hardware.left_out.clone())
                .with_refused_credentials(hardware.refused_credentials.clone()),
        }
    }

    /// The same for a single command, which no service follows: what a crash left is put into the
    /// CRLs at once. A failure of that is told, not raised: the next sweep publishes it.
    pub(crate) fn start_for_command(
        global: &Global,
        folder: DataFolder,
        access: Access,
    ) -> Result<Self, Problem> {
        let session = Self::start(global, folder, access)?;
        if !session.recovered.certificates.is_empty() {
            match session.publish_recovered() {
                Ok(()) => tracing::warn!("the CRLs name what was closed as abandoned"),
                Err(error) => tracing::warn!(
                    code = error.code(), %error,
                    "not every CRL names what was closed as abandoned: run 'kasane crl publish'"
                ),
            }
        }
        Ok(session)
    }

    fn publish_recovered(&self) -> Result<(), kasane_ca_core::Error> {
        let authority = &self.authority;
        authority.spread_revocations()?;
        let publisher = Publisher::new(Arc::clone(authority), Schedule::default())?;
        let mut shards = BTreeSet::new();
        for (issuer, serial) in &self.recovered.certificates {
            // Hex of its own making.
            let serial = hex::decode(serial).unwrap_or_default();
            let shard = authority.issuer(issuer)?.shard_of(&serial);
            shards.insert((issuer.as_str(), shard));
        }
        for (issuer, shard) in shards {
            let sweep = publisher.revoked(issuer, shard, authority.now());
            if let Some(failed) = sweep.failed.into_iter().next() {
                return Err(failed.error);
            }
        }
        Ok(())
    }

    /// Stops cleanly. A failure is logged: nothing acknowledged is lost, the next start recovers.
    pub(crate) fn stop(self) {
        self.stop_and_keep();
    }

    /// The same, but the folder stays held.
    pub(crate) fn stop_and_keep(self) -> DataFolder {
        let stopped = self.note_and_stop();
        if let Err(error) = stopped {
            tracing::warn!(code = error.code(), %error, "stopping was not clean; the next start recovers");
        }
        self.folder
    }

    fn note_and_stop(&self) -> Result<(), kasane_ca_core::Error> {
        if let Some(pool) = self.pool() {
            for (device, drained) in pool.drain_now() {
                if let Err(error) = drained {
                    tracing::warn!(device.name = %device, code = error.code(), %error, "its log is drained at the next start");
                }
            }
        }
        if let Some(hardware) = &self.hardware {
            hardware.end_alarms();
        }
        // What is signed from here on is drained at the next start.
        let coming = u64::from(!self.authority.is_checkpointed());
        self.authority.note_last_signatures(coming)?;
        self.authority.stop(&self.folder)
    }
}

/// Carries out a command: in this process if the folder is free, else by the service that holds it.
pub(crate) fn execute(global: &Global, request: Request) -> Result<Response, Problem> {
    execute_after(global, request, || Ok(()))
}

/// The same; `first` is done before the authority is started, if that is in this process.
pub(crate) fn execute_after(
    global: &Global,
    request: Request,
    first: impl FnOnce() -> Result<(), Problem>,
) -> Result<Response, Problem> {
    match take_or_reach(&global.dir, &request)? {
        Reached::Folder(folder) => {
            first()?;
            locally(global, folder, request, Access::Signing)
        }
        Reached::Answer(answer) => *answer,
    }
}

/// Carries out a command that takes its time, and asks `question` meanwhile: `watch` gets the answers.
pub(crate) fn execute_watched(
    global: &Global,
    request: Request,
    question: &Request,
    watch: &mut dyn FnMut(Response),
) -> Result<Response, Problem> {
    let reached = take_or_send(&global.dir, &mut |socket| {
        while_at_work(
            || client::send(socket, &request),
            // Whether it can be asked is no matter: the command's own answer counts.
            &mut || client::send(socket, question).ok().and_then(Result::ok),
            watch,
        )
        .unwrap_or_else(|problem| Err(Unreachable::Broken(problem)))
    })?;
    let folder = match reached {
        Reached::Folder(folder) => folder,
        Reached::Answer(answer) => return *answer,
    };
    let session = Session::start_for_command(global, folder, Access::Signing)?;
    let context = session.context();
    let answer = while_at_work(
        || dispatch(&context, request, &requester()),
        &mut || dispatch(&context, question.clone(), &requester()).ok(),
        watch,
    );
    drop(context);
    session.stop();
    answer?
}

/// Works in a thread, and asks in this one until it is done.
fn while_at_work<T: std::marker::Send>(
    work: impl FnOnce() -> T + std::marker::Send,
    ask: &mut dyn FnMut() -> Option<Response>,
    watch: &mut dyn FnMut(Response),
) -> Result<T, Problem> {
    std::thread::scope(|scope| {
        let at_work = scope.spawn(work);
        while !at_work.is_finished() {
            std::thread::sleep(WAIT_STEP);
            if let Some(answer) = ask() {
                watch(answer);
            }
        }
        at_work
            .join()
            .map_err(|_| Problem::new(ExitClass::Internal, "internal", "the command panicked"))
    })
}

/// Carries out a command with the credential of ceremonies, in this process: a service has none.
pub(crate) fn execute_in_ceremony(global: &Global, request: Request) -> Result<Response, Problem> {
    locally(
        global,
        folder_of_ceremony(global)?,
        request,
        Access::Ceremony,
    )
}

/// The folder, for what a service may not do.
pub(crate) fn folder_of_ceremony(global: &Global) -> Result<DataFolder, Problem> {
    DataFolder::open(&global.dir).map_err(|error| match error {
        error @ FolderError::InUse { .. } => {
            let message = format!(
                "{error}. This needs the credential of ceremonies, which no service has: stop it first"
            );
            Problem::new(ExitClass::Conflict, "folder.in-use", message)
        }
        other => other.into(),
    })
}

/// Who the user at this terminal is.
pub(crate) fn requester() -> Requester {
    Requester::local_user(rustix::process::geteuid().as_raw())
}

fn locally(
    global: &Global,
    folder: DataFolder,
    request: Request,
    access: Access,
) -> Result<Response, Problem> {
    let session = Session::start_for_command(global, folder, access)?;
    let context = session.context();
    let answer = dispatch(&context, request, &requester());
    drop(context);
    session.stop();
    answer
}

enum Reached {
    Folder(DataFolder),
    Answer(Box<Result<Response, Problem>>),
}

/// Sends a command over a socket.
type Send<'a> = dyn FnMut(&Path) -> Result<Result<Response, Problem>, Unreachable> + 'a;

/// The folder, or the answer of the service that holds it. Another command may hold it for a moment.
fn take_or_reach(dir: &Path, request: &Request) -> Result<Reached, Problem> {
    take_or_send(dir, &mut |socket| client::send(socket, request))
}

/// The same with another way to send.
fn take_or_send(dir: &Path, send: &mut Send<'_>) -> Result<Reached, Problem> {
    let socket = DataFolder::socket(dir);
    for _ in 0..WAIT_STEPS {
        let in_use = match DataFolder::open(dir) {
            Ok(folder) => return Ok(Reached::Folder(folder)),
            Err(error @ FolderError::InUse { .. }) => error,
            Err(error) => return Err(error.into()),
        };
        match send(&socket) {
            Ok(answer) => return Ok(Reached::Answer(Box::new(answer))),
            Err(Unreachable::NotThere) => std::thread::sleep(WAIT_STEP),
            Err(Unreachable::Broken(problem)) => return Err(problem),
        }
        drop(in_use);
    }
    Err(FolderError::InUse {
        path: dir.to_owned(),
    }
    .into())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use kasane_web::control::MassRevocationView;

    use super::*;

    #[test]
    fn command_at_work_is_asked_how_far_it_is_and_its_answers_are_watched() {
        let (tell, told) = mpsc::channel();
        let view = |done| {
            Response::MassRevocation(MassRevocationView {
                step: Some("revoking".to_owned()),
                done,
                total: 2,
            })
        };
        let mut asked = 0;
        let mut watched = Vec::new();
        // The work ends when two answers were watched.
        let were_watched = while_at_work(
            move || (0..2).all(|_| told.recv_timeout(Duration::from_secs(60)).is_ok()),
            &mut || {
                asked += 1;
                Some(view(asked))
            },
            &mut |answer| {
                watched.push(answer);
                // Another one may come when the work has ended.
                let _ = tell.send(());
            },
        );
        assert!(were_watched.unwrap());
        assert_eq!(watched[..2], [view(1), view(2)]);
    }
}
