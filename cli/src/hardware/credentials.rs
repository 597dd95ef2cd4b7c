//! PINs and passwords: from files, the environment, or the terminal.

use std::path::PathBuf;
use std::sync::Arc;

use kasane_ca_core::refused_credential::RefusedCredentials;
use kasane_hsm::config::{Credential, CredentialRecord, CredentialSource};
use kasane_hsm::{DeviceName, Error};
use zeroize::Zeroizing;

use super::HardwareConfig;
use crate::secret_file;

/// Resolves the credentials that an `hsm.toml` names.
#[derive(Clone, Debug)]
pub(crate) struct Credentials {
    /// What relative names of files begin at.
    base: PathBuf,
    /// What devices said of them.
    refused: RefusedCredentials,
}

impl Credentials {
    /// Those of that document.
    pub(crate) fn of(config: &HardwareConfig) -> Self {
        Self {
            base: config.base.clone(),
            refused: config.refused_credentials(),
        }
    }
}

impl CredentialSource for Credentials {
    fn resolve(&self, credential: &Credential, purpose: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
        let refuse = |reason: String| Error::NoCredential {
            backend: "hsm.toml".to_owned(),
            credential: purpose.to_owned(),
            reason,
        };
        match credential {
            Credential::File(path) => {
                secret_file::read(&self.base.join(path)).map_err(|error| refuse(error.to_string()))
            }
            Credential::Environment(name) => from_environment(name).map_err(refuse),
            Credential::Prompt(_) => from_terminal(purpose).map_err(refuse),
        }
    }

    fn record(
        &self,
        credential: &Credential,
        device: &DeviceName,
        name: &'static str,
    ) -> Option<Arc<dyn CredentialRecord>> {
        let resolved = match credential {
            Credential::File(path) => Credential::File(self.base.join(path)),
            other => other.clone(),
        };
        Some(self.refused.record(&resolved, device, name))
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the composition root reads the environment"
)]
fn from_environment(name: &str) -> Result<Zeroizing<Vec<u8>>, String> {
    match std::env::var(name) {
        Ok(value) if !value.is_empty() => Ok(Zeroizing::new(value.into_bytes())),
        Ok(_) => Err(format!("the variable {name} of the environment is empty")),
        Err(std::env::VarError::NotPresent) => {
            Err(format!("the variable {name} of the environment is not set"))
        }
        Err(std::env::VarError::NotUnicode(_)) => Err(format!(
            "the variable {name} of the environment is not UTF-8"
        )),
    }
}

fn from_terminal(purpose: &str) -> Result<Zeroizing<Vec<u8>>, String> {
    // The terminal itself, not standard input: a pipe may carry something else.
    let entered = rpassword::prompt_password(format!("{purpose}: ")).map_err(|error| {
        format!("there is no terminal to ask at ({error}); name a file or a variable instead")
    })?;
    let entered = Zeroizing::new(entered.into_bytes());
    if entered.is_empty() {
        return Err("nothing was entered".to_owned());
    }
    Ok(entered)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    use kasane_ca_core::clock::SystemClock;

    use super::*;

    fn source(base: &Path) -> Credentials {
        Credentials {
            base: base.to_owned(),
            refused: RefusedCredentials::new(base, Arc::new(SystemClock)),
        }
    }

    #[test]
    fn credential_file_must_be_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pin");
        std::fs::write(&file, "123456\n").unwrap();
        let resolve = || source(folder.path()).resolve(&Credential::File("pin".into()), "the PIN");
        for (mode, accepted) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false)] {
            std::fs::set_permissions(&file, PermissionsExt::from_mode(mode)).unwrap();
            match resolve() {
                Ok(secret) => assert!(accepted && secret.as_slice() == b"123456", "{mode:o}"),
                Err(error) => {
                    assert!(!accepted, "{mode:o}: {error}");
                    assert_eq!(error.code(), "device.no-credential");
                    let said = error.to_string();
                    assert!(!said.contains("wrong"), "{said}");
                    assert!(error.to_string().contains("chmod 600"), "{error}");
                }
            }
        }
    }

    #[test]
    fn missing_and_empty_credentials_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let source = source(folder.path());
        let missing = source.resolve(&Credential::File("no".into()), "the PIN");
        assert!(missing.unwrap_err().to_string().contains("/no: "));
        let unset = Credential::Environment("KASANE_NO_SUCH_VARIABLE".into());
        let unset = source.resolve(&unset, "the PIN").unwrap_err().to_string();
        assert!(unset.contains("KASANE_NO_SUCH_VARIABLE"), "{unset}");
        let file = folder.path().join("empty");
        std::fs::write(&file, "\n").unwrap();
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
        let empty = source.resolve(&Credential::File("empty".into()), "the PIN");
        assert!(empty.unwrap_err().to_string().contains("is empty"));
    }
}
