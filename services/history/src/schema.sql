-- The index. docs/history.md explains each table and column for those who query the file.
--
-- Levels are numbers of layer 1. A row of a level goes when the level is taken back; what a later level said of
-- it (its outcome) goes with that later level. A column of type ANY with an amount or a value has an INTEGER up
-- to 2^63 - 1, and beyond that a TEXT of 20 digits: so they are in the order of numbers.

CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE levels (
    level INTEGER PRIMARY KEY,
    block TEXT NOT NULL UNIQUE,
    -- Seconds since 1970, if the node tells.
    time INTEGER,
    -- 0 if the node does not show what was sent to the level.
    shown INTEGER NOT NULL,
    -- Messages for this rollup, their bytes, and messages for others.
    messages INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    others INTEGER NOT NULL,
    ticks INTEGER,
    -- Of what this level has settled: transfers applied, operations applied, operations not applied, and how
    -- many of the operations were covered by their batch's one signature.
    transfers INTEGER NOT NULL,
    applied INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    cosigned INTEGER NOT NULL
) STRICT;
CREATE INDEX levels_unseen ON levels (level) WHERE shown = 0;

CREATE TABLE accounts (
    id INTEGER PRIMARY KEY,
    address TEXT NOT NULL UNIQUE,
    -- The level that first named it.
    since INTEGER NOT NULL,
    -- Its index in the rollup's registry, and the level from which on it is known.
    number INTEGER,
    numbered INTEGER,
    -- The level that registered its key.
    registered INTEGER,
    -- The level whose state was asked what it has of the first tickets; nothing as long as that is to come.
    holdings INTEGER
) STRICT;
CREATE INDEX accounts_by_number ON accounts (number) WHERE number IS NOT NULL;
CREATE INDEX accounts_by_since ON accounts (since);
CREATE INDEX accounts_by_numbered ON accounts (numbered) WHERE numbered IS NOT NULL;
CREATE INDEX accounts_by_registered ON accounts (registered) WHERE registered IS NOT NULL;
CREATE INDEX accounts_by_holdings ON accounts (holdings) WHERE holdings IS NOT NULL;
CREATE INDEX accounts_unasked ON accounts (number) WHERE number IS NOT NULL AND holdings IS NULL;

CREATE TABLE tickets (
    id INTEGER PRIMARY KEY,
    -- Its identity on the rollup: the hash of ticketer, content type and content.
    hash BLOB NOT NULL UNIQUE,
    ticketer TEXT NOT NULL,
    -- Ticketer, content type and content, as the rollup stores them.
    record BLOB NOT NULL,
    since INTEGER NOT NULL,
    number INTEGER,
    numbered INTEGER,
    -- The last level whose state was asked for its supply.
    checked INTEGER
) STRICT;
CREATE INDEX tickets_by_number ON tickets (number) WHERE number IS NOT NULL;
CREATE INDEX tickets_by_since ON tickets (since);
CREATE INDEX tickets_by_numbered ON tickets (numbered) WHERE numbered IS NOT NULL;
CREATE INDEX tickets_by_checked ON tickets (coalesce(checked, -1)) WHERE number IS NOT NULL;
CREATE INDEX tickets_to_take_back ON tickets (checked) WHERE checked IS NOT NULL;

CREATE TABLE messages (
    id INTEGER PRIMARY KEY,
    level INTEGER NOT NULL REFERENCES levels ON DELETE CASCADE,
    -- Its index in the level's inbox.
    place INTEGER NOT NULL,
    -- deposit, v1, v2, request, upgrade, bytes or malformed.
    kind TEXT NOT NULL,
    -- In words.
    text TEXT NOT NULL,
    -- Of a v2 batch: what those who co-signed it signed.
    digest BLOB,
    length INTEGER NOT NULL,
    transactions INTEGER NOT NULL,
    registrations INTEGER NOT NULL,
    -- done, held or refused, with the code and its values; nothing as long as the kernel puts it off. unknown,
    -- without a code, once the state keeps no results of its level any more.
    result TEXT,
    code INTEGER,
    first ANY,
    second ANY,
    settled INTEGER,
    UNIQUE (level, place)
) STRICT;
CREATE INDEX messages_by_digest ON messages (digest) WHERE digest IS NOT NULL;
CREATE INDEX messages_waiting ON messages (id) WHERE settled IS NULL;
CREATE INDEX messages_refused ON messages (id) WHERE result = 'refused';
CREATE INDEX messages_by_settled ON messages (settled);

