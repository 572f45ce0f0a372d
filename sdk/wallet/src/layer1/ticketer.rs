//! What layer 1 says of a ticketer, before anybody takes its tickets for what they claim.

use encoding::{Kt1Address, TicketContent, whole};
use layer1::michelson;

use super::asset::{Asset, AssetError};
use super::known::KnownContract;
use super::micheline::unit;
use super::{Layer1Block, Layer1Error};

/// What layer 1 says of a ticketer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketerFacts {
    /// Which of our contracts it is, by the hash of its script.
    pub ours: Option<KnownContract>,
    /// The content of its tickets, by its view `get_content`.
    pub content: Option<TicketContent>,
    /// What they stand for: what the code of ours says, otherwise what its view `get_token` says.
    pub asset: Option<Asset>,
}

impl Layer1Block<'_> {
    /// What layer 1 says of a ticketer; `None` if it has no such contract.
    ///
    /// # Errors
    /// When there is no answer. What a contract does not say, or says in another form, is nothing.
    pub fn ticketer(&self, ticketer: &Kt1Address) -> Result<Option<TicketerFacts>, Layer1Error> {
        let Some(ours) = self.our_contract(ticketer)? else { return Ok(None) };
        let content = told(self.view(ticketer, "get_content", &unit()))?;
        let content =
            content.and_then(|told| whole(&michelson::encode(&told), TicketContent::read).ok());
        let asset = match ours {
            Some(KnownContract::XtzTicketer) => Some(Asset::Tez),
            Some(KnownContract::DepositHelper) => None,
            Some(KnownContract::FaTicketer) | None => match self.token_of(ticketer) {
                Ok(asset) => Some(asset),
                Err(AssetError::NotAToken(_)) => None,
                Err(AssetError::Layer1(error)) => told(Err(error))?,
            },
        };
        Ok(Some(TicketerFacts { ours, content, asset }))
    }

    /// Whether a contract is one of our ticketers.
    ///
    /// # Errors
    /// When there is no answer.
    pub fn is_our_ticketer(&self, contract: &Kt1Address) -> Result<bool, Layer1Error> {
        let ours = self.our_contract(contract)?.flatten();
        Ok(matches!(ours, Some(KnownContract::XtzTicketer | KnownContract::FaTicketer)))
    }

    /// Which of our contracts one is, if it is one; `None` if layer 1 has no such contract.
    fn our_contract(
        &self,
        contract: &Kt1Address,
    ) -> Result<Option<Option<KnownContract>>, Layer1Error> {
        match told(self.contract(contract))? {
            // A script in another form than ours.
            None => Ok(Some(None)),
            Some(None) => Ok(None),
            Some(Some(found)) => Ok(Some(KnownContract::of(&found.script))),
        }
    }
}

/// What was told; nothing where the answer is no, or malformed: anybody can put any contract on layer 1.
fn told<T>(answer: Result<T, Layer1Error>) -> Result<Option<T>, Layer1Error> {
    match answer {
        Ok(told) => Ok(Some(told)),
        Err(Layer1Error::Refused { .. } | Layer1Error::Malformed { .. }) => Ok(None),
        Err(error @ Layer1Error::NoAnswer(_)) => Err(error),
    }
}
