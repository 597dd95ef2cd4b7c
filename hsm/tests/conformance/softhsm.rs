//! SoftHSM 2 behind a library that fails on request.

use std::fs;
use std::sync::Arc;

use kasane_hsm::{Device, DeviceName, Error, Pkcs11Device};
use kasane_verify::KeyAlgorithm;

use crate::token_world::{self, Given, PIN, TOKEN, alone};
use crate::world::{Through, Trouble, World};

/// `CKR_DEVICE_ERROR`: does not say whether the signature was made.
const DEVICE_ERROR: u64 = 0x30;
/// `CKR_TOKEN_NOT_PRESENT`.
const TOKEN_NOT_PRESENT: u64 = 0xe0;

/// Runs a rule in a process and a folder of its own.
pub(crate) fn run(name: &'static str, rule: fn(&dyn World, Through), through: Through) {
    alone(name, |world| {
        world.init(&world.faulty(), TOKEN);
        rule(&SoftHsm { world }, through);
    });
}

struct SoftHsm<'a> {
    world: &'a token_world::World,
}

impl SoftHsm<'_> {
    fn open(&self, pin: &'static str) -> Arc<dyn Device> {
        let config = self.world.config(&self.world.faulty());
        let name = DeviceName::new("token-a").unwrap();
        Arc::new(Pkcs11Device::unconnected(name, &config, &[], &Given(pin)).unwrap())
    }
}

impl World for SoftHsm<'_> {
    fn maker(&self) -> Arc<dyn Device> {
        self.device()
    }

    fn device(&self) -> Arc<dyn Device> {
        let device = self.open(PIN);
        device.probe().unwrap();
        device
    }

    fn impostor(&self) -> Result<Arc<dyn Device>, Error> {
        Ok(self.open("wrong-pin"))
    }

    fn tries(&self) -> Option<usize> {
        Some(self.world.calls("C_Login"))
    }

    fn is_interruptible(&self) -> bool {
        false
    }

    fn algorithms(&self) -> Vec<KeyAlgorithm> {
        vec![
            KeyAlgorithm::Rsa { bits: 2048 },
            KeyAlgorithm::Rsa { bits: 3072 },
            KeyAlgorithm::P256,
            KeyAlgorithm::P384,
            KeyAlgorithm::Ed25519,
        ]
    }

    fn inflict(&self, trouble: Trouble) -> bool {
        match trouble {
            Trouble::FullLog => return false,
            Trouble::LostAnswer => self.world.plan("C_Sign", "after", DEVICE_ERROR, 1),
            Trouble::LostSession => self.world.plan("C_SignInit", "close", 0, 1),
            Trouble::Removed => {
                self.world
                    .plan("C_SignInit", "before", TOKEN_NOT_PRESENT, 1_000_000);
            }
            Trouble::Slow => self.world.plan("C_Sign", "hold", 0, 1),
        }
        true
    }

    fn heal(&self) {
        for function in ["C_SignInit", "C_Sign"] {
            // Gone already when it was used up.
            let _ = fs::remove_file(self.world.folder().join("plan").join(function));
        }
    }

    fn restart(&self) {
        let library = cryptoki::context::Pkcs11::new(self.world.library()).unwrap();
        library.finalize().unwrap();
    }
}
