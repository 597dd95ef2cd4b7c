//! Officers at work.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use serde_json::Value;

use crate::world::World;

/// Officers with keys of their own, and the documents that they make.
pub(crate) struct Desk {
    pub(crate) world: World,
}

impl Desk {
    pub(super) fn new<const N: usize>(officers: [&str; N]) -> Self {
        let world = World::empty();
        for name in officers {
            let passphrase = world.file(&format!("{name}.pass"));
            std::fs::write(&passphrase, format!("the passphrase of {name}\n")).unwrap();
            let own = std::fs::Permissions::from_mode(0o600);
            std::fs::set_permissions(&passphrase, own).unwrap();
        }
        let desk = Self { world };
        for name in officers {
            let made = desk.run(&format!(
                "trust officer new {name} --keys @{name}.keys --passphrase-file @{name}.pass \
                 --out @{name}.pem"
            ));
            assert_eq!(made["algorithm"], "p-384");
        }
        desk
    }

    /// Words of a command; `@` stands for the folder, `_` for a space.
    pub(crate) fn words(&self, command: &str) -> Vec<String> {
        let folder = self.world.file("");
        let folder = folder.to_str().unwrap();
        let word = |it: &str| {
            let it = it.replace('_', " ");
            let it = it.replace("=@", &format!("={folder}"));
            it.strip_prefix('@')
                .map_or_else(|| it.clone(), |name| format!("{folder}{name}"))
        };
        command.split_whitespace().map(word).collect()
    }

    pub(crate) fn run(&self, command: &str) -> Value {
        self.world.json(self.words(command))
    }

    pub(crate) fn refusal(&self, command: &str) -> (i32, String) {
        self.world.refusal(self.words(command))
    }

    pub(crate) fn sign(&self, document: &str, officers: &[&str]) -> String {
        for name in officers {
            self.run(&format!(
                "trust sign @{document} --key {name} --keys @{name}.keys \
                 --passphrase-file @{name}.pass --yes"
            ));
        }
        document.to_owned()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.world.file(name)
    }

    /// Two of three officers, their document signed and pinned in `state`.
    pub(crate) fn settled() -> Self {
        let desk = Self::new(["sato", "mori", "abe"]);
        let prepared = desk.run(
            "trust officers --domain kasane.example --threshold 2 --officer Sato=@sato.pem \
             --officer Mori=@mori.pem --officer Abe=@abe.pem --out @officers-1",
        );
        let pin = prepared["content"]["fingerprint"].as_str().unwrap();
        desk.sign("officers-1", &["sato", "abe"]);
        desk.run(&format!(
            "trust verify @officers-1 --state @state --pin {pin}"
        ));
        desk
    }

    pub(super) fn policy(&self, number: u64, signers: &[&str]) -> String {
        let timeline = concat!(env!("CARGO_MANIFEST_DIR"), "/../policy/timeline.toml");
        let name = format!("policy-{number}");
        let words = self.words(&format!(
            "trust prepare policy TIMELINE --officers @officers-1 --number {number} --out @{name}"
        ));
        let words = words.into_iter().map(|it| it.replace("TIMELINE", timeline));
        self.world.json(words);
        self.sign(&name, signers)
    }
}
