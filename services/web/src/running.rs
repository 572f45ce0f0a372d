//! A server on a thread of its own, beside the thread that does a service's work.

use std::io;
use std::net::TcpListener;
use std::thread::{self, JoinHandle};

use axum::Router;
use tokio::sync::watch;

use crate::ending::Ending;
use crate::server::{Site, serve};

/// A server that runs until it is told to end, or is dropped.
#[derive(Debug)]
pub struct Running {
    connections: JoinHandle<io::Result<()>>,
    end: watch::Sender<bool>,
}

impl Running {
    /// Serves a router on a thread of its own.
    ///
    /// # Errors
    /// When the system gives no thread, or what one needs to wait for connections.
    pub fn start(listener: TcpListener, router: Router, site: Site) -> io::Result<Self> {
        // Where the system gives no more files, as many connections are served as it gives.
        let _ = rlimit::increase_nofile_limit(site.limits.files);
        listener.set_nonblocking(true)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (end, ending) = watch::channel(false);
        let connections =
            thread::Builder::new().name("connections".to_owned()).spawn(move || {
                runtime.block_on(async {
                    let listener = tokio::net::TcpListener::from_std(listener)?;
                    serve(listener, router, site, Ending(ending)).await;
                    io::Result::Ok(())
                })
            })?;
        Ok(Self { connections, end })
    }

    /// Ends it, after a moment for the answers that are on their way.
    ///
    /// # Errors
    /// When no connections could be taken at all.
    pub fn end(self) -> io::Result<()> {
        // It fails when all connections have ended already.
        let _ = self.end.send(true);
        // A thread that panicked has ended as well.
        self.connections.join().unwrap_or(Ok(()))
    }
}
