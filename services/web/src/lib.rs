//! The HTTP server that a service stands on: connections and their limits, who may ask, bodies, refusals,
//! and streams. It knows nothing of a chain; what is served is an axum router.

mod access;
mod body;
mod budget;
mod limits;
mod listen;
mod refusal;
mod running;
mod server;
mod socket;
mod stream;

pub use access::{Access, Cors, CorsError, guarded};
pub use body::{Budgets, json, read_body};
pub use budget::Share;
pub use limits::Limits;
pub use listen::{ListenError, listen};
pub use refusal::Refusal;
pub use running::Running;
pub use server::Site;
pub use stream::lines;
