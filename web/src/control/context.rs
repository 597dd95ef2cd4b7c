//! What a command may use.

use std::path::PathBuf;
use std::sync::Arc;

use kasane_ca_core::refused_credential::RefusedCredentials;
use kasane_ca_core::{Authority, Error};
use kasane_crl::{Publisher, Schedule};
use kasane_hsm::pool::Pool;
use parking_lot::Mutex;

use super::LeftOutDevice;
use super::mass_progress::MassProgress;
use crate::canary::{Canary, CanaryReport};
use crate::feed::Followers;
use crate::visibility::{Endpoint, RevocationSettings};

/// What a command may use. Cheap to clone.
#[derive(Clone)]
pub struct Context {
    authority: Arc<Authority>,
    publisher: Arc<Mutex<Option<Arc<Publisher>>>>,
    pool: Option<Arc<Pool>>,
    left_out: Arc<[LeftOutDevice]>,
    refused: Option<RefusedCredentials>,
    followers: Followers,
    endpoints: Arc<[Endpoint]>,
    canary: CanaryAt,
    mass_progress: Arc<MassProgress>,
}

/// Where what the canary measured is found.
#[derive(Clone)]
enum CanaryAt {
    Nowhere,
    /// In its data folder.
    Folder(PathBuf, Arc<RevocationSettings>),
    Here(Arc<Canary>),
}

impl Context {
    /// For a program that runs one command: CRLs are read when a command needs them.
    #[must_use]
    pub fn new(authority: Arc<Authority>) -> Self {
        Self {
            authority,
            publisher: Arc::default(),
            pool: None,
            left_out: Arc::default(),
            refused: None,
            followers: Followers::default(),
            endpoints: Arc::default(),
            canary: CanaryAt::Nowhere,
            mass_progress: Arc::default(),
        }
    }

    /// For a service, which publishes by the same publisher in the background.
    #[must_use]
    pub fn with_publisher(authority: Arc<Authority>, publisher: Arc<Publisher>) -> Self {
        Self {
            publisher: Arc::new(Mutex::new(Some(publisher))),
            ..Self::new(authority)
        }
    }

    /// The same with the devices that hold the keys, if they are in devices.
    #[must_use]
    pub fn with_pool(mut self, pool: Option<Arc<Pool>>) -> Self {
        self.pool = pool;
        self
    }

    /// The same with the devices that could not be opened.
    #[must_use]
    pub fn with_left_out(mut self, left_out: Vec<LeftOutDevice>) -> Self {
        self.left_out = left_out.into();
        self
    }

    /// The same with what devices said of credentials, for people who say that one may be tried
    /// again.
    #[must_use]
    pub fn with_refused_credentials(mut self, refused: RefusedCredentials) -> Self {
        self.refused = Some(refused);
        self
    }

    /// The configured devices that could not be opened.
    #[must_use]
    pub fn left_out(&self) -> &[LeftOutDevice] {
        &self.left_out
    }

    /// What devices said of credentials.
    #[must_use]
    pub const fn refused_credentials(&self) -> Option<&RefusedCredentials> {
        self.refused.as_ref()
    }

    /// The same for a single command on a data folder, with the settings of its responders.
    #[must_use]
    pub fn with_settings(mut self, folder: PathBuf, settings: RevocationSettings) -> Self {
        self.endpoints = settings.responders.clone().into();
        self.canary = CanaryAt::Folder(folder, Arc::new(settings));
        self
    }

    /// The same for a service: who answers for status, itself included, and its canary.
    #[must_use]
    pub fn with_canary(mut self, endpoints: Arc<[Endpoint]>, canary: Arc<Canary>) -> Self {
        self.endpoints = endpoints;
        self.canary = CanaryAt::Here(canary);
        self
    }

    /// The devices that hold the keys.
    #[must_use]
    pub const fn pool(&self) -> Option<&Arc<Pool>> {
        self.pool.as_ref()
    }

    /// The same with what edges said of themselves.
    #[must_use]
    pub fn with_followers(mut self, followers: Followers) -> Self {
        self.followers = followers;
        self
    }

    /// What edges said of themselves.
    #[must_use]
    pub const fn followers(&self) -> &Followers {
        &self.followers
    }

    /// The authority.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Who answers for status.
    #[must_use]
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// Whether a service runs.
    #[must_use]
    pub const fn is_served(&self) -> bool {
        matches!(self.canary, CanaryAt::Here(_))
    }

    /// What the canary measured.
    #[must_use]
    pub fn canary_report(&self) -> CanaryReport {
        match &self.canary {
            CanaryAt::Here(canary) => canary.report(),
            CanaryAt::Folder(folder, settings) => Canary::report_of(folder, &settings.canary),
            CanaryAt::Nowhere => {
                Canary::report_of(&PathBuf::new(), &RevocationSettings::default().canary)
            }
        }
    }

    pub(super) fn mass_progress(&self) -> &MassProgress {
        &self.mass_progress
    }

    /// What publishes CRLs.
    ///
    /// # Errors
    /// [`Error::Store`]; [`Error::Apply`].
    pub fn publisher(&self) -> Result<Arc<Publisher>, Error> {
        let mut publisher = self.publisher.lock();
        if let Some(publisher) = &*publisher {
            return Ok(Arc::clone(publisher));
        }
        // A command by itself: nobody else brings an act to its end that a crash interrupted, and the lists
        // of this command must not wait for a service.
        self.authority.spread_revocations()?;
        let made = Publisher::new(Arc::clone(&self.authority), Schedule::default())?;
        Ok(Arc::clone(publisher.insert(Arc::new(made))))
    }
}