CREATE TABLE bodies (
    message INTEGER PRIMARY KEY REFERENCES messages ON DELETE CASCADE,
    bytes BLOB NOT NULL
) STRICT;

CREATE TABLE transactions (
    id INTEGER PRIMARY KEY,
    message INTEGER NOT NULL REFERENCES messages ON DELETE CASCADE,
    -- Its place in the batch.
    number INTEGER NOT NULL,
    -- The digest that it has when it is signed for itself. Of v1: nothing, as operations have hashes there.
    hash BLOB,
    expires INTEGER
) STRICT;
CREATE INDEX transactions_by_message ON transactions (message, number);
CREATE INDEX transactions_by_hash ON transactions (hash) WHERE hash IS NOT NULL;

CREATE TABLE operations (
    id INTEGER PRIMARY KEY,
    tx INTEGER NOT NULL REFERENCES transactions ON DELETE CASCADE,
    number INTEGER NOT NULL,
    signer INTEGER REFERENCES accounts,
    counter ANY NOT NULL,
    -- Of v1.
    hash BLOB,
    -- In words, as `toru tx show` has it.
    memo TEXT,
    -- 1 if its signer signed the transaction for itself, 0 if the batch.
    individual INTEGER NOT NULL,
    code INTEGER,
    first ANY,
    second ANY,
    settled INTEGER
) STRICT;
CREATE INDEX operations_by_tx ON operations (tx, number);
CREATE INDEX operations_by_signer ON operations (signer, id);
CREATE INDEX operations_by_hash ON operations (hash) WHERE hash IS NOT NULL;
CREATE INDEX operations_by_settled ON operations (settled);

-- All that moves a ticket, or would have.
CREATE TABLE moves (
    id INTEGER PRIMARY KEY,
    level INTEGER NOT NULL,
    message INTEGER NOT NULL REFERENCES messages ON DELETE CASCADE,
    -- Of a deposit: nothing.
    operation INTEGER REFERENCES operations ON DELETE CASCADE,
    -- deposit, transfer or withdrawal.
    kind TEXT NOT NULL,
    -- Accounts: of a deposit the receiver, of a withdrawal the sender, of a transfer both.
    sender INTEGER REFERENCES accounts,
    receiver INTEGER REFERENCES accounts,
    -- On layer 1: who made the deposit, or the contract that is handed the ticket.
    outside TEXT,
    -- Of a withdrawal: the entrypoint, and whom the contract is to pay.
    entrypoint TEXT,
    pays TEXT,
    ticket INTEGER NOT NULL REFERENCES tickets,
    amount ANY NOT NULL,
    -- 0 as long as it waits, 1 if it was applied, 2 if it was not, 3 if that cannot be known.
    state INTEGER NOT NULL,
    settled INTEGER,
    applied INTEGER NOT NULL GENERATED ALWAYS AS (state = 1) VIRTUAL
) STRICT;
-- Whatever moves are asked for, an index has those of one kind, newest last.
CREATE INDEX moves_by_kind ON moves (kind, applied);
CREATE INDEX moves_by_sender ON moves (sender, kind, applied);
CREATE INDEX moves_by_receiver ON moves (receiver, kind, applied);
CREATE INDEX moves_by_ticket ON moves (ticket, kind, applied);
CREATE INDEX moves_by_sender_ticket ON moves (sender, ticket, kind, applied);
CREATE INDEX moves_by_receiver_ticket ON moves (receiver, ticket, kind, applied);
CREATE INDEX moves_by_message ON moves (message);
CREATE INDEX moves_by_operation ON moves (operation);
CREATE INDEX moves_by_settled ON moves (settled);

-- What accounts have, as the state says where it was asked, and by the moves otherwise.
CREATE TABLE balances (
    account INTEGER NOT NULL REFERENCES accounts,
    ticket INTEGER NOT NULL REFERENCES tickets,
    amount ANY NOT NULL,
    -- The last level that changed it, and the last in which the state was asked.
    level INTEGER NOT NULL,
    checked INTEGER,
    PRIMARY KEY (account, ticket)
) STRICT, WITHOUT ROWID;
CREATE INDEX balances_by_ticket ON balances (ticket, amount);
CREATE INDEX balances_by_checked ON balances (coalesce(checked, -1));

