// Texts of strangers: whatever they wrote, nothing of it acts, and nothing of it hides.
import { strict as assert } from "node:assert";
import { after, before, test } from "node:test";
import { launch, overflow, visitor } from "../lib/browser.mjs";
import { facts, Sandbox, text } from "../lib/sandbox.mjs";

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
const HIDDEN = /[\p{Cf}\p{Co}\p{Zl}\p{Zp}\u3164\uffa0]|(?![\n\r\t])\p{Cc}/u;

/** What a ticket may say it is: anybody can make one that says anything. */
const NAMES = [
  ...MEMOS,
  "</title><script>document.title='taken'</script>",
  "demo\u200b",
  "\u202edemo",
  "d\u0435mo",
  "DEMO",
  "Dem0",
  "\ufeff \u2028\u2029",
  "\u2800\u3164\uffa0",
  "z\u0351\u0352\u0353".repeat(20),
];

/** The contents that say it: as a symbol, as a name beside a harmless symbol, and as a text, if layer 1 has such texts. */
function contents(name, at) {
  const texts = /^[\x20-\x7e]*$/.test(name) ? [text(name)] : [];
  return [...texts, facts(at, { symbol: name, decimals: 2 }), facts(at, { symbol: "ok", name })];
}

let sandbox;
let browser;

before(async () => {
  sandbox = await Sandbox.start();
  for (const [at, memo] of MEMOS.entries()) {
    await sandbox.toru("send", `${at + 1}`, "demo", "dev0", "dev1", `--memo=${memo}`, "--via", "node", "--yes");
    await sandbox.mine();
  }
  const account = await addressOf("dev2");
  for (const [at, name] of NAMES.entries()) {
    for (const content of contents(name, at)) await sandbox.deposit(account, content);
    await sandbox.mine();
  }
  browser = await launch();
});

/** The address of an account of the sandbox. */
async function addressOf(name) {
  return JSON.parse(await sandbox.toru("balance", name, "--json")).account;
}

/** Opens pages at the width of a telephone, and fails for one on which a text acts, hides, or is wider than the page. */
async function harmless(paths) {
  const viewport = { width: 360, height: 740 };
  const { page, faults, go, context } = await visitor(browser, sandbox, { viewport });
  page.on("dialog", (dialog) => faults.push(`dialog: ${dialog.message()}`));
  for (const path of paths) {
    await go(path);
    const title = await page.title();
    assert.ok(!title.includes("taken"), path);
    // What is read out, shown on hovering, or copied counts too.
    const attributes = await page.$$eval("*", (all) => all.flatMap((one) => [...one.attributes].map((of) => of.value)));
    for (const shown of [title, await page.innerText("body"), ...attributes])
      assert.ok(!HIDDEN.test(shown), `${path}: ${JSON.stringify(shown)}`);
    assert.ok((await overflow(page)) <= 0, path);
    assert.equal(await page.locator("main img, main script, main iframe").count(), 0, path);
  }
  await context.close();
  assert.deepEqual(faults, []);
}

after(async () => {
  await browser?.close();
  await sandbox?.end();
});

test("no memo of a stranger acts, hides or breaks a page", async () => {
  const account = await addressOf("dev1");
  const { moves } = await sandbox.get(`/history/accounts/${account}/moves`);
  const hashes = [...new Set(moves.map((one) => one.hash).filter(Boolean))];
  assert.equal(hashes.length, MEMOS.length);
  const hostile = encodeURIComponent(MEMOS[0] + MEMOS[3]);
  await harmless([`/account/${account}`, `/search?q=${hostile}`, ...hashes.map((hash) => `/tx/${hash}`)]);
});

test("no ticket of a stranger acts, hides or breaks a page, whatever it says it is", async () => {
  const account = await addressOf("dev2");
  const { moves } = await sandbox.get(`/history/accounts/${account}/moves?kind=deposit&limit=200`);
  const hashes = [...new Set(moves.map((one) => one.ticket.hash))];
  // Each says something else, or is of another form.
  assert.ok(hashes.length > NAMES.length, `${hashes.length}`);
  const levels = [...new Set(moves.map((one) => one.level))];
  const of = hashes.map((hash) => `/ticket/${hash}`);
  const messages = moves.map((one) => `/level/${one.level}/message/${one.message}`);
  const searches = NAMES.map((name) => `/search?q=${encodeURIComponent(name)}`);
  const account_ = [`/account/${account}`, `/account/${account}/tickets`, `/account/${account}?ticket=${hashes[0]}`];
  const lists = ["/tickets", "/accounts", "/held?all=1", "/", ...levels.map((level) => `/level/${level}`)];
  await harmless([...lists, ...account_, ...of, ...messages, ...searches]);
});

test("no ticket of a stranger looks like one that is pinned", async () => {
  const { page, faults, go, context } = await visitor(browser, sandbox);
  await go(`/account/${await addressOf("dev2")}/tickets`);
  const shown = await page.$$eval("a.ticket", (all) => all.map((one) => [one.className, one.textContent]));
  for (const [classes, words] of shown) {
    // The sandbox has pinned demo, and nothing else of this ticketer.
    if (classes.includes("stranger")) assert.ok(/^(#\d+|".*" #\d+(, not the pinned \S+)?)$/.test(words), words);
    else assert.equal(words, "demo");
  }
  assert.ok(
    shown.some(([, words]) => words.includes("not the pinned demo")),
    JSON.stringify(shown),
  );
  // The warning is seen on a telephone too.
  await page.setViewportSize({ width: 360, height: 740 });
  const ends = await page.$$eval(".narrow a.ticket", (all) => all.map((one) => one.getBoundingClientRect().right));
  assert.ok(ends.length > 1 && Math.max(...ends) <= 360, `${Math.max(...ends)}`);
  await context.close();
  assert.deepEqual(faults, []);
});
