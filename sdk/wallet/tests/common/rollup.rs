//! The rollup of such a node, and its answers.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::mpsc::{Receiver, Sender};

use encoding::RollupAddress;
use pvm::{Config, Durable, NativeHost, NativeProgram, Pvm};
use serde_json::{Value, json};

/// The rollup.
pub const ROLLUP: RollupAddress = RollupAddress([0x2b; 20]);
/// Levels between a level and its commitment's cementing.
const CEMENTING: i32 = 4;

/// What the node is told by the test itself.
pub(super) enum Order {
    /// A contract's call waits for the next level.
    Call(Vec<u8>),
    /// A level is played.
    Bake,
    /// The levels after this one are taken back, and what waits is forgotten.
    Revert(i32),
    /// A message of anybody's waits for the next level, without its tag.
    Send(Vec<u8>),
    /// The next answers are these, whatever is asked: status and body.
    Say(u16, String),
    /// These messages of outboxes are listed as not executed.
    List(Value),
    /// Whether it hides the messages of levels up to this one, as one that has thrown them away does.
    Hide(Option<i32>),
    /// Whether it has nothing of levels up to this one any more.
    Forget(Option<i32>),
    /// Another chain of the same rollup.
    Restart,
}

/// The rollup, and the requests that are answered of it.
pub(super) struct Rollup {
    pvm: Pvm,
    waiting: Vec<Vec<u8>>,
    /// Durable storage after each level, from 0.
    states: Vec<Durable>,
    /// What was sent to each level, from 0.
    inboxes: Vec<Vec<Vec<u8>>>,
    /// The outbox of each level, from 0.
    outboxes: Vec<Vec<Vec<u8>>>,
    /// How often the chain has gone back: the blocks that come then are others.
    branch: usize,
    /// The hash of each block, from 0.
    hashes: Vec<String>,
    /// What an installer has written into durable storage.
    installed: Vec<(String, Vec<u8>)>,
    /// What was sent, with the level it was included in.
    sent: Vec<(Vec<u8>, Option<i32>)>,
    say: Vec<(u16, String)>,
    /// What is listed as not executed.
    pending: Option<Value>,
    /// The last level whose messages are hidden.
    hidden: Option<i32>,
    /// The last level that is not known any more.
    forgotten: Option<i32>,
}

impl Rollup {
    pub(super) fn new(installed: Vec<(String, Vec<u8>)>) -> Self {
        let program = NativeProgram::new(|host: &NativeHost| tx_kernel::kernel_run(host));
        let mut pvm = Pvm::originate(Box::new(program), Config::on_chain(ROLLUP.0, 0));
        for (path, value) in &installed {
            pvm.durable_mut().set(path, value).unwrap();
        }
        let states = vec![pvm.durable().clone()];
        let (waiting, sent, say) = (Vec::new(), Vec::new(), Vec::new());
        let (inboxes, outboxes) = (vec![Vec::new()], vec![Vec::new()]);
        let (pending, hidden) = (None, None);
        let mut rollup = Rollup {
            pvm,
            waiting,
            states,
            inboxes,
            outboxes,
            branch: 0,
            hashes: Vec::new(),
            installed,
            sent,
            say,
            pending,
            hidden,
            forgotten: None,
        };
        rollup.hashes.push(rollup.new_block(0));
        rollup
    }

    fn queue(&mut self, payload: Vec<u8>) {
        self.waiting.push([&[1], &payload[..]].concat());
        self.sent.push((payload, None));
    }

    /// All levels are played anew, up to one.
    fn revert(&mut self, level: i32) {
        let kept = usize::try_from(level).unwrap() + 1;
        let inboxes = std::mem::take(&mut self.inboxes);
        let (say, branch) = (std::mem::take(&mut self.say), self.branch + 1);
        let (mut hashes, installed) = (std::mem::take(&mut self.hashes), self.installed.clone());
        *self = Rollup { say, branch, pending: self.pending.take(), ..Rollup::new(installed) };
        for inbox in &inboxes[1..kept] {
            self.waiting.clone_from(inbox);
            self.bake();
        }
        hashes.truncate(kept);
        self.hashes = hashes;
    }

