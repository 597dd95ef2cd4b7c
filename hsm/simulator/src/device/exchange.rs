//! One message in, one message out.

use std::time::{Duration, Instant};

use super::{Device, authorization::Grant, dispatch::Touched};
use crate::{
    channel::{Progress, SecureChannel, Session},
    log::{AuditOption, LogEntry},
    object::{ObjectInfo, ObjectKey},
    protocol::{CommandCode, DeviceError, Frame, ObjectType, Reader},
    random,
    state::JournalRecord,
};

impl Device {
    /// Executes a message and gives the answer; changes are on disk.
    pub fn process(&mut self, message: &[u8]) -> Vec<u8> {
        self.duration = Duration::ZERO;
        let answer = self.answer(message, None);
        self.finish(answer)
    }

    /// Does not execute a message but answers an error, inside of the channel if it came through
    /// it and the error is not the channel's own, which ends the session.
    pub fn refuse(&mut self, message: &[u8], error: DeviceError) -> Vec<u8> {
        self.duration = Duration::ZERO;
        let answer = self.answer(message, Some(error));
        self.finish(answer)
    }

    /// The command of a message, inside of the channel if it comes through it. Changes nothing.
    pub fn peek(&mut self, message: &[u8]) -> CommandCode {
        let Ok(frame) = Frame::parse(message) else {
            return CommandCode(0);
        };
        self.peek_inside(&frame).unwrap_or(CommandCode(frame.code))
    }

    fn peek_inside(&mut self, frame: &Frame) -> Option<CommandCode> {
        if frame.code != CommandCode::SESSION_MESSAGE.0 {
            return None;
        }
        let session = self.sessions.find(*frame.data.first()?).ok()?;
        let plain = session.channel.clone().open(&frame.data).ok()?;
        plain.first().map(|code| CommandCode(*code))
    }

    fn finish(&mut self, answer: Result<Frame, DeviceError>) -> Vec<u8> {
        let answer = match self.commit() {
            Ok(()) => answer,
            Err(_) => Err(DeviceError::StorageFailed),
        };
        answer
            .unwrap_or_else(|error| {
                self.counters.count_error(error.code());
                Frame::error(error)
            })
            .encode()
    }

    fn answer(
        &mut self,
        message: &[u8],
        refuse: Option<DeviceError>,
    ) -> Result<Frame, DeviceError> {
        if self.broken {
            return Err(DeviceError::StorageFailed);
        }
        if message.len() > self.firmware.message_limit() {
            return Err(DeviceError::WrongLength);
        }
        let frame = Frame::parse(message)?;
        self.sessions.expire(Instant::now(), self.session_timeout);
        let command = CommandCode(frame.code);
        if command == CommandCode::SESSION_MESSAGE {
            return self.session_message(&frame.data, refuse);
        }
        if let Some(error) = refuse {
            return Err(error);
        }
        let data = match command {
            CommandCode::ECHO => frame.data,
            CommandCode::DEVICE_INFO => self.device_info(&frame.data)?,
            CommandCode::CREATE_SESSION => self.create_session(&frame.data)?,
            CommandCode::AUTHENTICATE_SESSION => self.authenticate_session(&frame.data)?,
            _ => return Err(DeviceError::InvalidCommand),
        };
        self.counters.count(command.0);
        Ok(Frame::success(command, data))
    }

    /// `key (2) | host challenge (8)`; answers `session (1) | challenge (8) | cryptogram (8)`.
    fn create_session(&mut self, data: &[u8]) -> Result<Vec<u8>, DeviceError> {
        let mut reader = Reader::new(data);
        let id = reader.short()?;
        let challenge = reader.array()?;
        reader.end()?;
        let created = self.new_session(id, challenge);
        self.log_session(
            CommandCode::CREATE_SESSION,
            data,
            id,
            created.as_ref().err(),
        );
        created
    }

