//! A v2 batch of a workload made into bytes, and into what the model has to know of it.

use bls::Signature;

use crate::parsed::{Proven, Registration as Key, V2Batch};
use crate::script::Script;
use crate::wire::{self, Address, person};
use crate::wire_v2::{self, Move, Name, Operation, Token, Transaction};
use crate::workload::{
    Compact, Damage, Intent, Named2, Proof, Registration, Seal, Signing, To, What,
};

/// Who is no person of any workload, and signs in place of others.
const STRANGER: u8 = 200;
/// Bytes: the longest message of the inbox.
const MESSAGE_BYTES: usize = 4_096;
/// Whoever has an index that nobody has yet: they have signed nothing.
const NOBODY: u8 = 255;

impl Named2 {
    /// Whom it names, where it does so by a number of ours.
    fn number(self) -> Option<u8> {
        match self {
            Named2::Person(number) | Named2::Address(number) | Named2::Registration(number) => {
                Some(number)
            }
            Named2::Index(_) => None,
        }
    }
}

/// Whose signatures of one kind are in the sum, and what each signs.
type Signatures = Vec<(u8, Vec<u8>)>;

impl Script {
    fn name(&self, named: Named2, registrations: &[Registration]) -> Name {
        let by_address = |number: u8| Name::Address(person(number).address().0);
        match named {
            Named2::Index(index) => Name::Index(index.into()),
            Named2::Address(number) => by_address(number),
            Named2::Person(number) => {
                let address = person(number).address().0;
                let index = self.model.accounts.iter().position(|one| *one == address);
                match index.and_then(|index| u32::try_from(index).ok()) {
                    Some(index) => Name::Index(index),
                    None => self.name(Named2::Registration(number), registrations),
                }
            }
            Named2::Registration(number) => {
                let is = |one: &Registration| one.is_key && one.of == number;
                let registration =
                    registrations.iter().position(is).and_then(|at| u32::try_from(at).ok());
                registration.map_or_else(|| by_address(number), Name::Registration)
            }
        }
    }

    fn token(&self, what: What) -> Token {
        match what {
            What::Index(index) => Token::Index(index.into()),
            What::Full(kind) => Token::Full(kind),
            What::Known(kind) => {
                let index = self.model.tickets.iter().position(|one| *one == kind);
                let index = index.and_then(|index| u32::try_from(index).ok());
                index.map_or(Token::Full(kind), Token::Index)
            }
        }
    }

    /// Whom a name comes to as things are now.
    fn address(&self, named: Named2) -> Address {
        let of_index = |index: u8| self.model.accounts.get(usize::from(index)).copied();
        match named {
            Named2::Index(index) => of_index(index).unwrap_or_default(),
            other => other.number().map_or([0; 20], |number| person(number).address().0),
        }
    }

    fn operation(
        &self,
        intent: &Intent,
        registrations: &[Registration],
        ahead: &mut Vec<Address>,
    ) -> Operation {
        let address = self.address(intent.signer);
        let before = ahead.iter().filter(|one| **one == address).count() as u64;
        let next = self.model.counter(address) + before;
        ahead.push(address);
        let name = |named| self.name(named, registrations);
        let mut moves: Vec<Move> = Vec::new();
        for (to, what, amount) in &intent.moves {
            let what = self.token(*what);
            match (to, moves.last_mut()) {
                (To::Vault(paid), _) => moves.push(Move::Withdraw(what, *paid, *amount)),
                (To::Account(to), Some(Move::Pay(before, all))) if *before == what => {
                    all.push((name(*to), *amount));
                }
                (To::Account(to), _) => moves.push(Move::Pay(what, vec![(name(*to), *amount)])),
            }
        }
        Operation {
            signer: name(intent.signer),
            counter: next.saturating_add_signed(intent.counter_off_by) & (u64::MAX >> 1),
            memo: (intent.memo > 0).then(|| vec![b'm'; intent.memo.into()]),
            moves,
            individually_signed: intent.individually_signed,
        }
    }