    /// Another chain, of which no block is one of before.
    fn restart(&mut self) {
        let (branch, installed) = (self.branch + 1, self.installed.clone());
        *self = Rollup { branch, pending: self.pending.take(), ..Rollup::new(installed) };
        self.hashes = vec![self.new_block(0)];
    }

    pub(super) fn work(
        mut self,
        asked: &Receiver<TcpStream>,
        orders: &Receiver<(Order, Sender<()>)>,
    ) {
        loop {
            while let Ok((order, done)) = orders.try_recv() {
                match order {
                    Order::Call(call) => self.waiting.push(call),
                    Order::Bake => self.bake(),
                    Order::Revert(level) => self.revert(level),
                    Order::Send(payload) => self.queue(payload),
                    Order::Say(status, body) => self.say.push((status, body)),
                    Order::List(pending) => self.pending = Some(pending),
                    Order::Hide(level) => self.hidden = level,
                    Order::Forget(level) => self.forgotten = level,
                    Order::Restart => self.restart(),
                }
                let _ = done.send(());
            }
            if let Ok(stream) = asked.recv_timeout(std::time::Duration::from_millis(1)) {
                self.serve_connection(stream);
            }
        }
    }

    fn head(&self) -> i32 {
        i32::try_from(self.states.len()).unwrap() - 1
    }

    fn bake(&mut self) {
        let messages = std::mem::take(&mut self.waiting);
        let report = self.pvm.run_level(&messages).unwrap();
        let level = report.level;
        self.inboxes.push(messages);
        self.outboxes.push(report.outbox);
        self.states.push(self.pvm.durable().clone());
        self.hashes.push(self.new_block(level));
        for (_, included) in self.sent.iter_mut().filter(|(_, included)| included.is_none()) {
            *included = Some(level);
        }
    }

    fn serve_connection(&mut self, stream: TcpStream) {
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let mut length = 0;
        loop {
            let mut header = String::new();
            if reader.read_line(&mut header).unwrap() <= 2 {
                break;
            }
            if let Some((name, value)) = header.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let path = line.split(' ').nth(1).unwrap().to_owned();
        let (status, text) = match self.say.pop() {
            Some(said) => said,
            None => match self.answer(&path, &body) {
                Some(value) => (200, value.to_string()),
                // Octez says no more than that.
                None => (404, String::new()),
            },
        };
        // In chunks, as its library sends them.
        let mut answer = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n\
             transfer-encoding: chunked\r\nconnection: close\r\n\r\n"
        );
        for piece in text.as_bytes().chunks(1_000) {
            let piece = std::str::from_utf8(piece).unwrap();
            answer.push_str(&format!("{:x}\r\n{piece}\r\n", piece.len()));
        }
        answer.push_str("0\r\n\r\n");
        let _ = reader.into_inner().write_all(answer.as_bytes());
    }

    fn new_block(&self, level: i32) -> String {
        format!("BLock{}OfLevel{level}", self.branch)
    }

    fn block(&self, level: i32) -> String {
        self.hashes[usize::try_from(level).unwrap()].clone()
    }

    fn level(&self, block: &str) -> Option<i32> {
        let head = self.head();
        let level = match block {
            "head" => head,
            "finalized" => (head - 2).max(0),
            "cemented" => (head - CEMENTING).max(0),
            _ => match self.hashes.iter().position(|hash| hash == block) {
                Some(level) => i32::try_from(level).ok()?,
                None => block.parse().ok()?,
            },
        };
        let first = self.forgotten.map_or(0, |last| last + 1);
        (first..=head).contains(&level).then_some(level)
    }

