//! An event stream as one member of a crowd reads it.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Bytes that are read at once.
const AT_ONCE: usize = 16 << 10;

/// A stream of events.
pub(super) struct EventStream {
    socket: TcpStream,
    /// What has been read of the body as it is sent, in chunks.
    raw: Vec<u8>,
    /// What the chunks have, from the next event on.
    text: Vec<u8>,
}

/// An event.
pub(super) struct Event {
    pub kind: String,
    pub data: String,
}

impl EventStream {
    /// Opens it.
    pub(super) async fn open(address: SocketAddr, path: &str) -> Result<Self, String> {
        let mut socket = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n");
        socket.write_all(request.as_bytes()).await.map_err(|error| error.to_string())?;
        let mut stream = Self { socket, raw: Vec::new(), text: Vec::new() };
        loop {
            if let Some(end) = find(&stream.raw, b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&stream.raw[..end]).into_owned();
                if head.split(' ').nth(1) != Some("200") {
                    return Err(format!("{path}: {head}"));
                }
                stream.raw.drain(..end + 4);
                return Ok(stream);
            }
            stream.more().await?;
        }
    }

    /// The next event, whatever it is.
    pub(super) async fn next(&mut self) -> Result<Event, String> {
        loop {
            self.take_chunks()?;
            if let Some(end) = find(&self.text, b"\n\n") {
                let event = event(&String::from_utf8_lossy(&self.text[..end]));
                self.text.drain(..end + 2);
                match event {
                    Some(event) => return Ok(event),
                    // A comment, so that nobody thinks that the stream is dead.
                    None => continue,
                }
            }
            self.more().await?;
        }
    }

    async fn more(&mut self) -> Result<(), String> {
        self.raw.reserve(AT_ONCE);
        match self.socket.read_buf(&mut self.raw).await {
            Ok(0) => Err("the stream has ended".to_owned()),
            Ok(_) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Moves whole chunks to the text.
    fn take_chunks(&mut self) -> Result<(), String> {
        let mut at = 0;
        while let Some(line) = find(&self.raw[at..], b"\r\n") {
            let size = String::from_utf8_lossy(&self.raw[at..at + line]).into_owned();
            let size =
                usize::from_str_radix(&size, 16).map_err(|_| format!("a chunk of {size}"))?;
            let first = at + line + 2;
            let Some(chunk) = self.raw.get(first..first + size + 2) else { break };
            self.text.extend_from_slice(&chunk[..size]);
            at = first + size + 2;
        }
        self.raw.drain(..at);
        Ok(())
    }
}

fn event(text: &str) -> Option<Event> {
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name));
    let data = field("data: ")?;
    Some(Event { kind: field("event: ").unwrap_or_default().to_owned(), data: data.to_owned() })
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}
