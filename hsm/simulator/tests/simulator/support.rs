//! What the tests share: a simulator of their own, and the independent client `yubihsm`.

use kasane_hsm_simulator::{Options, Simulator};
use yubihsm::{
    Capability, Client, Connector, Credentials, Domain,
    client::Error,
    device,
    object::{Id, Label},
};

/// The label of objects whose label does not matter.
pub(crate) const LABEL: &str = "test";

/// A simulator that keeps nothing and behaves.
pub(crate) fn simulator() -> Simulator {
    Simulator::start(Options::default()).unwrap()
}

/// The client's way to a simulator.
pub(crate) fn connector(simulator: &Simulator) -> Connector {
    connector_to(simulator.listening().connector.port())
}

/// The client's way to a port of this computer.
pub(crate) fn connector_to(port: u16) -> Connector {
    Connector::http(&yubihsm::HttpConfig {
        addr: "127.0.0.1".into(),
        port,
        timeout_ms: 30_000,
    })
}

/// A client with the authentication key that a reset leaves.
pub(crate) fn client(simulator: &Simulator) -> Client {
    client_with(simulator, 1, "password").unwrap()
}

/// A client with some authentication key.
pub(crate) fn client_with(simulator: &Simulator, key: Id, password: &str) -> Result<Client, Error> {
    let credentials = Credentials::from_password(key, password.as_bytes());
    Client::open(connector(simulator), credentials, false)
}

/// An authentication key in domain 1 that may do this and no more.
pub(crate) fn limited(
    client: &Client,
    id: Id,
    domains: Domain,
    may: Capability,
    delegated: Capability,
) {
    client
        .put_authentication_key(
            id,
            label(),
            domains,
            may,
            delegated,
            yubihsm::authentication::Algorithm::YubicoAes,
            yubihsm::authentication::Key::derive_from_password(b"limited"),
        )
        .unwrap();
}

/// Any label.
pub(crate) fn label() -> Label {
    Label::from_bytes(LABEL.as_bytes()).unwrap()
}

/// What the device answered.
pub(crate) fn device_error<T: std::fmt::Debug>(outcome: Result<T, Error>) -> device::ErrorKind {
    let error = outcome.unwrap_err();
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(found) = source {
        if let Some(kind) = found.downcast_ref::<device::ErrorKind>() {
            return *kind;
        }
        source = found.source();
    }
    panic!("not an error of the device: {error:?}");
}
