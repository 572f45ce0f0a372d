//! What a batcher asks for: in which ticket it is paid, and whether that is agreed to.

use encoding::{Amount, Ticket};
use serde_json::json;
use wallet::batcher::fee::Price;
use wallet::pay::DraftPayments;
use wallet::state::{Account, RollupState};
use wallet::ticket::Token;

use super::super::error::via::ViaError;
use super::super::grid::grouped;
use super::super::session::Session;
use super::ThroughBatcher;
use crate::cli::groups::SendingArgs;
use crate::error::Failure;
use crate::shell;

impl ThroughBatcher {
    /// The draft with the fee in it that is asked for, if that is agreed to. `paid` is the ticket that is paid.
    pub fn with_fee(
        &self,
        session: &Session<'_>,
        state: &RollupState<'_>,
        payer: &Account,
        paid: Option<&Ticket>,
        draft: DraftPayments,
        args: &SendingArgs,
    ) -> Result<DraftPayments, Failure> {
        // What is malformed is told where nothing is asked for, too.
        let most = args.via.most()?.map(|most| confirmed(session, state, payer, most));
        let most = most.transpose()?;
        let prices = self.batcher.prices()?;
        if prices.is_empty() {
            return Ok(draft);
        }
        let tokens = state.tokens()?;
        let wanted = most.as_ref().map(|(token, _)| &token.ticket).or(paid);
        let same = prices.iter().find(|one| Some(&one.ticket) == wanted);
        let price = match (same, &most) {
            (Some(price), _) => price,
            (None, Some((token, _))) => {
                let taken = prices.iter().map(|one| label(state, &tokens, &one.ticket));
                let taken: Vec<String> = taken.collect::<Result<_, _>>()?;
                let (wanted, taken) = (token.among(&tokens), taken.join(", "));
                return Err(ViaError::OtherFee { wanted, taken }.into());
            }
            (None, None) => affordable(state, payer, &tokens, &prices, &draft)?,
        };
        let fee = sum(price, &draft).ok_or(ViaError::FeeTooLarge)?;
        let token = state.token_of(&tokens, &price.ticket)?;
        let words = format!(
            "{} {}",
            grouped(&wallet::amount::text(fee, token.decimals)),
            token.among(&tokens)
        );
        let option = format!(
            "--max-fee {} {}",
            wallet::amount::text(fee, token.decimals),
            shell::word(&token.word())
        );
        match &most {
            Some((_, most)) if fee > *most => {
                let most = grouped(&wallet::amount::text(*most, token.decimals));
                return Err(ViaError::FeeAbove { fee: words, most, option }.into());
            }
            // Nobody is asked, so that nobody could see it.
            None if args.confirm.yes && !args.confirm.dry_run => {
                return Err(ViaError::FeeNotConfirmed { fee: words, option }.into());
            }
            _ => {}
        }
        let told = json!({
            "ticket": token.word(),
            "amount": wallet::amount::text(fee, token.decimals),
            "units": fee.get().to_string(),
            "account": price.account.to_string(),
        });
        *self.fee.borrow_mut() = Some((words, told));
        let paid = draft.with_fee(price).map_err(Failure::from)?;
        Ok(paid.ok_or(ViaError::FeeTooLarge)?)
    }
}

/// What all transactions of a draft cost.
fn sum(price: &Price, draft: &DraftPayments) -> Option<Amount> {
    let each = draft.transactions.iter().map(|one| price.of(one.transaction()));
    let sum =
        each.map(|one| one.map(Amount::get)).try_fold(0_u64, |sum, one| sum.checked_add(one?));
    sum.map(Amount::new)
}

/// The first price for which the payer has enough, otherwise the first.
fn affordable<'p>(
    state: &RollupState<'_>,
    payer: &Account,
    tokens: &[Token],
    prices: &'p [Price],
    draft: &DraftPayments,
) -> Result<&'p Price, Failure> {
    for price in prices {
        let token = state.token_of(tokens, &price.ticket)?;
        if sum(price, draft).is_some_and(|fee| !fee.is_zero())
            && state.balance(payer, &token)? >= sum(price, draft).unwrap_or(Amount::ZERO)
        {
            return Ok(price);
        }
    }
    Ok(prices.first().ok_or(ViaError::FeeTooLarge)?)
}

fn label(state: &RollupState<'_>, tokens: &[Token], ticket: &Ticket) -> Result<String, Failure> {
    Ok(state.token_of(tokens, ticket)?.among(tokens))
}

/// What `--max-fee` says, as the rollup knows that ticket.
fn confirmed(
    session: &Session<'_>,
    state: &RollupState<'_>,
    payer: &Account,
    (amount, ticket): (&str, &str),
) -> Result<(Token, Amount), Failure> {
    let token = session.token_of(state, payer, ticket)?;
    let amount = token.parse(amount)?;
    Ok((token, amount))
}
