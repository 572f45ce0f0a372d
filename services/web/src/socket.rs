//! A connection's socket with deadlines: for the head of a request, for the silence between requests, and
//! for reading an answer. hyper has none but for the head, and that one counts the silence before it.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

use super::Limits;

/// What is being waited for from the client.
#[derive(Clone, Copy, Debug)]
enum Expected {
    /// The rest of a head, until then.
    Head(Instant),
    /// Another request, until then.
    Request(Instant),
    /// Nothing with a deadline: a body has its own.
    Anything,
}

#[derive(Debug)]
struct State {
    expected: Expected,
    /// When what is written has to be read.
    answer_until: Option<Instant>,
    /// Whether there ever was a request.
    requested: bool,
    /// Whether a head did not arrive in time.
    head_was_late: bool,
}

/// The deadlines of a connection. Clones are the same ones.
#[derive(Clone, Debug)]
pub(crate) struct Deadlines {
    limits: Limits,
    state: Arc<Mutex<State>>,
}

impl Deadlines {
    pub(crate) fn new(limits: Limits) -> Self {
        let state = State {
            expected: Expected::Head(Instant::now() + limits.head_time),
            answer_until: None,
            requested: false,
            head_was_late: false,
        };
        Self { limits, state: Arc::new(Mutex::new(state)) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A head has arrived.
    pub(crate) fn request_begins(&self) {
        let mut state = self.state();
        state.requested = true;
        state.expected = Expected::Anything;
    }

    /// An answer, or a part of one, is going to be written.
    pub(crate) fn answer_begins(&self) {
        self.state().answer_until = Some(Instant::now() + self.limits.answer_time);
    }

    /// The connection is kept for another request.
    pub(crate) fn another_is_expected(&self) {
        self.state().expected = Expected::Request(Instant::now() + self.limits.idle_time);
    }

    /// Whether there ever was a request.
    pub(crate) fn was_requested(&self) -> bool {
        self.state().requested
    }

    /// Whether a head did not arrive in time.
    pub(crate) fn head_was_late(&self) -> bool {
        self.state().head_was_late
    }

    fn has_read(&self) {
        let mut state = self.state();
        if matches!(state.expected, Expected::Request(_)) {
            state.expected = Expected::Head(Instant::now() + self.limits.head_time);
        }
    }

    fn read_until(&self) -> Option<Instant> {
        match self.state().expected {
            Expected::Head(until) | Expected::Request(until) => Some(until),
            Expected::Anything => None,
        }
    }

    fn reading_is_late(&self) {
        let mut state = self.state();
        state.head_was_late = matches!(state.expected, Expected::Head(_));
    }
}

/// The client of a connection, as an answer that goes on sees it.
#[derive(Clone, Debug)]
pub(crate) struct Peer(Arc<TcpStream>);

impl Peer {
    pub(crate) fn new(stream: Arc<TcpStream>) -> Self {
        Self(stream)
    }

    /// Ready when the client has closed its end. What it sends meanwhile is dropped.
    pub(crate) fn poll_gone(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut dropped = [0; 1_024];
        loop {
            if std::task::ready!(self.0.poll_read_ready(cx)).is_err() {
                return Poll::Ready(());
            }
            match self.0.try_read(&mut dropped) {
                Ok(1..) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Ok(_) | Err(_) => return Poll::Ready(()),
            }
        }
    }
}

/// The socket as hyper reads and writes it.
pub(crate) struct Socket {
    stream: Arc<TcpStream>,
    deadlines: Deadlines,
    reading: Alarm,
    writing: Alarm,
}

impl Socket {
    pub(crate) fn new(stream: Arc<TcpStream>, deadlines: Deadlines) -> Self {
        Self { stream, deadlines, reading: Alarm(None), writing: Alarm(None) }
    }

    /// Writes when the socket has room, by the deadline of the answer.
    fn poll_written(
        &mut self,
        cx: &mut Context<'_>,
        write: impl Fn(&TcpStream) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        loop {
            match self.stream.poll_write_ready(cx) {
                Poll::Ready(Ok(())) => match write(&self.stream) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    written => return Poll::Ready(written),
                },
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {
                    let until = self.deadlines.state().answer_until;
                    return self.writing.poll(until, cx).map(|()| Err(late()));
                }
            }
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            match self.stream.poll_read_ready(cx) {
                Poll::Ready(Ok(())) => match self.stream.try_read(buffer.initialize_unfilled()) {
                    Ok(count) => {
                        buffer.advance(count);
                        self.deadlines.has_read();
                        return Poll::Ready(Ok(()));
                    }
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Err(error) => return Poll::Ready(Err(error)),
                },
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {
                    let until = self.deadlines.read_until();
                    std::task::ready!(self.reading.poll(until, cx));
                    self.deadlines.reading_is_late();
                    return Poll::Ready(Err(late()));
                }
            }
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        // Before any request there is nothing to answer: this is hyper's word on a head that it cannot
        // read, without a body. The server says it in JSON.
        if !self.deadlines.was_requested() {
            return Poll::Ready(Ok(bytes.len()));
        }
        self.poll_written(cx, |stream| stream.try_write(bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if !self.deadlines.was_requested() {
            return Poll::Ready(Ok(slices.iter().map(|slice| slice.len()).sum()));
        }
        self.poll_written(cx, |stream| stream.try_write_vectored(slices))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// The server shuts the socket down, as it may have something to add.
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

fn late() -> io::Error {
    io::ErrorKind::TimedOut.into()
}

/// Wakes who waits at a deadline that may move.
struct Alarm(Option<Pin<Box<Sleep>>>);

impl Alarm {
    fn poll(&mut self, until: Option<Instant>, cx: &mut Context<'_>) -> Poll<()> {
        let Some(until) = until else { return Poll::Pending };
        let sleep = self.0.get_or_insert_with(|| Box::pin(sleep_until(until)));
        if sleep.deadline() != until {
            sleep.as_mut().reset(until);
        }
        sleep.as_mut().poll(cx)
    }
}

/// Waits until a client has closed its end, and reads away what it still sends, but not for long.
pub(crate) async fn linger(stream: &TcpStream, time: Duration) {
    let read_away = async {
        let mut dropped = [0; 4_096];
        while stream.readable().await.is_ok() {
            match stream.try_read(&mut dropped) {
                Ok(1..) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Ok(_) | Err(_) => return,
            }
        }
    };
    // Who has not closed by then may lose its answer.
    let _ = tokio::time::timeout(time, read_away).await;
}
