//! Variables that vendors' libraries read when they are loaded.

use std::collections::BTreeMap;
use std::os::unix::process::CommandExt;
use std::process::Command;

use kasane_hsm::config::HsmConfig;
use kasane_web::control::{ExitClass, Problem};

use super::HardwareConfig;

/// Set in the process that was started with the variables, so that it does not start another.
const GIVEN: &str = "KASANE_HSM_ENVIRONMENT_GIVEN";

/// Replaces this process by itself with the variables that the PKCS#11 libraries need, unless it
/// has them. Changing the environment of a running process is not safe; beginning anew is.
///
/// Nothing may be held or begun yet that a new process would not find again.
#[expect(
    clippy::disallowed_methods,
    reason = "the composition root reads the environment"
)]
pub(crate) fn give_environment(config: &HardwareConfig) -> Result<(), Problem> {
    let wanted = wanted(&config.document)?;
    let lacks = wanted
        .iter()
        .any(|(name, value)| std::env::var(name).ok().as_deref() != Some(value.as_str()));
    if !lacks {
        return Ok(());
    }
    let failed = |reason: String| {
        let message = format!("starting again with the environment of hsm.toml failed: {reason}");
        Problem::new(ExitClass::Environment, "hsm.environment", message)
    };
    if std::env::var_os(GIVEN).is_some() {
        return Err(failed(
            "the variables are not there although they were given".to_owned(),
        ));
    }
    let mut arguments = std::env::args_os();
    let mut command = Command::new("/proc/self/exe");
    if let Some(name) = arguments.next() {
        command.arg0(name);
    }
    // Returns only when it failed.
    let error = command.args(arguments).envs(&wanted).env(GIVEN, "1").exec();
    Err(failed(error.to_string()))
}

/// The variables of every device; they share one process.
fn wanted(config: &HsmConfig) -> Result<BTreeMap<String, String>, Problem> {
    let mut wanted = BTreeMap::new();
    for device in &config.devices {
        for (name, value) in device.pkcs11.iter().flat_map(|it| &it.environment) {
            let unfit = name.is_empty() || name.contains(['=', '\0']) || value.contains('\0');
            let other = wanted
                .insert(name.clone(), value.clone())
                .is_some_and(|other| other != *value);
            if unfit || other {
                let reason = if unfit {
                    "is no name of a variable, or its value cannot be one"
                } else {
                    "has another value in another device; one process has one environment"
                };
                let message = format!(
                    "HSM configuration: device {:?}: environment {name:?} {reason}",
                    device.name
                );
                let class = ExitClass::Refused;
                return Err(Problem::new(class, "hsm.config-device", message));
            }
        }
    }
    Ok(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(environments: &[&str]) -> HsmConfig {
        let mut text = String::new();
        for (index, environment) in environments.iter().enumerate() {
            text.push_str(&format!(
                "[[device]]\nname = \"d{index}\"\n[device.pkcs11]\nmodule = \"/m.so\"\n\
                 token_label = \"t{index}\"\npin = {{ prompt = true }}\nenvironment = {environment}\n"
            ));
        }
        HsmConfig::from_toml(&text).unwrap()
    }

    #[test]
    fn devices_share_one_environment() {
        let agree = document(&[r#"{ A = "1", B = "2" }"#, r#"{ A = "1" }"#]);
        assert_eq!(wanted(&agree).unwrap().len(), 2);
        for refused in [
            &[r#"{ A = "1" }"#, r#"{ A = "2" }"#][..],
            &[r#"{ "A=B" = "1" }"#],
            &[r#"{ "" = "1" }"#],
        ] {
            let problem = wanted(&document(refused)).unwrap_err();
            assert_eq!(problem.code, "hsm.config-device", "{refused:?}");
        }
    }
}
