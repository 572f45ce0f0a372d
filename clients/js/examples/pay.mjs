// Pays in a sandbox and signs the batch with everybody else:
//
//     toru dev
//     node examples/pay.mjs http://127.0.0.1:8932 tz4… 5
//
// The payer is `dev0`, whose key everybody knows. SECRET_KEY is another one: BLsk….

import { connect, RollupNode, SecretKey, ToruError, textTicket } from "@toru/client";

const [url = "http://127.0.0.1:8932", to = "tz4Br16zXvddzJGoByAAHBRu4wVNpFm7HSLi", amount = "5"] =
  process.argv.slice(2);
// The sandbox's demo ticket. Write down the ticketer that you mean: anybody can make a ticket called demo.
const ticket = textTicket("KT1UuCZfusSPmKYDZ9EiP3dafh3QzPDV8tZF", "demo");

try {
  const key = SecretKey.fromText(process.env.SECRET_KEY ?? "BLsk1zTX9EmygrwmKNpvVwcEWq6M7KbTShvZTPyibFph8hTkiuMkhw");
  // In a sandbox the node says which rollup it is. Elsewhere, write the address down.
  const rollup = await new RollupNode(url).rollup();
  const client = await connect({ batcher: url, node: url, rollup });
  if (!/^[0-9]+$/.test(amount)) throw new ToruError("INVALID_VALUE", `expected a whole amount: ${amount}`);
  const payments = await client.prepare(key, [{ to, amount: BigInt(amount), ticket }]);
  for (const { signed } of payments) console.log(`${signed.hash} pays ${amount} to ${to}`);
  for await (const record of client.send(payments)) {
    const how = record.cosigned === true ? ", signed with everybody" : "";
    console.log(`${record.stage}${record.level === null ? "" : ` in level ${record.level}`}${how}`);
    if (record.result === "failed" || record.why !== null) console.log(record.why ?? record.outcomes);
  }
} catch (error) {
  if (!(error instanceof ToruError)) throw error;
  console.error(`error: ${error.code}: ${error.message}`);
  process.exitCode = 1;
}
