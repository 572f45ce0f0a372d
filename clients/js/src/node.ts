// What has to be known for certain: a rollup node that you trust is asked for it, at a level that no reorganisation
// of layer 1 undoes.

import { blake2b } from "@noble/hashes/blake2.js";
import { ascii, concat, fromHex, toHex } from "./bytes.js";
import type { Me } from "./check.js";
import { ToruError } from "./error.js";
import type { HttpOptions } from "./http.js";
import { Http } from "./http.js";
import type { AccountName, Ticket } from "./names.js";
import type { BatchResult, TransactionResult } from "./results.js";
import { readBatchResult, readTransactionResult } from "./results.js";
import { hexadecimal, invalidAnswer, level, matching, orNull } from "./shape.js";
import { fromText } from "./text.js";

/** The layout of the durable storage that this reads. */
const LAYOUT = 1;
const STATE = "/toru/state";
const KEYS_IN_PAGE = 21;
const KEY_BYTES = 97;
const KEY_IS_REGISTERED = 2;
const ACCOUNTS_IN_MAIN_PAGE = 128;
const MAIN_RECORD_BYTES = 16;
const COUNTER_BYTES = 8;
/** Results are kept for this generation of levels and for the one before it. */
const LEVELS_IN_GENERATION = 14_400;

const address = matching(/^sr1[1-9A-HJ-NP-Za-km-z]{33}$/, "the address of a rollup sr1…");
const block = matching(/^B[1-9A-HJ-NP-Za-km-z]{50}$/, "the hash of a block");

/** An account at a final level. */
export interface FinalAccount extends Me {
  /** Whether its key is registered, so that it can sign. */
  readonly registered: boolean;
  /** The counter that its next operation carries. */
  readonly counter: bigint;
}

/** The state at the end of one final block. */
export interface FinalState {
  readonly level: number;
  account(who: string): Promise<FinalAccount>;
  /** The index of an account, or `null` if it has none yet. */
  index(who: string): Promise<number | null>;
  /** The counter that the next operation of an account carries. */
  counter(who: AccountName): Promise<bigint>;
  /** The index of a ticket, or `null` if the rollup has never held it. */
  ticket(ticket: Ticket): Promise<number | null>;
  /** The result of a transaction that its signers signed for themselves, or of the last of several. */
  transactionResult(hash: string): Promise<TransactionResult | null>;
  /** The result of a batch that was signed: that of a co-signed transaction is in it, and nowhere else. */
  batchResult(id: string): Promise<BatchResult | null>;
}

/** A rollup node. Whoever runs it can lie about indexes, and so about who is paid: use one that you trust. */
export class RollupNode {
  readonly #http: Http;

  constructor(url: string, options: HttpOptions = {}) {
    this.#http = new Http(url, options);
  }

  /** The address of its rollup, `sr1…`. */
  async rollup(): Promise<string> {
    return address(await this.#http.get("/global/smart_rollup_address"), "smart_rollup_address");
  }

  /** The state at the last level that is final. */
  async final(): Promise<FinalState> {
    const hash = block(await this.#http.get("/global/block/finalized/hash"), "finalized/hash");
    const at = level(await this.#http.get(`/global/block/${hash}/level`), `${hash}/level`);
    const read = (path: string) => this.#value(hash, `${STATE}${path}`);
    const version = await read("/version");
    if (version !== null && number(version, 0, 4) !== BigInt(LAYOUT)) {
      const values = { expected: LAYOUT, found: toHex(version) };
      throw new ToruError("UNKNOWN_LAYOUT", `the state has another layout than ${LAYOUT}`, values);
    }
    // Before its first message the rollup has no state, and nobody has an account.
    const accounts = version === null ? 0 : Number(number(await read("/counts"), 0, 4));
    const result = async (kind: string, digest: string) => {
      fromHex(digest, 32);
      const present = Math.floor(at / LEVELS_IN_GENERATION);
      const now = await read(`/results/${present}/${kind}/${digest}`);
      return now === null && present > 0 ? read(`/results/${present - 1}/${kind}/${digest}`) : now;
    };
    return {
      level: at,
      account: (who) => finalAccount(read, who, accounts),
      index: (who) => finalIndex(read, who),
      counter: async (who) => {
        const own = typeof who === "number" ? who : await finalIndex(read, who);
        return own === null ? 0n : finalCounter(read, own);
      },
      ticket: async (ticket) => index(await read(`/tickets/index/${toHex(hashTicket(ticket))}`)),
      transactionResult: async (digest) => readTransactionResult(await result("transaction", digest)),
      batchResult: async (digest) => readBatchResult(await result("batch", digest)),
    };
  }

  async #value(hash: string, key: string): Promise<Uint8Array | null> {
    const path = `/global/block/${hash}/durable/wasm_2_0_0/value?key=${key}`;
    const value = orNull(hexadecimal)(await this.#http.get(path), key);
    return value === null ? null : fromHex(value);
  }
}

type Read = (path: string) => Promise<Uint8Array | null>;

async function finalIndex(read: Read, who: string): Promise<number | null> {
  return index(await read(`/addresses/${toHex(fromText("tz4", who))}`));
}

/** The record of an account in a folder of pages, which are numbered in seven hexadecimal digits. */
async function record(read: Read, folder: string, own: number, perPage: number, size: number): Promise<Uint8Array> {
  const digits = Math.floor(own / perPage).toString(16);
  const page = await read(`${folder}/${digits.padStart(7, "0")}`);
  const at = (own % perPage) * size;
  // A page that does not exist is zeros.
  if (page === null) return new Uint8Array(size);
  if (page.length < at + size) throw invalidAnswer(`a value of at least ${at + size} bytes`, toHex(page));
  return page.slice(at, at + size);
}

async function finalCounter(read: Read, own: number): Promise<bigint> {
  const main = await record(read, "/main", own, ACCOUNTS_IN_MAIN_PAGE, MAIN_RECORD_BYTES);
  // Counters are little-endian, and so are balances, which are not read here.
  return BigInt(`0x${toHex(main.slice(0, COUNTER_BYTES).reverse())}`);
}

async function finalAccount(read: Read, who: string, accounts: number): Promise<FinalAccount> {
  const own = await finalIndex(read, who);
  if (own === null) return { address: who, index: null, accounts, registered: false, counter: 0n };
  const key = record(read, "/keys", own, KEYS_IN_PAGE, KEY_BYTES);
  const [[state], counter] = await Promise.all([key, finalCounter(read, own)]);
  const registered = state === KEY_IS_REGISTERED;
  return { address: who, index: own, accounts, registered, counter };
}

/** The number at a place of a value. A page that does not exist is zeros. */
function number(bytes: Uint8Array | null, at: number, size: number): bigint {
  if (bytes === null) return 0n;
  if (bytes.length < at + size) throw invalidAnswer(`a value of at least ${at + size} bytes`, toHex(bytes));
  return BigInt(`0x${toHex(bytes.slice(at, at + size))}`);
}

function index(bytes: Uint8Array | null): number | null {
  return bytes === null ? null : Number(number(bytes, 0, 4));
}

function hashTicket(ticket: Ticket): Uint8Array {
  const kind = Uint8Array.of(ticket.kind === "text" ? 0 : 1);
  const whole = concat(ascii("toru ticket"), fromText("KT1", ticket.ticketer), kind, fromHex(ticket.content));
  return blake2b(whole, { dkLen: 32 });
}
