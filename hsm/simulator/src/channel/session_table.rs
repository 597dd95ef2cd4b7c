//! The places for sessions.

use std::time::{Duration, Instant};

use super::Session;
use crate::protocol::DeviceError;

/// Sessions at a time (YubiHSM Core Concepts, "Session").
pub const MAX_SESSIONS: usize = 16;

/// Sixteen places. Who is silent for the time-out loses its place.
#[derive(Default)]
pub struct SessionTable {
    places: [Option<Session>; MAX_SESSIONS],
}

impl SessionTable {
    /// Takes the first free place.
    ///
    /// # Errors
    /// [`DeviceError::SessionsFull`].
    pub fn insert(&mut self, session: Session) -> Result<u8, DeviceError> {
        let (number, place) = (0..)
            .zip(&mut self.places)
            .find(|(_, place)| place.is_none())
            .ok_or(DeviceError::SessionsFull)?;
        *place = Some(session);
        Ok(number)
    }

    /// Whether a place is free.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.places.iter().any(Option::is_none)
    }

    /// A session that is alive.
    ///
    /// # Errors
    /// [`DeviceError::InvalidSession`].
    pub fn find(&mut self, number: u8) -> Result<&mut Session, DeviceError> {
        self.places
            .get_mut(usize::from(number))
            .and_then(Option::as_mut)
            .ok_or(DeviceError::InvalidSession)
    }

    /// Ends a session; whether there was one.
    pub fn remove(&mut self, number: u8) -> bool {
        self.places
            .get_mut(usize::from(number))
            .and_then(Option::take)
            .is_some()
    }

    /// Ends all; how many there were.
    pub fn clear(&mut self) -> usize {
        self.places.iter_mut().filter_map(Option::take).count()
    }

    /// Ends those that an authentication key opened.
    pub fn remove_of(&mut self, key_id: u16) {
        for place in &mut self.places {
            if place.as_ref().is_some_and(|one| one.key_id == key_id) {
                *place = None;
            }
        }
    }

    /// Ends those that were silent for too long.
    pub fn expire(&mut self, now: Instant, after: Duration) {
        for place in &mut self.places {
            if place
                .as_ref()
                .is_some_and(|one| now.duration_since(one.last_used) >= after)
            {
                *place = None;
            }
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.iter().flatten().count()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
