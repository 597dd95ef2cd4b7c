//! The faults that wait for their commands.

use std::time::Duration;

use super::{Garbage, Misbehaviour, Occasion};
use crate::protocol::{CommandCode, DeviceError};

#[derive(Clone, Copy, Debug)]
enum Effect {
    Delay(Duration),
    Garbage(Garbage),
    LoseRequest,
    LoseAnswer,
    Refuse(DeviceError),
    Lie(DeviceError),
}

struct Rule {
    occasion: Occasion,
    effect: Effect,
}

/// What one command suffers.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Effects {
    /// Waits first.
    pub delay: Duration,
    /// Is lost before it is executed.
    pub lose_request: bool,
    /// Is refused.
    pub refuse: Option<DeviceError>,
    /// Its answer is lost.
    pub lose_answer: bool,
    /// Its answer is nonsense.
    pub garbage: Option<Garbage>,
    /// Its answer is an error that is not the device's.
    pub lie: Option<DeviceError>,
}

/// Rules, in the order in which they came.
#[derive(Default)]
pub struct FaultPlan {
    rules: Vec<Rule>,
}

impl FaultPlan {
    /// Adds a rule; false when the wish is of another kind.
    pub fn add(&mut self, wish: &Misbehaviour) -> bool {
        let (effect, occasion) = match wish {
            Misbehaviour::Delay {
                milliseconds,
                occasion,
            } => (
                Effect::Delay(Duration::from_millis(*milliseconds)),
                occasion,
            ),
            Misbehaviour::Garbage { kind, occasion } => (Effect::Garbage(*kind), occasion),
            Misbehaviour::LoseRequest { occasion } => (Effect::LoseRequest, occasion),
            Misbehaviour::LoseAnswer { occasion } => (Effect::LoseAnswer, occasion),
            Misbehaviour::Refuse { error, occasion } => (Effect::Refuse(*error), occasion),
            Misbehaviour::Lie { error, occasion } => (Effect::Lie(*error), occasion),
            _ => return false,
        };
        self.rules.push(Rule {
            occasion: *occasion,
            effect,
        });
        true
    }

    /// Forgets all rules.
    pub fn clear(&mut self) {
        self.rules.clear();
    }

    /// Whether no rule waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// What a command suffers; rules with a count are used up by it. Of each kind of fault the
    /// first rule counts.
    pub fn take(&mut self, command: CommandCode) -> Effects {
        let mut effects = Effects::default();
        for rule in &mut self.rules {
            if rule.occasion.command.is_some_and(|code| code != command.0)
                || rule.occasion.count == Some(0)
                || !effects.suffer(rule.effect)
            {
                continue;
            }
            if let Some(count) = &mut rule.occasion.count {
                *count -= 1;
            }
            if effects.lose_request || effects.refuse.is_some() {
                break;
            }
        }
        self.rules.retain(|rule| rule.occasion.count != Some(0));
        effects
    }
}

impl Effects {
    /// Takes a fault in, unless there is one of its kind.
    fn suffer(&mut self, effect: Effect) -> bool {
        let unchanged = *self;
        match effect {
            Effect::Delay(time) if self.delay.is_zero() => self.delay = time,
            Effect::Garbage(kind) if self.garbage.is_none() => self.garbage = Some(kind),
            Effect::LoseRequest => self.lose_request = true,
            Effect::LoseAnswer => self.lose_answer = true,
            Effect::Refuse(error) if self.refuse.is_none() => self.refuse = Some(error),
            Effect::Lie(error) if self.lie.is_none() => self.lie = Some(error),
            _ => {}
        }
        *self != unchanged
    }
}
