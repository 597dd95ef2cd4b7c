//! Why a command was not carried out, for people, programs and the shell.

use kasane_ca_core::Error;
use kasane_ca_core::ceremony::CeremonyError;
use kasane_ca_core::folder::FolderError;
use kasane_ca_core::private_log::PrivateError;
use kasane_ca_core::projection::ApplyError;
use kasane_ca_core::signing::SigningError;
use kasane_ca_core::store::StoreError;
use kasane_ledger::Stop;
use serde::{Deserialize, Serialize};

/// What kind of failure it is: the exit code of the program. Never renumbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum ExitClass {
    /// The question was answered, and the answer is no.
    Negative = 1,
    /// The command line cannot be understood.
    Usage = 2,
    /// Refused by policy, profile, lint, or because the input is not acceptable.
    Refused = 3,
    /// There is no such thing.
    NotFound = 4,
    /// It exists or was done already, or somebody else holds it.
    Conflict = 5,
    /// Ledger, store or keys are not what they should be.
    Integrity = 6,
    /// The machine failed: files, disk, network, key device.
    Environment = 7,
    /// A fault of this program.
    Internal = 8,
    /// It is done and stands; that everybody tells of it was not seen.
    NotVisible = 9,
}

impl ExitClass {
    /// The exit code.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        self as u8
    }
}

/// Why a command was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{message}")]
pub struct Problem {
    /// A stable dotted code: never reworded.
    pub code: String,
    /// What failed, why, and what to do.
    pub message: String,
    /// What kind of failure it is.
    pub class: ExitClass,
}

impl Problem {
    /// A problem of that class.
    #[must_use]
    pub fn new(class: ExitClass, code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
            class,
        }
    }

    /// A refused argument.
    #[must_use]
    pub fn argument(message: impl Into<String>) -> Self {
        Self::new(ExitClass::Refused, "argument.bad", message)
    }

    /// A file that cannot be read or written.
    #[must_use]
    pub fn file(operation: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        let class = match error.kind() {
            std::io::ErrorKind::NotFound => ExitClass::NotFound,
            std::io::ErrorKind::AlreadyExists => ExitClass::Conflict,
            _ => ExitClass::Environment,
        };
        Self::new(
            class,
            "file.io",
            format!("{operation} {} failed: {error}", path.display()),
        )
    }

    /// What to try next, where the message does not say it already.
    #[must_use]
    pub fn help(&self) -> Option<&'static str> {
        Some(match self.code.as_str() {
            "policy.refused" => {
                "'kasane policy explain --profile P --key K --at DATE' shows what is permitted when"
            }
            "key.not-of-profile" => {
                "make the request with a key of that kind, or choose another --profile"
            }
            "key.cannot-decrypt" => "check --passphrase-file or KASANE_KEY_PASSPHRASE_FILE",
            "key.not-found" => {
                "in software: the folder 'keys' must be the one that the ceremony filled; in devices: \
                 a root's key needs --ceremony, and 'kasane hsm doctor' tells which keys are missing"
            }
            "device.no-credential" => {
                "correct the file, variable or prompt that hsm.toml names for it"
            }
            "device.wrong-credential" | "device.unreachable" | "device.none" => {
                "'kasane hsm doctor' examines each device"
            }
            "ledger.tampered"
            | "ledger.differs"
            | "ledger.shorter"
            | "ledger.blob-missing"
            | "ledger.blob-damaged" => {
                "stop issuing, keep the folder for examination, restore the ledger from a copy that verifies"
            }
            "facility.unknown" => "'kasane facility list' shows those that are registered",
            "certificate.already-revoked" => {
                "'kasane show SERIAL' tells when and why, 'kasane status seen SERIAL' who tells of it"
            }
            _ => return None,
        })
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::new(class_of(&error), error.code(), error.to_string())
    }
}

impl From<kasane_ledger::Error> for Problem {
    fn from(error: kasane_ledger::Error) -> Self {
        Error::from(error).into()
    }
}

impl From<FolderError> for Problem {
    fn from(error: FolderError) -> Self {
        Error::from(error).into()
    }
}

