//! The direction of use between the crates, read from `cargo metadata`.

#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand};

/// Each crate and the crates of ours that it may use.
const ARROWS: &[(&str, &[&str])] = &[
    ("kasane-verify", &[]),
    ("kasane-verify-c", &["kasane-verify"]),
    ("kasane-verify-fetch", &["kasane-verify"]),
    ("kasane-ledger", &[]),
    ("kasane-ledger-schema", &[]),
    ("kasane-hsm", &["kasane-verify"]),
    // A second party to the client in `hsm`: shares no code with it.
    ("kasane-hsm-simulator", &[]),
    ("kasane-ca-core", BELOW_CA_CORE),
    ("kasane-crl", STATUS),
    ("kasane-ocsp", STATUS),
    ("kasane-web", WEB),
    ("kasane-cli", CLI),
    ("kasane-agent", &["kasane-verify", "kasane-hsm"]),
    ("kasane-tests", EVERYTHING),
];

const BELOW_CA_CORE: &[&str] = &[
    "kasane-verify",
    "kasane-hsm",
    "kasane-ledger",
    "kasane-ledger-schema",
];

const STATUS: &[&str] = &[
    "kasane-ca-core",
    "kasane-verify",
    "kasane-hsm",
    "kasane-ledger",
    "kasane-ledger-schema",
];

const WEB: &[&str] = &[
    "kasane-crl",
    "kasane-ocsp",
    "kasane-ca-core",
    "kasane-verify",
    "kasane-hsm",
    "kasane-ledger",
    "kasane-ledger-schema",
];

const CLI: &[&str] = &[
    "kasane-web",
    "kasane-crl",
    "kasane-ocsp",
    "kasane-ca-core",
    "kasane-verify",
    "kasane-hsm",
    "kasane-ledger",
    "kasane-ledger-schema",
    "kasane-hsm-simulator",
];

const EVERYTHING: &[&str] = &[
    "kasane-cli",
    "kasane-web",
    "kasane-crl",
    "kasane-ocsp",
    "kasane-ca-core",
    "kasane-verify",
    "kasane-verify-fetch",
    "kasane-hsm",
    "kasane-hsm-simulator",
    "kasane-ledger",
    "kasane-ledger-schema",
    "kasane-agent",
];

/// Libraries that one crate alone may name, tests aside.
const HOMES: &[(&str, &[&str])] = &[
    (
        "kasane-web",
        &["axum", "axum-core", "axum-server", "axum-extra"],
    ),
    (
        "kasane-hsm",
        &[
            "cryptoki",
            "cryptoki-sys",
            "pkcs11",
            "yubihsm",
            "yubihsm-connector",
        ],
    ),
    (
        "kasane-ca-core",
        &[
            "sled",
            "rusqlite",
            "sqlx",
            "postgres",
            "tokio-postgres",
            "diesel",
            "redb",
            "fjall",
            "rocksdb",
            "heed",
            "lmdb",
        ],
    ),
];

/// Beginnings of the names of libraries that wait.
const ASYNC: &[&str] = &[
    "tokio", "async-", "futures", "hyper", "mio", "smol", "reqwest", "axum", "tower",
];

/// Crates that an outsider uses alone: no database, nothing that waits.
const FOR_OUTSIDERS: &[&str] = &[
    "kasane-verify",
    "kasane-verify-c",
    "kasane-ledger",
    "kasane-ledger-schema",
];

