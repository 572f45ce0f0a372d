//! A connection: requests are read from it, and answers and streams written to it, each by a deadline.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::head::Head;
use super::{NoRequest, Request, reason, refused};
use crate::budget::{Budget, Share};
use crate::limits::{
    ANSWER_TIME, BODY_TIME, HEAD_TIME, IDLE_TIME, LINGER_TIME, MAX_BODY_BYTES, MAX_HEAD_BYTES,
    SMALL_BYTES,
};

/// How often one who waits looks whether all is to end.
const LOOK: Duration = Duration::from_millis(200);
/// Bytes that are read at once.
const CHUNK: usize = 4_096;

/// A client's connection.
pub(crate) struct Connection {
    stream: TcpStream,
    /// What came after the last request.
    ahead: Vec<u8>,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream) -> Self {
        // Answers are written at once, so there is nothing to wait for; where it cannot be said,
        // they are only slower.
        let _ = stream.set_nodelay(true);
        Self { stream, ahead: Vec::new() }
    }

    /// Waits until another request begins; not if all ends meanwhile, or the client has nothing to
    /// say.
    pub(crate) fn waits_for_more(&mut self, ended: &AtomicBool) -> bool {
        if !self.ahead.is_empty() {
            return true;
        }
        let deadline = Instant::now() + IDLE_TIME;
        while Instant::now() < deadline && !ended.load(Ordering::SeqCst) {
            match read_some(&mut self.stream, &mut self.ahead, CHUNK, Instant::now() + LOOK) {
                Ok(count) => return count > 0,
                Err(error) if is_late(&error) => {}
                Err(_) => return false,
            }
        }
        false
    }

    /// Reads a request. A body of some size takes its share of what bodies may take in all, as long
    /// as what is returned with it is there.
    pub(crate) fn read<'a>(
        &mut self,
        any_host: bool,
        bodies: &'a Budget,
    ) -> Result<(Request, Option<Share<'a>>), NoRequest> {
        let deadline = Instant::now() + HEAD_TIME;
        let mut bytes = std::mem::take(&mut self.ahead);
        let mut seen = 0;
        let head_len = loop {
            // The end may lie across two reads.
            let from = usize::saturating_sub(seen, 3);
            let end = bytes[from..].windows(4).position(|window| window == b"\r\n\r\n");
            if let Some(at) = end {
                break from + at + 4;
            }
            if bytes.len() >= MAX_HEAD_BYTES {
                return Err(refused(431, "too_much", "the head is longer than 16 KiB"));
            }
            seen = bytes.len();
            if read_some(&mut self.stream, &mut bytes, MAX_HEAD_BYTES, deadline)? == 0 {
                return Err(NoRequest::Gone);
            }
        };
        let mut body = bytes.split_off(head_len);
        let head = Head::parse(&bytes, any_host)?;
        let share = if head.body_len > SMALL_BYTES {
            let share = bodies.take(head.body_len);
            Some(share.ok_or_else(|| refused(503, "busy", "too many large bodies at once"))?)
        } else {
            None
        };
        let deadline = Instant::now() + BODY_TIME;
        if head.expects_continue && body.len() < head.body_len {
            write_until(&mut self.stream, b"HTTP/1.1 100 Continue\r\n\r\n", deadline)?;
        }
        while body.len() < head.body_len {
            if read_some(&mut self.stream, &mut body, head.body_len, deadline)? == 0 {
                return Err(NoRequest::Gone);
            }
        }
        if body.len() > head.body_len {
            self.ahead = body.split_off(head.body_len);
        }
        Ok((Request { body, ..head.request }, share))
    }

    /// Writes an answer. Whether the client got it.
    pub(crate) fn write(&mut self, status: u16, body: &str, keep: bool) -> bool {
        let connection = if keep { "keep-alive" } else { "close" };
        let answer = format!(
            "HTTP/1.1 {status} {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             Connection: {connection}\r\nCache-Control: no-store\r\n\
             X-Content-Type-Options: nosniff\r\n\r\n{body}\n",
            reason(status),
            body.len() + 1,
        );
        write_until(&mut self.stream, answer.as_bytes(), Instant::now() + ANSWER_TIME).is_ok()
    }

    /// Ends the connection. What the client still sends is read for a moment, as the system would
    /// take the answer back from a client that has not been listened to.
    pub(crate) fn finish(mut self) {
        if self.stream.shutdown(Shutdown::Write).is_err() {
            // The client has gone.
            return;
        }
        let deadline = Instant::now() + LINGER_TIME;
        let mut dropped = Vec::new();
        let read = |stream: &mut TcpStream, dropped: &mut Vec<u8>| matches!(read_some(stream, dropped, MAX_BODY_BYTES, deadline), Ok(count) if count > 0);
        while read(&mut self.stream, &mut dropped) {
            dropped.clear();
        }
    }

    /// Begins a stream of values, in chunks where the client knows those. Whether the client got it.
    pub(crate) fn begin_stream(&mut self, chunked: bool) -> bool {
        let chunks = if chunked { "Transfer-Encoding: chunked\r\n" } else { "" };
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{chunks}Connection: close\r\n\
             Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n"
        );
        write_until(&mut self.stream, head.as_bytes(), Instant::now() + ANSWER_TIME).is_ok()
    }

    /// Writes a value of a stream, a line. Whether the client got it.
    pub(crate) fn stream(&mut self, value: &str, chunked: bool) -> bool {
        let text = if chunked {
            format!("{:x}\r\n{value}\n\r\n", value.len() + 1)
        } else {
            format!("{value}\n")
        };
        write_until(&mut self.stream, text.as_bytes(), Instant::now() + ANSWER_TIME).is_ok()
    }

    /// Ends a stream.
    pub(crate) fn end_stream(mut self, chunked: bool) {
        if chunked {
            // Who has gone needs no end.
            let _ = write_until(&mut self.stream, b"0\r\n\r\n", Instant::now() + ANSWER_TIME);
        }
        self.finish();
    }

    /// Whether the client of a stream has closed its end.
    pub(crate) fn has_gone(&mut self) -> bool {
        let mut bytes = [0; CHUNK];
        let read = self.stream.set_nonblocking(true).and_then(|()| self.stream.read(&mut bytes));
        let blocking = self.stream.set_nonblocking(false);
        match read {
            Ok(count) => count == 0 || blocking.is_err(),
            Err(error) => !is_late(&error) || blocking.is_err(),
        }
    }
}

fn is_late(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

/// Reads what there is, up to `most` bytes in all.
fn read_some(
    stream: &mut TcpStream,
    bytes: &mut Vec<u8>,
    most: usize,
    deadline: Instant,
) -> io::Result<usize> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(io::ErrorKind::TimedOut.into());
    }
    stream.set_read_timeout(Some(left))?;
    let mut chunk = [0; CHUNK];
    let room = most.saturating_sub(bytes.len()).min(CHUNK);
    let count = stream.read(&mut chunk[..room])?;
    bytes.extend_from_slice(&chunk[..count]);
    Ok(count)
}

fn write_until(stream: &mut TcpStream, mut bytes: &[u8], deadline: Instant) -> io::Result<()> {
    while !bytes.is_empty() {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        stream.set_write_timeout(Some(left))?;
        match stream.write(bytes)? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            count => bytes = &bytes[count..],
        }
    }
    Ok(())
}
