//! All profiles together.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use const_oid::ObjectIdentifier;
use kasane_verify::policy::key_of_syntax_error;
use kasane_verify::{KeyAlgorithm, KeyFamily};

use super::config::CommonConfig;
use super::error::{ProfileError, ProfileFault, shorten};
use super::{Profile, ProfileConfig, ProfileKind};

/// What the profiles share; no profile of its own.
const COMMON_FILE: &str = "common.toml";
const MAX_FILES: usize = 128;
const MAX_FILE_BYTES: usize = 64 * 1024;

/// The profiles of an authority, each fitting the others.
#[derive(Clone, Debug)]
pub struct Profiles {
    pub(super) profiles: BTreeMap<String, Profile>,
    arc: ObjectIdentifier,
}

impl Profiles {
    /// Reads and validates documents, each with its file name.
    ///
    /// # Errors
    /// [`ProfileError`] with file, key and rule.
    pub fn load<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, ProfileError> {
        let mut common = None;
        let mut documents: Vec<(&str, ProfileConfig)> = Vec::new();
        for (file, text) in files {
            if text.len() > MAX_FILE_BYTES {
                let fault = ProfileFault::TooMany {
                    count: text.len(),
                    limit: MAX_FILE_BYTES,
                };
                return Err(ProfileError::new(file, "document", fault));
            }
            if documents.len() >= MAX_FILES {
                let fault = ProfileFault::TooMany {
                    count: documents.len() + 1,
                    limit: MAX_FILES,
                };
                return Err(ProfileError::new(file, "document", fault));
            }
            if file == COMMON_FILE {
                common = Some(parse::<CommonConfig>(file, text)?);
            } else {
                documents.push((file, parse(file, text)?));
            }
        }
        let common = common
            .ok_or_else(|| ProfileError::new(COMMON_FILE, "document", ProfileFault::Missing))?;
        let arc: ObjectIdentifier = common.policy_oid_arc.parse().map_err(|_| {
            let fault = ProfileFault::Oid {
                text: shorten(&common.policy_oid_arc),
            };
            ProfileError::new(COMMON_FILE, "policy_oid_arc", fault)
        })?;
        let mut profiles = BTreeMap::new();
        for (file, config) in documents {
            let profile = Profile::new(file, arc, config)?;
            if let Some(other) = profiles.insert(profile.name.clone(), profile) {
                let fault = ProfileFault::Duplicate { name: other.name };
                return Err(ProfileError::new(file, "name", fault));
            }
        }
        let mut set = Self { profiles, arc };
        set.check_issuers()?;
        set.check_policies_are_distinct()?;
        set.assert_policies();
        Ok(set)
    }

