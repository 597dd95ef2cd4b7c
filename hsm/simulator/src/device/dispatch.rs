//! Commands that come through the secure channel.

use super::{Device, authorization::Grant};
use crate::{
    log::AuditOption,
    protocol::{Capability, CommandCode, DeviceError, Frame, ObjectType, Reader},
};

/// The objects that a command is about, for the log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Touched {
    pub(super) target: u16,
    pub(super) second: u16,
}

impl Touched {
    /// The command names the object that it is about.
    pub(super) fn names(&mut self, reader: &mut Reader<'_>) -> Result<u16, DeviceError> {
        self.target = reader.short()?;
        Ok(self.target)
    }
}

impl Default for Touched {
    fn default() -> Self {
        Self {
            target: u16::MAX,
            second: u16::MAX,
        }
    }
}

impl Device {
    /// Executes a command and logs it. With force-audit and a full log, a command that would be
    /// logged is not executed, but for those that make room and the one that ends a session.
    pub(super) fn execute(
        &mut self,
        grant: &Grant,
        frame: &Frame,
        refuse: Option<DeviceError>,
    ) -> Result<Frame, DeviceError> {
        let command = CommandCode(frame.code);
        let logged = self.audit.logs(command);
        let makes_room = matches!(
            command,
            CommandCode::GET_LOG_ENTRIES | CommandCode::SET_LOG_INDEX | CommandCode::CLOSE_SESSION
        );
        if logged && !makes_room && self.has_no_line_left() {
            return Err(DeviceError::LogFull);
        }
        let mut touched = Touched::default();
        let outcome = match refuse {
            Some(error) => Err(error),
            None => self.run(grant, command, &frame.data, &mut touched),
        };
        if command == CommandCode::RESET_DEVICE && outcome.is_ok() {
            // The log began anew; this command is not in it.
        } else if self.audit.logs(command) && !self.has_no_line_left() {
            self.log_command(
                command,
                frame.data.len(),
                grant.key_id,
                touched,
                outcome.as_ref().err(),
            );
        }
        let data = outcome?;
        self.counters.count(command.0);
        Ok(Frame::success(command, data))
    }

    fn has_no_line_left(&self) -> bool {
        self.audit.force != AuditOption::Off && self.log.is_full()
    }

    fn run(
        &mut self,
        grant: &Grant,
        command: CommandCode,
        data: &[u8],
        touched: &mut Touched,
    ) -> Result<Vec<u8>, DeviceError> {
        let reader = Reader::new(data);
        if let Some(what) = stored_by(command) {
            return self.put(grant, reader, touched, what);
        }
        if let Some(what) = generated_by(command) {
            return self.generate(grant, reader, touched, what);
        }
        match command {
            CommandCode::ECHO => Ok(data.to_vec()),
            CommandCode::DEVICE_INFO => self.device_info(data),
            CommandCode::RESET_DEVICE => self.reset_device(grant, reader),
            CommandCode::CLOSE_SESSION => self.close_session(grant, reader),
            CommandCode::GET_STORAGE_INFO => self.storage_info(reader),
            CommandCode::GET_OPAQUE => self.get_opaque(grant, reader, touched),
            CommandCode::CHANGE_AUTHENTICATION_KEY => {
                self.change_authentication_key(grant, reader, touched)
            }
            CommandCode::GET_PUBLIC_KEY => self.get_public_key(grant, reader, touched),
            CommandCode::SIGN_PKCS1 => self.sign_pkcs1(grant, reader, touched),
            CommandCode::SIGN_PSS => self.sign_pss(grant, reader, touched),
            CommandCode::SIGN_ECDSA => self.sign_ecdsa(grant, reader, touched),
            CommandCode::SIGN_EDDSA => self.sign_eddsa(grant, reader, touched),
            CommandCode::SIGN_ATTESTATION_CERTIFICATE => {
                self.sign_attestation_certificate(grant, reader, touched)
            }
            CommandCode::EXPORT_WRAPPED => self.export_wrapped(grant, reader, touched),
            CommandCode::IMPORT_WRAPPED => self.import_wrapped(grant, reader, touched),
            CommandCode::WRAP_DATA => self.wrap_data(grant, reader, touched),
            CommandCode::UNWRAP_DATA => self.unwrap_data(grant, reader, touched),
            CommandCode::SIGN_HMAC => self.sign_hmac(grant, reader, touched),
            CommandCode::VERIFY_HMAC => self.verify_hmac(grant, reader, touched),
            CommandCode::LIST_OBJECTS => self.list_objects(grant, reader),
            CommandCode::GET_OBJECT_INFO => self.get_object_info(grant, reader, touched),
            CommandCode::DELETE_OBJECT => self.delete_object(grant, reader, touched),
            CommandCode::GET_LOG_ENTRIES => self.get_log_entries(grant, reader),
            CommandCode::SET_LOG_INDEX => self.set_log_index(grant, reader),
            CommandCode::SET_OPTION => self.set_option(grant, reader),
            CommandCode::GET_OPTION => self.get_option(grant, reader),
            CommandCode::GET_PSEUDO_RANDOM => self.pseudo_random(grant, reader),
            CommandCode::BLINK_DEVICE => self.blink(reader),
            _ => Err(DeviceError::InvalidCommand),
        }
    }
}

/// What a command that stores an object needs, and what the object is.
const fn stored_by(command: CommandCode) -> Option<(Capability, ObjectType)> {
    Some(match command {
        CommandCode::PUT_OPAQUE => (Capability::PutOpaque, ObjectType::Opaque),
        CommandCode::PUT_AUTHENTICATION_KEY => (
            Capability::PutAuthenticationKey,
            ObjectType::AuthenticationKey,
        ),
        CommandCode::PUT_ASYMMETRIC_KEY => {
            (Capability::PutAsymmetricKey, ObjectType::AsymmetricKey)
        }
        CommandCode::PUT_WRAP_KEY => (Capability::PutWrapKey, ObjectType::WrapKey),
        CommandCode::PUT_HMAC_KEY => (Capability::PutHmacKey, ObjectType::HmacKey),
        _ => return None,
    })
}

/// The same of a command that makes a key.
const fn generated_by(command: CommandCode) -> Option<(Capability, ObjectType)> {
    Some(match command {
        CommandCode::GENERATE_ASYMMETRIC_KEY => {
            (Capability::GenerateAsymmetricKey, ObjectType::AsymmetricKey)
        }
        CommandCode::GENERATE_WRAP_KEY => (Capability::GenerateWrapKey, ObjectType::WrapKey),
        CommandCode::GENERATE_HMAC_KEY => (Capability::GenerateHmacKey, ObjectType::HmacKey),
        _ => return None,
    })
}