    /// The message of a v2 batch, what the model has to know of it, and what the workload says of it
    /// in the order of its bytes.
    pub fn compact(
        &self,
        compact: &Compact,
        ahead: &mut Vec<Address>,
    ) -> (Vec<u8>, V2Batch, Compact) {
        let at = |off: i8| self.level.saturating_add(off.into()).max(0);
        let mut said = compact.transactions.clone();
        // A transaction that cannot be a transfer of a group is not written as one.
        for one in &mut said {
            let is_row = matches!(&one.operations[..], [Intent { signer, memo: 0, moves, .. }]
                if matches!(self.name(*signer, &compact.registrations), Name::Index(_))
                    && matches!(moves[..], [(To::Account(_), ..)]));
            one.row &= is_row;
        }
        // Rows come first.
        said.sort_by_key(|one| !one.row);
        let mut transactions = Vec::new();
        for one in &said {
            let operations = one.operations.iter();
            let operations =
                operations.map(|one| self.operation(one, &compact.registrations, ahead));
            let (is_row, expires) = (one.row, one.expires.map(at));
            transactions.push(Transaction { is_row, expires, operations: operations.collect() });
        }
        let registrations: Vec<([u8; 48], [u8; 96])> =
            compact.registrations.iter().map(registration).collect();
        let keys = compact.registrations.iter().zip(&registrations).map(|(one, (key, _))| Key {
            address: encoding::Tz4Address::of_public_key(key).0,
            of: one.is_key.then_some(one.of),
            proof: match one.proof {
                Proof::Own if one.is_key => Proven::By(one.of),
                Proof::Own | Proof::NoPoint => Proven::NoPoint,
                Proof::Of(number) => Proven::By(number),
            },
        });
        let keys: Vec<Key> = keys.collect();
        let expires = compact.expires.map(at);
        let content = wire_v2::content(expires, &registrations, &transactions);
        let (digest, of_batch) = wire_v2::signing_payload("toru batch v2", wire::US, &content);
        let standalone = |one: &Transaction| {
            let bytes = wire_v2::transaction(&named_outside(one, &keys));
            wire_v2::signing_payload("toru transaction v2", wire::US, &bytes)
        };
        let own: Vec<([u8; 32], Vec<u8>)> = transactions.iter().map(standalone).collect();

        let (mut given, mut needed) = (Signatures::new(), Signatures::new());
        for (one, (_, own)) in said.iter().zip(&own) {
            let text = |intent: &Intent| {
                if intent.individually_signed { own.clone() } else { of_batch.clone() }
            };
            let who = |intent: &Intent| {
                let address = self.address(intent.signer);
                intent.signer.number().or_else(|| wire::number_of(address)).unwrap_or(NOBODY)
            };
            let all: Signatures = one.operations.iter().map(|one| (who(one), text(one))).collect();
            needed.extend(all.clone());
            let first = all.first().cloned();
            match one.signing {
                Signing::All => given.extend(all),
                Signing::NotTheFirst => given.extend(all.into_iter().skip(1)),
                Signing::Stranger => given.push((STRANGER, of_batch.clone())),
                Signing::FirstTwice => given.extend(first.into_iter().chain(all)),
            }
        }
        let signings = needed.len();
        given.retain(|(of, _)| *of != NOBODY);
        // Whoever gets an index that nobody has yet could be one whose signature is in the sum by chance.
        let somebody = needed.iter().any(|(of, _)| *of == NOBODY);
        if compact.seal == Seal::OneMore || given.is_empty() || somebody {
            given.push((STRANGER, b"something else".to_vec()));
        }
        let all: Vec<Signature> =
            given.iter().map(|(of, text)| wire_v2::signature(*of, text)).collect();
        let sum = Signature::aggregate(&all).map_or([0; 96], |sum| sum.to_compressed());
        let (signature, is_point) = match compact.seal {
            Seal::Sum | Seal::OneMore => (sum, true),
            Seal::NoPoint => ([0xff; 96], false),
            Seal::Identity => (core::array::from_fn(|at| if at == 0 { 0xc0 } else { 0 }), false),
        };
        given.sort();
        needed.sort();

        let individually_signed: Vec<bool> = transactions
            .iter()
            .flat_map(|one| &one.operations)
            .map(|one| one.individually_signed)
            .collect();
        let (flag, bitmap) = wire_v2::bitmap(&individually_signed);
        let mut body = [content, bitmap].concat();
        body[0] |= flag;
        if signings > 0 {
            body.extend(signature);
        }
        let mut wrong_at = (signings == 0 && keys.is_empty()).then_some(0);
        match compact.damage {
            _ if wrong_at.is_some() => {}
            Damage::Longer => {
                wrong_at = Some(body.len());
                body.push(1);
            }
            // What ends early is a signature, or a proof.
            Damage::Shorter => {
                wrong_at = Some(body.len() - 96);
                body.pop();
            }
            // A flag that there is not, and both that exclude each other.
            Damage::NoTransactions => {
                wrong_at = Some(0);
                body[0] |= 0x40;
            }
            Damage::NoOperations => {
                wrong_at = Some(0);
                body[0] |= 0x30;
            }
            Damage::Sound | Damage::NegativeCounter | Damage::UnknownContent => {}
        }
        let mut message = [&[1, 0][..], &wire::US, &[2], &body].concat();
        // What ends early would go on with zeros.
        if compact.damage != Damage::Shorter {
            let padded = message.len() + usize::from(compact.padding);
            message.resize(padded.min(MESSAGE_BYTES).max(message.len()), 0);
        }
        let batch = V2Batch {
            wrong_at,
            expires,
            registrations: keys,
            transactions,
            is_point,
            is_signed: given == needed,
            digest,
            own: own.into_iter().map(|(digest, _)| digest).collect(),
        };
        let in_order = Compact { transactions: said, ..compact.clone() };
        (message, batch, in_order)
    }
}

fn registration(one: &Registration) -> ([u8; 48], [u8; 96]) {
    let key = if one.is_key { person(one.of).key() } else { [0xff; 48] };
    let proof = match one.proof {
        Proof::Own if one.is_key => wire_v2::proof(one.of),
        Proof::Own | Proof::NoPoint => [0x5a; 96],
        Proof::Of(number) => wire_v2::proof(number),
    };
    (key, proof)
}

/// A transaction as it stands for itself: accounts of the batch are named by address.
fn named_outside(transaction: &Transaction, keys: &[Key]) -> Transaction {
    let outside = |name: &mut Name| {
        if let Name::Registration(registration) = *name
            && let Some(key) =
                usize::try_from(registration).ok().and_then(|registration| keys.get(registration))
        {
            *name = Name::Address(key.address);
        }
    };
    let mut own = transaction.clone();
    for operation in &mut own.operations {
        outside(&mut operation.signer);
        for one in &mut operation.moves {
            if let Move::Pay(_, to) = one {
                to.iter_mut().for_each(|(name, _)| outside(name));
            }
        }
    }
    own
}
