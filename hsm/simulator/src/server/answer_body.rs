//! A body that may come late.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

/// The pause between header and body, when they are split.
const PAUSE: Duration = Duration::from_millis(50);

/// One piece of a known length. Without a pause it leaves in one write with the header; with one,
/// the header goes first.
pub(super) struct AnswerBody {
    pause: Option<Pin<Box<Sleep>>>,
    content: Option<Bytes>,
}

impl AnswerBody {
    pub(super) fn new(content: impl Into<Bytes>, split: bool) -> Self {
        Self {
            pause: split.then(|| Box::pin(sleep(PAUSE))),
            content: Some(content.into()),
        }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(pause) = &mut self.pause {
            ready!(pause.as_mut().poll(context));
            self.pause = None;
        }
        Poll::Ready(self.content.take().map(|content| Ok(Frame::data(content))))
    }

    fn is_end_stream(&self) -> bool {
        self.content.as_ref().is_none_or(Bytes::is_empty)
    }

    fn size_hint(&self) -> SizeHint {
        let length = self.content.as_ref().map_or(0, Bytes::len);
        SizeHint::with_exact(u64::try_from(length).unwrap_or(u64::MAX))
    }
}