/// Who names whom (tests and benchmarks aside), and who reaches what in the end.
#[derive(Default)]
struct Graph {
    direct: BTreeMap<String, BTreeSet<String>>,
    reachable: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    fn of_workspace() -> Self {
        let metadata = MetadataCommand::new()
            .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
            .other_options(["--locked".to_owned()])
            .exec()
            .unwrap();
        let names: BTreeMap<_, _> = metadata
            .packages
            .iter()
            .map(|p| (&p.id, p.name.to_string()))
            .collect();
        let resolve = metadata.resolve.as_ref().unwrap();
        let edges: BTreeMap<_, Vec<_>> = resolve
            .nodes
            .iter()
            .map(|node| {
                let used = node.deps.iter().filter(|dep| {
                    dep.dep_kinds
                        .iter()
                        .any(|kind| kind.kind == DependencyKind::Normal)
                });
                (&node.id, used.map(|dep| &dep.pkg).collect())
            })
            .collect();
        let mut graph = Self::default();
        for package in metadata.workspace_packages() {
            let direct = package
                .dependencies
                .iter()
                .filter(|dependency| dependency.kind != DependencyKind::Development)
                .map(|dependency| dependency.name.clone())
                .collect();
            graph.direct.insert(package.name.to_string(), direct);
            let (mut seen, mut open) = (BTreeSet::new(), vec![&package.id]);
            while let Some(id) = open.pop() {
                for next in &edges[id] {
                    if seen.insert(names[next].clone()) {
                        open.push(next);
                    }
                }
            }
            graph.reachable.insert(package.name.to_string(), seen);
        }
        graph
    }

    fn violations(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (name, used) in &self.direct {
            let Some((_, allowed)) = ARROWS.iter().find(|(crate_name, _)| crate_name == name)
            else {
                found.push(format!(
                    "{name} has no place in the house: add it to ARROWS"
                ));
                continue;
            };
            for dependency in used {
                if dependency.starts_with("kasane-") && !allowed.contains(&dependency.as_str()) {
                    found.push(format!("{name} must not use {dependency}"));
                }
                for (home, libraries) in HOMES {
                    if libraries.contains(&dependency.as_str()) && name != home {
                        found.push(format!("{dependency} belongs into {home}, not {name}"));
                    }
                }
            }
        }
        for name in FOR_OUTSIDERS {
            for library in self.reachable.get(*name).into_iter().flatten() {
                if ASYNC.iter().any(|prefix| library.starts_with(prefix)) {
                    found.push(format!("{name} reaches {library}, which waits"));
                }
                if HOMES
                    .iter()
                    .any(|(_, libraries)| libraries.contains(&library.as_str()))
                {
                    found.push(format!("{name} reaches {library}"));
                }
            }
        }
        found
    }
}

#[test]
fn crates_use_each_other_in_one_direction_only() {
    let graph = Graph::of_workspace();
    assert!(graph.direct.len() >= 10, "the whole workspace was read");
    assert!(
        graph.reachable["kasane-verify"].contains("der"),
        "dependencies were followed"
    );
    assert_eq!(graph.violations(), Vec::<String>::new());
}

#[test]
fn every_wrong_arrow_is_named() {
    let wrong = [
        (
            "kasane-verify",
            "kasane-ca-core",
            "kasane-verify must not use kasane-ca-core",
        ),
        (
            "kasane-ledger",
            "kasane-ledger-schema",
            "kasane-ledger must not use kasane-ledger-schema",
        ),
        (
            "kasane-crl",
            "kasane-ocsp",
            "kasane-crl must not use kasane-ocsp",
        ),
        (
            "kasane-cli",
            "axum",
            "axum belongs into kasane-web, not kasane-cli",
        ),
        (
            "kasane-ca-core",
            "cryptoki",
            "cryptoki belongs into kasane-hsm, not kasane-ca-core",
        ),
        (
            "kasane-web",
            "sled",
            "sled belongs into kasane-ca-core, not kasane-web",
        ),
        (
            "kasane-new",
            "der",
            "kasane-new has no place in the house: add it to ARROWS",
        ),
    ];
    for (name, dependency, message) in wrong {
        let mut graph = Graph::default();
        graph
            .direct
            .insert(name.into(), [dependency.to_owned()].into());
        assert_eq!(graph.violations(), [message]);
    }
    for (library, message) in [
        (
            "tokio-util",
            "kasane-verify reaches tokio-util, which waits",
        ),
        ("sled", "kasane-verify reaches sled"),
    ] {
        let mut graph = Graph::default();
        graph
            .reachable
            .insert("kasane-verify".into(), [library.to_owned()].into());
        assert_eq!(graph.violations(), [message]);
    }
}