    fn answer(&mut self, path: &str, body: &[u8]) -> Option<Value> {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let steps: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        Some(match steps.as_slice() {
            ["global", "smart_rollup_address"] => json!(ROLLUP.to_string()),
            ["global", "last_stored_commitment"] => json!({
                "commitment": {
                    "compressed_state": "srs11Z9V76SGd97kGmDQXV8tEF67C48GMy77RuaHdF1kWLk6UTmMfj",
                    "inbox_level": (self.head() - 1).max(0),
                    "predecessor": "src12UJzB8mg7yU6nWPzicH7ofJbFjyJEbHvwtZdfRXi8DQHNp1LY8",
                    "number_of_ticks": "11000000000000",
                },
                "hash": "src13wCGc2nMVfN7rD1rgeG3g1q7oXYX2m5MJY5ZRooVhLt7JwKXwX",
                "first_published_at_level": self.head(),
                "published_at_level": self.head(),
            }),
            ["global", "block", block, "level"] => json!(self.level(block)?),
            ["global", "block", block, "hash"] => {
                json!(self.block(self.level(block)?))
            }
            ["global", "block", block] => {
                let level = self.level(block)?;
                let inbox = &self.inboxes[usize::try_from(level).unwrap()];
                // Octez shows those that were sent, without the protocol's own.
                let messages: Vec<String> = inbox.iter().map(hex::encode).collect();
                let mut told =
                    json!({"block_hash": self.block(level), "level": level, "messages": messages});
                if level > 0 {
                    told["predecessor"] = json!(self.block(level - 1));
                }
                if self.hidden.is_some_and(|last| level <= last) {
                    told.as_object_mut().unwrap().remove("messages");
                }
                told
            }
            // Every level has a commitment of its own.
            ["global", "block", block, "committed_status"] => {
                let level = self.level(block)?;
                let cemented = self.head() - CEMENTING;
                let status = json!({
                    "commitment_level": level, "first_published_level": level + 1,
                    "published_level": level + 1, "blocks_since_cemented": cemented - level,
                });
                let word = match level {
                    level if level <= cemented => "cemented",
                    level if level < self.head() => "committed",
                    _ => "uncommitted",
                };
                json!({word: status})
            }
            ["global", "block", block, "num_messages"] => {
                let inbox = &self.inboxes[usize::try_from(self.level(block)?).unwrap()];
                json!((inbox.len() + 3).to_string())
            }
            ["global", "block", block, "durable", "wasm_2_0_0", what] => {
                let state = &self.states[usize::try_from(self.level(block)?).unwrap()];
                let key = query.strip_prefix("key=")?;
                match *what {
                    "value" => json!(state.get(key).map(hex::encode)),
                    "length" => json!(state.get(key).map(|value| value.len().to_string())),
                    "subkeys" => {
                        // In no order that anybody could rely on.
                        let mut names = state.subkeys(key);
                        names.reverse();
                        json!(names)
                    }
                    _ => return None,
                }
            }
            ["local", "batcher", "injection"] => {
                let texts: Vec<String> = serde_json::from_slice(body).ok()?;
                let mut ids = Vec::new();
                for text in texts {
                    let payload = hex::decode(text).ok()?;
                    ids.push(json!(format!("scmsg1{}", self.sent.len())));
                    self.queue(payload);
                }
                Value::Array(ids)
            }
            ["local", "batcher", "queue"] => {
                let waiting =
                    self.sent.iter().enumerate().filter(|(_, (_, level))| level.is_none());
                let shown = waiting.map(|(number, (payload, _))| {
                    json!({"id": format!("scmsg1{number}"), "message": {"content": hex::encode(payload)}})
                });
                shown.collect()
            }
            ["local", "batcher", "queue", id] => {
                let number: Option<usize> =
                    id.strip_prefix("scmsg1").and_then(|id| id.parse().ok());
                match number.and_then(|number| self.sent.get(number)) {
                    None => json!({"status": "unknown"}),
                    Some((_, None)) => json!({"status": "pending_batch"}),
                    Some((_, Some(level))) => json!({
                        "status": "included", "finalized": false, "cemented": false,
                        "l1_hash": self.block(*level),
                    }),
                }
            }
            ["local", "outbox", "pending"] => self.pending.clone()?,
            // One that lists nothing shows no outboxes either.
            ["global", "block", _, "outbox", level, "messages"] if self.pending.is_some() => {
                let index = usize::try_from(self.level(level)?).ok()?;
                let outbox = self.outboxes.get(index)?;
                let message = |(index, bytes): (usize, &Vec<u8>)| {
                    json!({"outbox_level": level.parse::<i32>().ok(), "message_index": index.to_string(),
                           "message": ::layer1::json::outbox_message(bytes)})
                };
                outbox.iter().enumerate().map(message).collect()
            }
            ["version"] => json!({
                "version": {"major": 22, "minor": 0, "additional_info": "release"},
                "network_version": {"chain_name": "TEZOS_MAINNET"},
            }),
            _ => return None,
        })
    }
}