fn class_of(error: &Error) -> ExitClass {
    match error {
        Error::Request(_)
        | Error::Key(_)
        | Error::Registration(_)
        | Error::Profile(_)
        | Error::Validity(_)
        | Error::Timeline(_)
        | Error::PolicyRefuses { .. }
        | Error::Lint(_)
        | Error::Import(_)
        | Error::Custody(_)
        | Error::StatusUrl(_)
        | Error::ProfileNotForSubject { .. }
        | Error::KeyNotOfProfile { .. }
        | Error::KeyCompromised
        | Error::KeyOfAnother { .. }
        | Error::NameOutsideDomain { .. }
        | Error::RequestDigest { .. }
        | Error::BadRequestKey
        | Error::CertificateState { .. }
        | Error::SerialAmbiguous { .. }
        | Error::BadArgument { .. }
        | Error::Mode { .. } => ExitClass::Refused,
        Error::Ceremony(CeremonyError::OtherScript { .. }) => ExitClass::Conflict,
        Error::Ceremony(_) => ExitClass::Refused,
        Error::UnknownSerials { .. }
        | Error::NotFound { .. }
        | Error::Folder(FolderError::Empty { .. }) => ExitClass::NotFound,
        Error::Exists { .. }
        | Error::RequestKeyReused { .. }
        | Error::AlreadyRevoked { .. }
        | Error::IssuerEnded { .. }
        | Error::IssuerInUse { .. }
        | Error::CountDiffers { .. }
        | Error::Folder(FolderError::InUse { .. }) => ExitClass::Conflict,
        // A backend that fails is the machine's; what it holds then is made anew.
        Error::Store(StoreError::Backend { .. }) | Error::Apply(ApplyError::Stopped) => {
            ExitClass::Environment
        }
        Error::Entry(_) | Error::Store(_) | Error::Apply(_) | Error::Stopped { .. } => {
            ExitClass::Integrity
        }
        Error::Ledger(error) => ledger_class(error),
        Error::Signing(SigningError::Key(error)) => key_class(error),
        Error::Private(PrivateError::Damaged { .. }) => ExitClass::Integrity,
        Error::Private(PrivateError::Erased { .. }) => ExitClass::NotFound,
        Error::Private(PrivateError::TooLarge { .. }) => ExitClass::Refused,
        Error::ClockBehind { .. }
        | Error::DiskFull { .. }
        | Error::Folder(_)
        | Error::Random(_)
        | Error::Feed(_)
        | Error::Signing(_)
        | Error::Private(_) => ExitClass::Environment,
        _ => ExitClass::Internal,
    }
}

fn key_class(error: &kasane_hsm::Error) -> ExitClass {
    use kasane_hsm::Error as Key;
    match error {
        Key::KeyNotFound { .. } => ExitClass::NotFound,
        Key::KeyExists { .. } => ExitClass::Conflict,
        Key::BadLabel { .. }
        | Key::BadDeviceName { .. }
        | Key::UnknownRole { .. }
        | Key::RoleMismatch { .. }
        | Key::KeyAlgorithmUnsupported { .. }
        | Key::SignatureUnsupported { .. }
        | Key::BadConfiguration { .. } => ExitClass::Refused,
        Key::Damaged { .. } | Key::KeyUnprotected { .. } => ExitClass::Integrity,
        _ => ExitClass::Environment,
    }
}

fn ledger_class(error: &kasane_ledger::Error) -> ExitClass {
    use kasane_ledger::Error as Ledger;
    match error {
        Ledger::Tampered { .. }
        | Ledger::PrivateDamaged { .. }
        | Ledger::Shorter { .. }
        | Ledger::Differs { .. }
        | Ledger::Checkpoint(_)
        | Ledger::BlobMissing { .. }
        | Ledger::BlobDamaged { .. }
        | Ledger::ProjectionAhead { .. }
        | Ledger::Stopped(Stop::Tampered(_))
        | Ledger::Format { .. } => ExitClass::Integrity,
        Ledger::NoSuchEntry { .. } | Ledger::NoSuchPrivate { .. } | Ledger::Missing { .. } => {
            ExitClass::NotFound
        }
        Ledger::Locked { .. } | Ledger::Exists { .. } => ExitClass::Conflict,
        Ledger::NoProof { .. }
        | Ledger::EntryTooLarge { .. }
        | Ledger::PrivateTooLarge { .. }
        | Ledger::BatchTooLarge { .. }
        | Ledger::BatchEmpty
        | Ledger::BlobTooLarge { .. }
        | Ledger::Origin { .. } => ExitClass::Refused,
        _ => ExitClass::Environment,
    }
}
