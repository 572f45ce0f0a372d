//! The HTTP server that a service stands on: connections and their limits, who may ask and how much, bodies, refusals,
//! streams, figures, and the document that describes a service. It knows nothing of a chain; what is served is an axum router.

mod access;
mod body;
mod budget;
mod client;
mod ending;
mod figures;
mod limits;
mod listen;
pub mod openapi;
mod rate;
mod refusal;
mod running;
mod server;
mod socket;
mod stream;

pub use access::{Access, Cors, CorsError, guarded};
pub use body::{Budgets, json, read_body};
pub use budget::Share;
pub use client::Client;
pub use figures::{FigureKind, Figures};
pub use limits::Limits;
pub use listen::{ListenError, listen};
pub use rate::{NoSlot, Rate, RateLimit, Slot, Slots, network_of};
pub use refusal::{Refusal, RefusalForm, coded_error, not_allowed, told_path, with_form};
pub use running::Running;
pub use server::{ClientAddress, Site};
pub use stream::{Piece, ServerEvent, events, lines, pieces};
