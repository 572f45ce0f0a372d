//! Connections over which a crowd posts. A member has one for the time of a request: as many as a crowd has members
//! would not fit a process.

use std::net::SocketAddr;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::sync::Semaphore;

/// Such connections.
pub(super) struct Posts {
    address: SocketAddr,
    permits: Semaphore,
    idle: Mutex<Vec<BufReader<TcpStream>>>,
}

impl Posts {
    pub(super) fn new(address: SocketAddr, connections: usize) -> Self {
        Self { address, permits: Semaphore::new(connections), idle: Mutex::default() }
    }

    /// Posts a body. Returns the status and what was answered.
    pub(super) async fn post(&self, path: &str, body: &str) -> Result<(u16, String), String> {
        let permit = self.permits.acquire().await.map_err(|error| error.to_string())?;
        // A connection that has been idle for too long may have been closed.
        let kept = self.idle.lock().await.pop();
        let answered = match kept {
            Some(connection) => match self.ask(connection, path, body).await {
                Ok(answer) => Ok(answer),
                Err(_) => self.ask(self.connect().await?, path, body).await,
            },
            None => self.ask(self.connect().await?, path, body).await,
        };
        drop(permit);
        answered
    }

    async fn connect(&self) -> Result<BufReader<TcpStream>, String> {
        let stream = TcpStream::connect(self.address).await.map_err(|error| error.to_string())?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        Ok(BufReader::new(stream))
    }

    async fn ask(
        &self,
        mut connection: BufReader<TcpStream>,
        path: &str,
        body: &str,
    ) -> Result<(u16, String), String> {
        let failed = |error: std::io::Error| error.to_string();
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        connection.get_mut().write_all(request.as_bytes()).await.map_err(failed)?;
        let (mut status, mut length, mut line) = (None, 0, String::new());
        loop {
            line.clear();
            if connection.read_line(&mut line).await.map_err(failed)? == 0 {
                return Err("the connection ended".to_owned());
            }
            let text = line.trim_end();
            if text.is_empty() {
                break;
            }
            if status.is_none() {
                status = text.split(' ').nth(1).and_then(|text| text.parse().ok());
            } else if let Some((name, value)) = text.split_once(": ")
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.parse().map_err(|_| format!("a length of {value}"))?;
            }
        }
        let mut answer = vec![0; length];
        connection.read_exact(&mut answer).await.map_err(failed)?;
        self.idle.lock().await.push(connection);
        Ok((status.ok_or("no status")?, String::from_utf8_lossy(&answer).into_owned()))
    }
}