    fn new_session(&mut self, id: u16, challenge: [u8; 8]) -> Result<Vec<u8>, DeviceError> {
        let key = ObjectKey {
            kind: ObjectType::AuthenticationKey,
            id,
        };
        let object = self.objects.find(key).ok_or(DeviceError::ObjectNotFound)?;
        if !self.sessions.has_room() {
            return Err(DeviceError::SessionsFull);
        }
        let failed = |_| DeviceError::SessionFailed;
        let card = random::array().map_err(failed)?;
        let channel =
            SecureChannel::new(object.authentication_key()?, challenge, card).map_err(failed)?;
        let cryptogram = channel.card_cryptogram();
        let ObjectInfo {
            domains,
            capabilities,
            delegated,
            ..
        } = object.info;
        let number = self.sessions.insert(Session {
            channel,
            progress: Progress::Created,
            key_id: id,
            domains,
            capabilities,
            delegated,
            last_used: Instant::now(),
        })?;
        Ok([&[number], card.as_slice(), &cryptogram].concat())
    }

    /// `session (1) | cryptogram (8) | MAC (8)`; answers nothing.
    fn authenticate_session(&mut self, data: &[u8]) -> Result<Vec<u8>, DeviceError> {
        if data.len() != 17 {
            return Err(DeviceError::WrongLength);
        }
        let number = data[0];
        let session = self.sessions.find(number)?;
        if session.progress != Progress::Created {
            return Err(DeviceError::InvalidSession);
        }
        let key = session.key_id;
        let outcome = session.channel.authenticate(data);
        session.progress = Progress::Authenticated;
        session.last_used = Instant::now();
        if outcome.is_err() {
            self.sessions.remove(number);
        }
        self.log_session(
            CommandCode::AUTHENTICATE_SESSION,
            data,
            key,
            outcome.as_ref().err(),
        );
        outcome.map(|()| Vec::new())
    }

    /// Sessions are always opened; when the log has no room for that, it is counted.
    fn log_session(
        &mut self,
        command: CommandCode,
        data: &[u8],
        key: u16,
        error: Option<&DeviceError>,
    ) {
        if !self.audit.logs(command) {
            return;
        }
        if self.log.is_full() && self.audit.force != AuditOption::Off {
            if command == CommandCode::AUTHENTICATE_SESSION {
                self.record(JournalRecord::UnloggedAuthentication);
            }
            return;
        }
        let touched = Touched {
            target: key,
            ..Touched::default()
        };
        self.log_command(command, data.len(), u16::MAX, touched, error);
    }

    pub(super) fn log_command(
        &mut self,
        command: CommandCode,
        length: usize,
        session_key: u16,
        touched: Touched,
        error: Option<&DeviceError>,
    ) {
        self.write_line(LogEntry {
            number: 0,
            command: command.0,
            length: u16::try_from(length).unwrap_or(u16::MAX),
            session_key,
            target_key: touched.target,
            second_key: touched.second,
            result: error.map_or_else(|| command.response(), |error| error.code()),
            tick: self.tick(),
            digest: [0; 16],
        });
    }

    /// `session (1) | ciphertext | MAC (8)`, both ways.
    fn session_message(
        &mut self,
        data: &[u8],
        refuse: Option<DeviceError>,
    ) -> Result<Frame, DeviceError> {
        let number = *data.first().ok_or(DeviceError::WrongLength)?;
        let session = self.sessions.find(number)?;
        if session.progress != Progress::Authenticated {
            return Err(DeviceError::InvalidSession);
        }
        let plain = session.channel.open(data)?;
        session.last_used = Instant::now();
        let mut channel = session.channel.clone();
        let grant = Grant::of(number, session);
        if let Some(error) = refuse.filter(|error| error.is_of_the_channel()) {
            self.sessions.remove(number);
            return Err(error);
        }
        let answer = match Frame::parse(&plain) {
            Ok(frame) => self.execute(&grant, &frame, refuse),
            Err(error) => Err(error),
        };
        let answer = answer.unwrap_or_else(|error| {
            self.counters.count_error(error.code());
            Frame::error(error)
        });
        let sealed = channel.seal(number, &answer.encode())?;
        // The command may have ended the session.
        if let Ok(session) = self.sessions.find(number) {
            session.channel = channel;
            session.last_used = Instant::now();
        }
        Ok(Frame::success(CommandCode::SESSION_MESSAGE, sealed))
    }
}