    /// Reads every `*.toml` of a folder.
    ///
    /// # Errors
    /// [`ProfileError`], also for a file that cannot be read.
    pub fn load_dir(folder: &Path) -> Result<Self, ProfileError> {
        let unreadable = |file: &Path, error: std::io::Error| {
            let fault = ProfileFault::Unreadable {
                message: error.to_string(),
            };
            ProfileError::new(&file.to_string_lossy(), "document", fault)
        };
        let mut files: Vec<(String, String)> = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
            let path = entry.map_err(|error| unreadable(folder, error))?.path();
            let name = path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned());
            let Some(name) = name.filter(|name| name.ends_with(".toml")) else {
                continue;
            };
            let bytes = std::fs::metadata(&path)
                .map_err(|error| unreadable(&path, error))?
                .len();
            if files.len() > MAX_FILES || bytes > MAX_FILE_BYTES as u64 {
                let count = usize::try_from(bytes).unwrap_or(usize::MAX);
                let fault = ProfileFault::TooMany {
                    count,
                    limit: MAX_FILE_BYTES,
                };
                return Err(ProfileError::new(&name, "document", fault));
            }
            let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
            files.push((name, text));
        }
        files.sort();
        Self::load(
            files
                .iter()
                .map(|(name, text)| (name.as_str(), text.as_str())),
        )
    }

    /// The profile of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Profile> {
        self.profiles.get(name)
    }

    /// Every profile, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Profile> {
        self.profiles.values()
    }

    /// The arc below which policies are numbered.
    #[must_use]
    pub const fn policy_oid_arc(&self) -> ObjectIdentifier {
        self.arc
    }

    /// The profiles whose CAs may sign `profile` for a subject key: of the key's family, except for
    /// a cross-certificate, which joins the two.
    pub fn issuers_for<'a>(
        &'a self,
        profile: &'a Profile,
        key: KeyAlgorithm,
    ) -> impl Iterator<Item = &'a Profile> {
        profile
            .issuers
            .iter()
            .filter_map(|name| self.get(name))
            .filter(move |issuer| {
                let same = issuer.families().contains(&key.family());
                same != (profile.kind == ProfileKind::Cross)
            })
    }

    /// The policy's own algorithm and profile, if the identifier is one of ours.
    #[must_use]
    pub fn policy_owner(&self, oid: ObjectIdentifier) -> Option<(&Profile, KeyAlgorithm)> {
        self.iter().find_map(|profile| {
            let found = profile.own_policies.iter().find(|(_, own)| **own == oid);
            found.map(|(key, _)| (profile, *key))
        })
    }

    fn check_issuers(&self) -> Result<(), ProfileError> {
        for profile in self.iter() {
            let wanted = match profile.kind {
                ProfileKind::Root | ProfileKind::Issuing | ProfileKind::Cross => ProfileKind::Root,
                ProfileKind::OcspSigner | ProfileKind::EndEntity | ProfileKind::Canary => {
                    ProfileKind::Issuing
                }
            };
            for name in &profile.issuers {
                let rule = match self.get(name) {
                    None => "no profile has this name",
                    Some(issuer) if issuer.kind != wanted => {
                        "roots sign CAs, issuing CAs sign end entities, OCSP signers and canaries"
                    }
                    Some(issuer) if !purposes_fit(profile, issuer) => {
                        "its purposes do not include this one's (RFC 5280 §4.2.1.12)"
                    }
                    Some(_) => continue,
                };
                let fault = ProfileFault::Issuer {
                    issuer: shorten(name),
                    rule,
                };
                return Err(ProfileError::new(&profile.file, "issuers", fault));
            }
            let orphan = profile.key_algorithms.iter().find(|key| {
                profile.kind != ProfileKind::Root
                    && self.issuers_for(profile, **key).next().is_none()
            });
            if let Some(algorithm) = orphan {
                let fault = ProfileFault::NoIssuer {
                    algorithm: *algorithm,
                };
                return Err(ProfileError::new(&profile.file, "issuers", fault));
            }
        }
        Ok(())
    }

    fn check_policies_are_distinct(&self) -> Result<(), ProfileError> {
        let mut owners: BTreeMap<ObjectIdentifier, String> = BTreeMap::new();
        for profile in self.iter() {
            for (algorithm, oid) in &profile.own_policies {
                let owner = format!("{} {algorithm}", profile.name);
                if let Some(other) = owners.insert(*oid, owner) {
                    let fault = ProfileFault::DuplicatePolicy {
                        oid: oid.to_string(),
                        other,
                    };
                    let key = format!("policy_oids.{algorithm}");
                    return Err(ProfileError::new(&profile.file, key, fault));
                }
            }
        }
        Ok(())
    }

    /// Fills in what CAs assert: the policies of what is below them, of one family.
    fn assert_policies(&mut self) {
        let below = |issuer: Option<&str>, family: KeyFamily| -> Vec<ObjectIdentifier> {
            let policies: BTreeSet<ObjectIdentifier> = self
                .profiles
                .values()
                .filter(|profile| match issuer {
                    Some(name) => profile.issuers.iter().any(|issuer| issuer == name),
                    None => true,
                })
                // Nobody accepts a canary.
                .filter(|profile| profile.kind != ProfileKind::Canary)
                .flat_map(|profile| profile.own_policies.iter())
                .filter(|(key, _)| key.family() == family)
                .map(|(_, oid)| *oid)
                .collect();
            policies.into_iter().collect()
        };
        let mut asserted = Vec::new();
        for profile in self.profiles.values() {
            let issuer = match profile.kind {
                ProfileKind::Issuing => Some(profile.name.as_str()),
                ProfileKind::Cross => None,
                _ => continue,
            };
            let keys = profile
                .key_algorithms
                .iter()
                .chain(&profile.import_key_algorithms);
            let table: BTreeMap<_, _> = keys
                .map(|key| (*key, below(issuer, key.family())))
                .collect();
            asserted.push((profile.name.clone(), table));
        }
        for (name, table) in asserted {
            if let Some(profile) = self.profiles.get_mut(&name) {
                profile.asserted_policies = table;
            }
        }
    }
}

/// An issuing CA's purposes bound those below it; OCSP signing is delegated by name, not inherited.
fn purposes_fit(profile: &Profile, issuer: &Profile) -> bool {
    profile.kind != ProfileKind::EndEntity
        || profile
            .extended_key_usage
            .iter()
            .all(|p| issuer.extended_key_usage.contains(p))
}

fn parse<T: serde::de::DeserializeOwned>(file: &str, text: &str) -> Result<T, ProfileError> {
    toml::from_str(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        let fault = ProfileFault::Syntax {
            message: error.message().to_owned(),
        };
        ProfileError::new(
            file,
            key_of_syntax_error(text, offset, error.message()),
            fault,
        )
    })
}
