//! Writing v2: the inverse of reading.

use encoding::{Level, Tz4Address, write};

use super::code;
use super::{
    Action, Batch, IndividuallySigned, Memo, Name, Operation, TicketName, Transaction, Transfer,
    TransferGroup, flag,
};

impl Batch {
    /// The batch as it stands after the version byte.
    ///
    /// What has no form is not a batch: transfers of a group that do not increase, a list that may not be
    /// empty and is, individual signings that are nobody's. What that encodes to is malformed.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = self.signed_part(self.individual_flags());
        if let IndividuallySigned::Some(individual) = &self.individually_signed {
            let mut bitmap = vec![0u8; self.signings().div_ceil(8)];
            for number in individual {
                let byte = usize::try_from(number / 8).ok().and_then(|at| bitmap.get_mut(at));
                if let Some(byte) = byte {
                    *byte |= 1 << (number % 8);
                }
            }
            out.extend_from_slice(&bitmap);
        }
        if let Some(signature) = &self.signature {
            out.extend_from_slice(signature);
        }
        out
    }

    fn individual_flags(&self) -> u8 {
        match self.individually_signed {
            IndividuallySigned::Nobody => 0,
            IndividuallySigned::Everybody => flag::ALL_INDIVIDUAL,
            IndividuallySigned::Some(_) => flag::SOME_INDIVIDUAL,
        }
    }

    /// Everything before the bitmap, with these flags for who signs individually.
    pub(super) fn signed_part(&self, individual: u8) -> Vec<u8> {
        let mut out = vec![individual];
        let mut flags = individual;
        if let Some(level) = self.expires {
            flags |= flag::EXPIRES;
            write_level(level, &mut out);
        }
        if !self.registrations.is_empty() {
            flags |= flag::REGISTRATIONS;
            write_count(self.registrations.len(), &mut out);
            for registration in &self.registrations {
                out.extend_from_slice(&registration.key);
                out.extend_from_slice(&registration.proof);
            }
        }
        if !self.transfer_groups.is_empty() {
            flags |= flag::TRANSFER_GROUPS;
            write_count(self.transfer_groups.len(), &mut out);
            self.transfer_groups.iter().for_each(|group| write_group(group, &mut out));
        }
        if !self.transactions.is_empty() {
            flags |= flag::TRANSACTIONS;
            write_count(self.transactions.len(), &mut out);
            for transaction in &self.transactions {
                write_transaction(transaction, &|name| name, &mut out);
            }
        }
        out[0] = flags;
        out
    }

    /// The transaction as it stands for itself: accounts of this batch are named by address.
    pub(super) fn standalone(&self, transaction: &Transaction) -> Vec<u8> {
        let mut out = Vec::new();
        write_transaction(transaction, &|name| self.named_outside(name), &mut out);
        out
    }

    fn named_outside(&self, name: Name) -> Name {
        match name {
            // A batch that was decoded has the place.
            Name::Registration(_) => self.address_of(name).map_or(name, Name::Address),
            Name::Index(_) | Name::Address(_) => name,
        }
    }
}

impl Transaction {
    /// The transaction's own encoding. It must not name an account by its registration.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        write_transaction(self, &|name| name, &mut out);
        out
    }
}

fn write_group(group: &TransferGroup, out: &mut Vec<u8>) {
    write_expiry(group.expires, out);
    write_ticket(&group.ticket, out);
    write_count(group.transfers.len(), out);
    let mut next = 0u32;
    for Transfer { signer, counter, to, amount } in &group.transfers {
        write::varint(signer.0.wrapping_sub(next).into(), out);
        next = signer.0.wrapping_add(1);
        write::varint(counter.get(), out);
        write_name(*to, out);
        write::amount(*amount, out);
    }
}

fn write_transaction(transaction: &Transaction, named: &impl Fn(Name) -> Name, out: &mut Vec<u8>) {
    write_expiry(transaction.expires, out);
    write_count(transaction.operations.len(), out);
    for Operation { signer, counter, memo, actions } in &transaction.operations {
        write_name(named(*signer), out);
        write::varint(counter.get(), out);
        write_memo(memo.as_ref(), out);
        write_count(actions.len(), out);
        actions.iter().for_each(|one| write_action(one, named, out));
    }
}

fn write_memo(memo: Option<&Memo>, out: &mut Vec<u8>) {
    match memo {
        None => out.push(code::NO_MEMO),
        Some(Memo::Bytes(bytes)) => {
            out.push(code::MEMO_BYTES);
            // 64 bytes are the most.
            out.push(u8::try_from(bytes.len()).unwrap_or(u8::MAX));
            out.extend_from_slice(bytes);
        }
        Some(Memo::Hash(hash)) => {
            out.push(code::MEMO_HASH);
            out.extend_from_slice(&hash.0);
        }
    }
}

fn write_action(one: &Action, named: &impl Fn(Name) -> Name, out: &mut Vec<u8>) {
    match one {
        Action::Transfers { ticket, to } => {
            out.push(code::TRANSFERS);
            write_ticket(ticket, out);
            write_count(to.len(), out);
            for (name, amount) in to {
                write_name(named(*name), out);
                write::amount(*amount, out);
            }
        }
        Action::Withdraw { ticket, to, entrypoint, receiver, amount } => {
            out.push(if receiver.is_some() { code::WITHDRAW_TO } else { code::WITHDRAW_BARE });
            write_ticket(ticket, out);
            out.extend_from_slice(&to.0);
            // An entrypoint has at most 31 bytes.
            out.push(u8::try_from(entrypoint.as_bytes().len()).unwrap_or(u8::MAX));
            out.extend_from_slice(entrypoint.as_bytes());
            if let Some(receiver) = receiver {
                out.extend_from_slice(&receiver.to_bytes_22());
            }
            write::amount(*amount, out);
        }
    }
}

fn write_name(name: Name, out: &mut Vec<u8>) {
    match name {
        Name::Address(Tz4Address(hash)) => {
            write::varint(code::ACCOUNT_ADDRESS.into(), out);
            out.extend_from_slice(&hash);
        }
        Name::Registration(number) => {
            write::varint(code::ACCOUNT_REGISTRATION.into(), out);
            write::varint(number.into(), out);
        }
        Name::Index(index) => {
            write::varint(u64::from(index.0) + u64::from(code::FIRST_ACCOUNT), out);
        }
    }
}

fn write_ticket(ticket: &TicketName, out: &mut Vec<u8>) {
    match ticket {
        TicketName::Index(index) => {
            write::varint(u64::from(index.0) + u64::from(code::FIRST_TICKET), out);
        }
        TicketName::Full(ticket) => {
            write::varint(code::TICKET_FULL.into(), out);
            out.extend_from_slice(&ticket.ticketer.0);
            out.push(ticket.content.type_tag());
            let content = ticket.content.to_micheline();
            write_count(content.len(), out);
            out.extend_from_slice(&content);
        }
    }
}

fn write_expiry(expires: Option<Level>, out: &mut Vec<u8>) {
    match expires {
        None => out.push(code::NEVER_EXPIRES),
        Some(level) => {
            out.push(code::EXPIRES);
            write_level(level, out);
        }
    }
}

fn write_level(level: Level, out: &mut Vec<u8>) {
    out.extend_from_slice(&level.0.to_be_bytes());
}

fn write_count(count: usize, out: &mut Vec<u8>) {
    write::varint(u64::try_from(count).unwrap_or(u64::MAX), out);
}
