//! `toru reclaim`: asks for a deposit that the rollup holds, signed by the tz4 that made it; or prints the command by
//! which anybody else has the contract ask that made it.

use clap::Args;
use encoding::{Layer1Address, RollupAddress};
use explain::outcome as reasons;
use inbox::deposit::Deposit;
use inbox::envelope::InternalTransfer;
use inbox::reclaim::Request;
use serde_json::{Value, json};
use tx_kernel::view::{HeldDeposit, View};
use wallet::held::{helper_command, signed_request};
use wallet::outbox::receiver_text;
use wallet::patience::Patience;
use wallet::state::RollupState;

use super::error::held::HeldFailure;
use super::exit::ExitArgs;
use super::grid::big_amount;
use super::session::Session;
use super::via::LAYER1;
use crate::cli::groups::{SendingArgs, WalletArgs};
use crate::error::Failure;
use crate::exit::EXIT_CODES;
use crate::ui::{Output, Ui};

/// `toru reclaim`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct ReclaimArgs {
    /// Which one: its number among the held deposits
    #[arg(value_name = "NUMBER")]
    number: u64,

    /// The key that signed the deposit on layer 1, if that was a tz4: it signs the request, which is sent. Without it the
    /// command for octez-client is printed by which the contract that made the deposit asks for it
    #[arg(long, value_name = "KEY")]
    from: Option<String>,

    /// Who is paid on layer 1, by the ticketer: an address, by default who signed the deposit; with --bare, the contract
    /// that is handed the ticket, and its entrypoint
    #[arg(long, value_name = "tz1…|KT1…[%ENTRYPOINT]", required_if_eq("bare", "true"))]
    to: Option<String>,

    /// How it leaves.
    #[command(flatten)]
    exit: ExitArgs,

    /// Where.
    #[command(flatten)]
    wallet: WalletArgs,

    /// How.
    #[command(flatten)]
    sending: SendingArgs,
}

/// Asks for it, or says how.
pub fn reclaim(args: &ReclaimArgs, ui: &Ui) -> Result<Output, Failure> {
    let session = Session::open(&args.wallet, ui)?;
    let state = session.state()?;
    let number = args.number;
    let held = state.read(|host| View::new(host).held_deposit(number))?;
    let held = held.ok_or(HeldFailure::Unknown { number, level: state.block().level })?;
    let (Some(call), Some(deposit)) = (held.call(), held.deposit()) else {
        return Err(HeldFailure::NothingToPay(number).into());
    };
    let mut report = json!({
        "held": number,
        "code": held.outcome.code.name(),
        "ticketer": deposit.ticket.ticketer.to_string(),
        "content": hex::encode(deposit.ticket.content.to_micheline()),
        "units": deposit.amount.to_string(),
        "sender": call.sender.to_string(),
        "source": receiver_text(Layer1Address::Implicit(call.source)),
        "paid_back": held.paid_back,
    });
    let words = words(&session, state.rollup(), &held, &call, &deposit);
    if held.paid_back {
        return ui.answer(&report, || format!("{words}it is paid back already\n"));
    }
    let to = args.to.clone();
    let to = to.unwrap_or_else(|| receiver_text(Layer1Address::Implicit(call.source)));
    let route = session.route(&state, &to, &deposit.ticket, &args.exit)?;
    report["exit"] = route.json;
    let request = Request {
        number,
        destination: route.contract,
        entrypoint: route.entrypoint,
        receiver: route.receiver,
    };
    ui.say_words(&format!("{words}{}", route.words))?;
    match &args.from {
        Some(from) => session.send_request(args, &state, from, &call, request, report),
        None => {
            let command = helper_command(state.rollup(), &request, &call.sender, call.source);
            report["command"] = json!(command);
            ui.answer(&report, || {
                let source = receiver_text(Layer1Address::Implicit(call.source));
                let by_key = match call.source.tz4() {
                    Some(_) => format!("--from names the key of {source}, which can ask for it too\n"),
                    None => String::new(),
                };
                format!(
                    "nothing was sent: {} asks for it, when {source} calls it. If it is our deposit helper, by this \
                     command:\n{command}\n{by_key}",
                    call.sender
                )
            })
        }
    }
}

impl Session<'_> {
    /// Signs the request, and sends it.
    fn send_request(
        &self,
        args: &ReclaimArgs,
        state: &RollupState<'_>,
        from: &str,
        call: &InternalTransfer<'_>,
        request: Request,
        mut report: Value,
    ) -> Result<Output, Failure> {
        let number = args.number;
        self.whole(&args.sending, "a request for a held deposit")?;
        let signer = self.account_ref(state, from)?;
        signer.needs_key()?;
        if call.source.tz4() != Some(signer.address) {
            let (made_by, who) = (call.source, signer.label());
            return Err(HeldFailure::NotTheDepositor { number, made_by, who }.into());
        }
        report["sent"] = json!(false);
        if args.sending.confirm.dry_run {
            return self.ui.answer(&report, String::new);
        }
        self.confirm(&args.sending.confirm, "Send it?")?;
        let secret = signer.unlock(&self.keyring)?;
        let message = signed_request(state.rollup(), request, secret.key());
        let messages = args.sending.filled(vec![message]);
        if args.sending.via.named() == Some(LAYER1) {
            return self.print_layer1(report, &messages, "");
        }
        let patience = Patience::lasting(args.sending.wait.time());
        self.deliver(&messages, args.sending.wait.wait.map(|_| &patience))?;
        report["sent"] = json!(true);
        let Some(stage) = args.sending.wait.wait else {
            return self.ui.answer(&report, String::new);
        };
        if !self.wallet.wait_paid_back(number, stage, &patience)? {
            return Err(HeldFailure::NotYet(number).into());
        }
        report["paid_back"] = json!(true);
        self.ui.answer(&report, || {
            format!("held deposit {number} is on its way to layer 1: {}\n", stage.word())
        })
    }
}

/// What is held, of whom and why.
fn words(
    session: &Session<'_>,
    rollup: &RollupAddress,
    held: &HeldDeposit,
    call: &InternalTransfer<'_>,
    deposit: &Deposit<'_>,
) -> String {
    let number = held.number;
    let source = receiver_text(Layer1Address::Implicit(call.source));
    format!(
        "on {rollup}\nheld deposit {number}: {} of {source}, by {}\nheld, as {}\n",
        amount_of(session, deposit),
        call.sender,
        reasons::sentence_with_code(&held.outcome)
    )
}

/// The amount in the unit of a pinned ticket, else in the smallest units.
fn amount_of(session: &Session<'_>, deposit: &Deposit<'_>) -> String {
    let Deposit { ticket, amount, .. } = deposit;
    match session.wallet.pins().of(ticket) {
        Some(pin) => format!("{} {}", big_amount(amount, pin.decimals), pin.name),
        None => {
            let amount = big_amount(amount, 0);
            format!("{amount} of the smallest units of a ticket of {}", ticket.ticketer)
        }
    }
}
