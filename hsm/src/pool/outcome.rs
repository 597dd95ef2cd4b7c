//! What follows from a command's end.

use std::sync::Arc;
use std::time::Duration;

use super::entry::{Entry, Slot};
use super::job::{Command, Job, Otherwise};
use super::state::State;
use super::ticket::Answer;
use super::{Alarm, QuarantineCause, SinkError};
use crate::{Disposition, Error};

/// How a command ended on a device.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Nobody waited for it any more, so the device was not asked.
    Abandoned,
    Answered(Answer),
    Failed {
        error: Error,
        /// The device had been asked to sign.
        asked: bool,
    },
    /// The device was found unfit before it was asked, and is marked so.
    PassedOn,
}

impl State {
    /// A worker is done with a command that it took up at `started`.
    pub(super) fn finish(
        &mut self,
        index: usize,
        job: Job,
        outcome: Outcome,
        started: Duration,
        now: Duration,
    ) {
        let entry = &mut self.entries[index];
        entry.running.retain(|it| it.number != job.number);
        let executed = !matches!(outcome, Outcome::Abandoned | Outcome::PassedOn);
        if executed && !matches!(job.command, Command::Drain) && entry.log.executed(now) {
            self.timers_changed = true;
        }
        match outcome {
            Outcome::Abandoned => {}
            Outcome::PassedOn => self.put_back(job),
            Outcome::Answered(answer) => self.succeeded(index, &job, answer, started, now),
            Outcome::Failed { error, asked } => {
                self.failed(index, job, error, asked, started, now);
            }
        }
    }

    fn put_back(&mut self, job: Job) {
        if self.closed {
            self.answer(job.ticket, Err(Self::shut_down()));
        } else if job.ticket.ask_again() {
            self.queue.put(job);
            self.left_service();
        }
    }

    fn succeeded(
        &mut self,
        index: usize,
        job: &Job,
        answer: Answer,
        started: Duration,
        now: Duration,
    ) {
        let (options, jitter, entry) = self.parts(index);
        match &answer {
            Answer::Drained(Ok(entries)) => {
                entry.health.succeeded(started);
                entry.log.was_read();
                entry.log.drained(*entries);
            }
            Answer::Drained(Err(SinkError { reason })) => {
                entry.log.was_read();
                entry.log.sink_failures += 1;
                entry.log.failed(now, options, jitter);
                let (device, reason) = (entry.name.clone(), reason.clone());
                let first = entry.log.failures() == 1;
                let full = entry.log.is_full() && entry.log.report_full();
                if first {
                    let device = device.clone();
                    self.alarm(Alarm::SinkFailed { device, reason });
                }
                if full {
                    self.alarm(Alarm::LogFull { device });
                }
                self.timers_changed = true;
            }
            Answer::Done if matches!(job.command, Command::Probe) => self.probed(index),
            Answer::Done => entry.health.succeeded(started),
            Answer::Signature(_) => entry.health.succeeded(started),
        }
        let signed = matches!(answer, Answer::Signature(_));
        let heard = self.answer(Arc::clone(&job.ticket), Ok(answer));
        if let Some(key) = job.key()
            && signed
        {
            let counters = &mut self.entries[index].counters[key];
            counters.served(
                started.saturating_sub(job.queued_at),
                now.saturating_sub(started),
            );
            if heard {
                counters.signatures += 1;
            } else {
                counters.late_signatures += 1;
            }
        }
    }

    fn probed(&mut self, index: usize) {
        let (options, _, entry) = self.parts(index);
        if !entry.health.probe_succeeded(options) {
            return;
        }
        for slot in &mut entry.slots {
            if matches!(slot, Slot::Absent { .. }) {
                *slot = Slot::Unopened;
            }
        }
        entry.log.look(options);
        let device = entry.name.clone();
        self.alarm(Alarm::BackInService { device });
    }

