//! A connection to the feed, its handshake included.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};
use tokio_rustls::server::TlsStream;
use tokio_rustls::{Accept, TlsAcceptor};

/// A connection whose handshake is done by whoever first reads from it or writes to it: it holds up
/// nobody else, and the limits of a server hold for it already.
pub struct FeedStream(State);

enum State {
    Shaking {
        accept: Box<Accept<TcpStream>>,
        deadline: Pin<Box<Sleep>>,
    },
    Ready(Box<TlsStream<TcpStream>>),
    Failed,
}

impl FeedStream {
    /// The handshake of `stream` may take `limit`.
    pub(super) fn new(acceptor: &TlsAcceptor, stream: TcpStream, limit: Duration) -> Self {
        Self(State::Shaking {
            accept: Box::new(acceptor.accept(stream)),
            deadline: Box::pin(sleep(limit)),
        })
    }

    /// Gets on with the handshake.
    fn poll_ready(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<Pin<&mut TlsStream<TcpStream>>>> {
        if let State::Shaking { accept, deadline } = &mut self.0 {
            let shaken = match Pin::new(accept).poll(context) {
                Poll::Ready(shaken) => shaken,
                Poll::Pending => {
                    ready!(deadline.as_mut().poll(context));
                    Err(io::Error::new(
                        io::ErrorKind::TimedOut,
                        "the handshake took too long",
                    ))
                }
            };
            self.0 = match shaken {
                Ok(stream) => State::Ready(Box::new(stream)),
                Err(error) => {
                    self.0 = State::Failed;
                    return Poll::Ready(Err(error));
                }
            };
        }
        Poll::Ready(match &mut self.0 {
            State::Ready(stream) => Ok(Pin::new(stream.as_mut())),
            _ => Err(io::ErrorKind::NotConnected.into()),
        })
    }

    /// Nothing was written before the handshake.
    fn shaken(&mut self) -> Option<Pin<&mut TlsStream<TcpStream>>> {
        match &mut self.0 {
            State::Ready(stream) => Some(Pin::new(stream.as_mut())),
            _ => None,
        }
    }
}

impl AsyncRead for FeedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(self.poll_ready(context))?.poll_read(context, buffer)
    }
}

impl AsyncWrite for FeedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_ready(context))?.poll_write(context, octets)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.shaken() {
            Some(stream) => stream.poll_flush(context),
            None => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.shaken() {
            Some(stream) => stream.poll_shutdown(context),
            None => Poll::Ready(Ok(())),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_ready(context))?.poll_write_vectored(context, slices)
    }

    /// As a TLS stream; asked before there is one.
    fn is_write_vectored(&self) -> bool {
        true
    }
}

impl std::fmt::Debug for FeedStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            State::Shaking { .. } => "FeedStream(shaking)",
            State::Ready(_) => "FeedStream(ready)",
            State::Failed => "FeedStream(failed)",
        })
    }
}
