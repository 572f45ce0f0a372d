// Texts of strangers: whatever they wrote, nothing of it acts, and nothing of it hides.
import { strict as assert } from "node:assert";
import { after, before, test } from "node:test";
import { launch, overflow, visitor } from "../lib/browser.mjs";
import { Sandbox } from "../lib/sandbox.mjs";

const MEMOS = [
  "<script>document.title='taken'</script>",
  '"><img src=x onerror=alert(1)>',
  "'{{7*7}}${7*7}<%= 7*7 %>",
  "gold\u202edlog\u2066\u200b",
  "\u001b[2J\u0007bell",
  "javascript:alert(1)",
  '=HYPERLINK("http://x")',
  "ا".repeat(30),
  "W".repeat(64),
];

/** What turns texts around, hides in them, or steers a terminal. */
const HIDDEN = ["\u202e", "\u2066", "\u200b", "\u001b", "\u0007"];

let sandbox;
let browser;

before(async () => {
  sandbox = await Sandbox.start();
  for (const [at, memo] of MEMOS.entries()) {
    await sandbox.toru("send", `${at + 1}`, "demo", "dev0", "dev1", `--memo=${memo}`, "--via", "node", "--yes");
    await sandbox.mine();
  }
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await sandbox?.end();
});

test("no text of a stranger acts, hides or breaks a page", async () => {
  const viewport = { width: 360, height: 740 };
  const { page, faults, go, context } = await visitor(browser, sandbox, { viewport });
  page.on("dialog", (dialog) => faults.push(`dialog: ${dialog.message()}`));
  const account = JSON.parse(await sandbox.toru("balance", "dev1", "--json")).account;
  const { moves } = await sandbox.get(`/history/accounts/${account}/moves`);
  const hashes = [...new Set(moves.map((one) => one.hash).filter(Boolean))];
  assert.equal(hashes.length, MEMOS.length);
  const hostile = encodeURIComponent(MEMOS[0] + MEMOS[3]);
  const paths = [`/account/${account}`, `/search?q=${hostile}`, ...hashes.map((hash) => `/tx/${hash}`)];
  for (const path of paths) {
    await go(path);
    assert.ok(!(await page.title()).includes("taken"), path);
    const text = await page.innerText("body");
    assert.ok(!HIDDEN.some((hidden) => text.includes(hidden)), path);
    assert.ok((await overflow(page)) <= 0, path);
    assert.equal(await page.locator("main img, main script, main iframe").count(), 0, path);
  }
  await context.close();
  assert.deepEqual(faults, []);
});