    fn failed(
        &mut self,
        index: usize,
        job: Job,
        error: Error,
        asked: bool,
        started: Duration,
        now: Duration,
    ) {
        let entry = &mut self.entries[index];
        entry.count_failure(job.key(), error.code());
        tracing::debug!(
            device.name = %entry.name,
            operation = job.command.operation(),
            error.code = error.code(),
            "{error}"
        );
        self.mark(index, &job, &error, started, now);
        let (options, jitter, entry) = self.parts(index);
        match job.command {
            Command::Probe => {
                // A device that says so lives: its log is drained next.
                if matches!(error, Error::LogFull { .. }) {
                    self.probed(index);
                } else {
                    entry.health.probe_failed(now, options, jitter);
                }
                self.timers_changed = true;
            }
            Command::Drain => {
                entry.log.failed(now, options, jitter);
                let unreadable = entry.log.report_unreadable();
                let full = entry.log.stands_still() && entry.log.report_full();
                let device = entry.name.clone();
                if unreadable {
                    let (device, reason) = (device.clone(), error.to_string());
                    self.alarm(Alarm::LogUnreadable { device, reason });
                }
                if full {
                    self.alarm(Alarm::LogFull { device });
                }
                self.timers_changed = true;
                self.answer(job.ticket, Err(error));
            }
            Command::Call { .. } | Command::Sign { .. } => {
                let certain = !(asked && error.was_attempted());
                let passes = match error {
                    Error::Busy { .. } => !self.may_go_elsewhere(index, &job, now),
                    Error::LogFull { .. } => true,
                    _ => job.only.is_none() && error.disposition() != Disposition::Stop,
                };
                if certain && passes {
                    self.put_back(job);
                } else {
                    self.answer(job.ticket, Err(error));
                }
            }
        }
    }

    /// A call that this device refuses for now, and that another one could answer now.
    fn may_go_elsewhere(&self, index: usize, job: &Job, now: Duration) -> bool {
        let elsewhere = matches!(
            job.command,
            Command::Call {
                otherwise: Otherwise::Elsewhere,
                ..
            }
        );
        let free = |(at, entry): (usize, &Entry)| at != index && entry.usable(now);
        elsewhere && self.entries.iter().enumerate().any(free)
    }

    /// What an error says about the device.
    fn mark(&mut self, index: usize, job: &Job, error: &Error, started: Duration, now: Duration) {
        self.timers_changed = true;
        let has_sink = self.has_sink;
        let (options, jitter, entry) = self.parts(index);
        match error {
            Error::WrongCredential { .. } | Error::WrongDevice { .. } => {
                self.disable(index, error.to_string());
            }
            // As a key that is not the recorded one.
            Error::KeyUnprotected { .. } => {
                self.quarantine(index, QuarantineCause::UnprotectedKey, error.to_string());
            }
            Error::KeyNotFound { .. } => {
                if let Some(key) = job.key() {
                    let until = now + options.key_recheck;
                    entry.slots[key] = Slot::Absent { until };
                    self.left_service();
                }
            }
            Error::LogFull { .. } if has_sink && entry.log.has_log() => entry.log.full(),
            Error::LogFull { .. } => {
                entry.health.refused(now, options, jitter);
                if entry.log.report_full() {
                    let device = entry.name.clone();
                    self.alarm(Alarm::LogFull { device });
                }
            }
            Error::Busy { .. } => entry.health.refused(now, options, jitter),
            // A short deadline says nothing about the device.
            Error::TimedOut {
                attempted: false, ..
            } if now.saturating_sub(started) < options.first_rest => {
                entry.health.refused(now, options, jitter);
            }
            Error::Device {
                disposition: Disposition::Retry | Disposition::OtherDevice,
                ..
            }
            | Error::AnswerLost { .. }
            | Error::TimedOut { .. }
            | Error::Unreachable { .. } => {
                let rests = entry.health.failed(started, now, options, jitter);
                if rests {
                    self.rests(index, error.to_string());
                }
            }
            _ => {}
        }
    }
}
