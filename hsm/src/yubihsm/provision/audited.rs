//! Which commands the device logs.

use yubihsm::AuditOption;
use yubihsm::command::Code;

/// What uses or changes keys, rights or options, and who logged in. The entry for `SetOption` comes
/// last, so that setting the others fills no log.
const LOGGED: [Code; 31] = [
    Code::CreateSession,
    Code::AuthenticateSession,
    Code::ResetDevice,
    Code::PutOpaqueObject,
    Code::PutAuthenticationKey,
    Code::PutAsymmetricKey,
    Code::GenerateAsymmetricKey,
    Code::SignPkcs1,
    Code::DecryptPkcs1,
    Code::ExportWrapped,
    Code::ImportWrapped,
    Code::PutWrapKey,
    Code::PutHmacKey,
    Code::SignHmac,
    Code::SignPss,
    Code::SignEcdsa,
    Code::DeriveEcdh,
    Code::DeleteObject,
    Code::DecryptOaep,
    Code::GenerateHmacKey,
    Code::GenerateWrapKey,
    Code::VerifyHmac,
    Code::SignSshCertificate,
    Code::PutTemplate,
    Code::SignAttestationCertificate,
    Code::WrapData,
    Code::UnwrapData,
    Code::SignEddsa,
    Code::ChangeAuthenticationKey,
    Code::PutOtpAead,
    Code::SetOption,
];

/// What only looks. A log of 62 entries has no room for it; and were acknowledging logged, a log
/// could never be emptied.
const SILENT: [Code; 12] = [
    Code::Echo,
    Code::DeviceInfo,
    Code::CloseSession,
    Code::GetStorageInfo,
    Code::ListObjects,
    Code::GetLogEntries,
    Code::GetObjectInfo,
    Code::GetOption,
    Code::GetPublicKey,
    Code::SetLogIndex,
    Code::GetPseudoRandom,
    Code::BlinkDevice,
];

/// Each command and whether it has to be logged, in the order of setting.
pub(super) fn options() -> impl Iterator<Item = (Code, AuditOption)> {
    let silent = SILENT.into_iter().map(|code| (code, AuditOption::Off));
    let logged = LOGGED.into_iter().map(|code| (code, AuditOption::On));
    silent.chain(logged)
}

/// Whether what is set is as good as what has to be: fixed is more than on.
pub(super) fn suffices(set: AuditOption, wanted: AuditOption) -> bool {
    set == wanted || (set, wanted) == (AuditOption::Fix, AuditOption::On)
}
