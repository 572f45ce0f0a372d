// Everything that this package is for. See README.md.

export * from "./api.js";
export type { Batch } from "./batch.js";
export { decodeBatch, hashBatch, signedOfBatch } from "./batch.js";
export { fromHex, toHex } from "./bytes.js";
export type { Difference, Me, Mine } from "./check.js";
export { checkBatch, differences } from "./check.js";
export type { Options, Preparing } from "./client.js";
export { Client, connect } from "./client.js";
export type { Code, OwnCode, Values } from "./error.js";
export { OWN_CODES, ToruError } from "./error.js";
export type { Subscription } from "./events.js";
export type { Fate } from "./fate.js";
export type { HttpOptions } from "./http.js";
export type { Signer } from "./keys.js";
export { addressOf, SecretKey, verify, verifyProof } from "./keys.js";
export type { AccountName, Ticket, TicketName } from "./names.js";
export { pairTicket, textTicket } from "./names.js";
export type { FinalAccount, FinalState } from "./node.js";
export { RollupNode } from "./node.js";
export type { Pay, Payment } from "./payment.js";
export type { Promised } from "./receipt.js";
export { acceptance, checkReceipt } from "./receipt.js";
export type { BatchResult, OperationResult, Place, TransactionResult } from "./results.js";
export type { Following } from "./send.js";
export type { Kind } from "./text.js";
export { fromText, toText } from "./text.js";
export type {
  Action,
  Memo,
  Operation,
  OwnSignature,
  SignedTransaction,
  Transaction,
  Transfer,
  Transfers,
  Withdrawal,
} from "./transaction.js";
export {
  decodeTransaction,
  encodeTransaction,
  hashTransaction,
  openSigned,
  signedOfTransaction,
  signTransaction,
  textMemo,
} from "./transaction.js";