CREATE TABLE supplies (
    ticket INTEGER NOT NULL REFERENCES tickets,
    level INTEGER NOT NULL REFERENCES levels ON DELETE CASCADE,
    on_rollup ANY NOT NULL,
    -- In decimal: sums over all time can exceed 2^64.
    deposited TEXT NOT NULL,
    withdrawn TEXT NOT NULL,
    PRIMARY KEY (ticket, level)
) STRICT, WITHOUT ROWID;
CREATE INDEX supplies_by_level ON supplies (level);

CREATE TABLE held (
    number INTEGER PRIMARY KEY,
    message INTEGER NOT NULL REFERENCES messages ON DELETE CASCADE,
    -- Who made it, in words of layer 1.
    sender TEXT NOT NULL,
    source TEXT NOT NULL,
    -- What it carries, if that can be read: the ticket as in tickets.record, and any whole number.
    record BLOB,
    amount TEXT,
    -- Why it is held.
    code INTEGER NOT NULL,
    first ANY,
    second ANY,
    settled INTEGER NOT NULL,
    -- The level in which it was paid back, or put into the queue for it.
    paid INTEGER,
    -- The last level whose state was asked whether it is paid back.
    checked INTEGER
) STRICT;
CREATE INDEX held_by_message ON held (message);
CREATE INDEX held_by_settled ON held (settled);
CREATE INDEX held_by_paid ON held (paid) WHERE paid IS NOT NULL;
CREATE INDEX held_by_checked ON held (checked) WHERE checked IS NOT NULL;
CREATE INDEX held_unpaid ON held (number) WHERE paid IS NULL;
CREATE INDEX held_unpaid_by_checked ON held (coalesce(checked, settled)) WHERE paid IS NULL;

CREATE TABLE withdrawals (
    -- The row of moves.
    id INTEGER PRIMARY KEY REFERENCES moves ON DELETE CASCADE,
    -- The first of the withdrawals that share its outbox message.
    first_row INTEGER NOT NULL,
    -- Of that first one: the hash of the message's calls. Nothing if there are no words for them.
    calls BLOB,
    -- The outbox message, once it is in an outbox.
    outbox_level INTEGER,
    outbox_index INTEGER,
    -- The level of its execution, if that is known.
    executed INTEGER,
    -- queued, outbox, committed, cementing, executable, executed, lost or unknown.
    stage TEXT NOT NULL,
    -- The last level in which it can be executed, as things go now; nothing at its end.
    expires INTEGER,
    -- The head at which it was seen to be executed, lost or unknown.
    ended INTEGER
) STRICT;
CREATE INDEX withdrawals_open ON withdrawals (id) WHERE stage NOT IN ('executed', 'lost', 'unknown');
CREATE INDEX withdrawals_queued ON withdrawals (id) WHERE stage = 'queued';
CREATE INDEX withdrawals_executable ON withdrawals (id) WHERE stage = 'executable';
CREATE INDEX withdrawals_unknown ON withdrawals (id) WHERE stage = 'unknown';
CREATE INDEX withdrawals_by_calls ON withdrawals (calls) WHERE stage = 'queued' AND calls IS NOT NULL;
CREATE INDEX withdrawals_by_first_row ON withdrawals (first_row);
CREATE INDEX withdrawals_by_outbox ON withdrawals (outbox_level) WHERE outbox_level IS NOT NULL;
CREATE INDEX withdrawals_by_ended ON withdrawals (ended) WHERE ended IS NOT NULL;

-- Where the state says otherwise than the moves do. The state wins.
CREATE TABLE alarms (
    id INTEGER PRIMARY KEY,
    level INTEGER NOT NULL REFERENCES levels ON DELETE CASCADE,
    -- What is wrong, in a sentence.
    text TEXT NOT NULL,
    stated TEXT NOT NULL,
    derived TEXT NOT NULL
) STRICT;
CREATE INDEX alarms_by_level ON alarms (level);

-- What balances were before a level, for the last levels: to take the level back. An amount of NULL is no row.
CREATE TABLE undo_balances (
    level INTEGER NOT NULL,
    account INTEGER NOT NULL,
    ticket INTEGER NOT NULL,
    amount ANY,
    changed INTEGER,
    checked INTEGER,
    PRIMARY KEY (level, account, ticket)
) STRICT, WITHOUT ROWID;
