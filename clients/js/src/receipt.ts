// A batcher's signed word that it took a transaction, and by which level it will be in an inbox.

import type { TransactionRecord } from "./api.js";
import { ascii, concat, fromHex, LEVEL_MAX, u32 } from "./bytes.js";
import { ToruError } from "./error.js";
import { verifyEd25519 } from "./keys.js";
import { fromText } from "./text.js";

const TAG = ascii("toru acceptance v1");

/** What is signed. With it and the record anybody can be shown what the batcher promised. */
export function acceptance(
  rollup: string,
  record: Pick<TransactionRecord, "hash" | "received" | "promised">,
): Uint8Array {
  return concat(TAG, fromText("sr1", rollup), fromHex(record.hash, 32), u32(record.received), u32(record.promised));
}

/** What of a record a receipt is about. */
export type Promised = Pick<TransactionRecord, "hash" | "received" | "promised" | "expires" | "receipt">;

/**
 * Throws `WRONG_RECEIPT` unless the receipt is the batcher's, for exactly this hash and these levels, and promises a
 * level in which the transaction can still apply. Whoever has the transaction gives its own `expires`: the record has
 * what the batcher says.
 */
export function checkReceipt(rollup: string, record: Promised, acceptanceKey: string, expires = record.expires): void {
  const { received, promised, receipt } = record;
  const wrong = (why: string) =>
    new ToruError("WRONG_RECEIPT", `the receipt for ${record.hash} is worth nothing: ${why}`, {
      hash: record.hash,
      received,
      promised,
      expires,
    });
  if (receipt.key !== acceptanceKey) throw wrong(`it is signed with ${receipt.key}, not with ${acceptanceKey}`);
  if (promised < received || promised > LEVEL_MAX)
    throw wrong(`the promised level ${promised} is invalid at level ${received}`);
  if (record.expires !== expires) throw wrong(`its last level is ${expires}, and not ${record.expires}`);
  // Such a promise would be kept by a transaction that cannot apply any more.
  if (promised > expires) throw wrong(`level ${promised} is after its last level ${expires}`);
  if (!/^[0-9a-f]{128}$/.test(receipt.signature)) throw wrong("its signature is not 64 bytes in hexadecimal");
  const signed = verifyEd25519(acceptanceKey, acceptance(rollup, record), fromHex(receipt.signature));
  if (!signed) throw wrong("its signature is wrong");
}
