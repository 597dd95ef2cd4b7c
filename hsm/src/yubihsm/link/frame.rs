//! The outermost form of commands and answers (YubiHSM Command Reference, "Message format").

/// Longest frame, in bytes: the buffer of firmware 2.4; older ones have 2,048.
pub(super) const MAX_BYTES: usize = 3136;

/// Code of an answer that is an error.
const ERROR: u8 = 0x7f;

/// What kind of answer it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// To the command that was asked.
    Fitting,
    /// An error outside of the secure channel.
    Refused(u8),
    /// Neither.
    Garbage,
}

/// Whether `answer` can be one to `command`. What cannot is kept from the client, which would
/// panic over some of it.
pub(super) fn classify(command: &[u8], answer: &[u8]) -> Answer {
    let (Some(&asked), [code, high, low, data @ ..]) = (command.first(), answer) else {
        return Answer::Garbage;
    };
    if usize::from(u16::from_be_bytes([*high, *low])) != data.len() {
        return Answer::Garbage;
    }
    match (*code, data) {
        (ERROR, [error]) => Answer::Refused(*error),
        (code, _) if code == asked | 0x80 => Answer::Fitting,
        _ => Answer::Garbage,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_an_answer_is_one() {
        let command = [0x05, 0, 1, 0];
        assert_eq!(classify(&command, &[0x85, 0, 1, 9]), Answer::Fitting);
        assert_eq!(classify(&command, &[0x7f, 0, 1, 3]), Answer::Refused(3));
        for garbage in [
            &[][..],
            &[0x85],
            &[0x85, 0, 2, 9],
            &[0x83, 0, 1, 9],
            &[0x7f, 0, 0],
            b"<html>",
        ] {
            assert_eq!(classify(&command, garbage), Answer::Garbage, "{garbage:?}");
        }
        assert_eq!(classify(&[], &[0x85, 0, 0]), Answer::Garbage);
    }
}
