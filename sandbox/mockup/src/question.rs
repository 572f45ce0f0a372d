//! A ticket that somebody asks about, in whatever form they write it.

use layer1::fits::{Mismatch, fits};
use layer1::michelson::Node;

use crate::normal::normal;
use crate::ticket::{ContractHash, Ticket};

impl Ticket {
    /// The ticket of a ticketer with a content of a type, however it is written.
    ///
    /// # Errors
    /// When the content is not of the type.
    pub fn read(
        ticketer: ContractHash,
        content_type: &Node,
        content: &Node,
    ) -> Result<Self, Mismatch> {
        fits(content, content_type)?;
        Ok(Self::new(ticketer, content_type, normal(content, content_type)))
    }
}
