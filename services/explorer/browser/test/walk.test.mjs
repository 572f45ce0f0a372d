// Deposit, pay, withdraw, execute: all of it by the forms of the control panel, with JavaScript and without it.
import { strict as assert } from "node:assert";
import { after, before, test } from "node:test";
import { launch, visitor } from "../lib/browser.mjs";
import { Sandbox } from "../lib/sandbox.mjs";

let browser;

before(async () => {
  browser = await launch();
});

after(async () => browser?.close());

/** Fills in a form of the panel and sends it; what it came to. */
async function send(page, go, action, values = {}) {
  await go("/control");
  for (const [name, value] of Object.entries(values)) {
    const field = page.locator(`#${action}-${name}`);
    if ((await field.evaluate((one) => one.tagName)) === "SELECT") await field.selectOption(value);
    else await field.fill(value);
  }
  await page.locator(`#${action} button[type=submit]`).click();
  await page.waitForURL(/done=/);
  return outcome(page);
}

async function outcome(page) {
  const last = page.locator(".outcome").first();
  return {
    isDone: (await last.locator(".tag").first().textContent()) === "done",
    words: await last.locator("p").first().textContent(),
    commands: await last.locator(".command code").allTextContents(),
  };
}

async function done(page, go, action, values) {
  const told = await send(page, go, action, values);
  assert.ok(told.isDone, `${action}: ${told.words}`);
  return told;
}

for (const javaScriptEnabled of [true, false]) {
  test(`a deposit, a payment and a withdrawal ${javaScriptEnabled ? "with" : "without"} JavaScript`, async (t) => {
    const sandbox = await Sandbox.start();
    t.after(() => sandbox.end());
    const { page, faults, go, context } = await visitor(browser, sandbox, { javaScriptEnabled });
    const balance = async (who) => (await sandbox.toru("balance", who, "demo")).trim();

    const deposited = await done(page, go, "deposit", { to: "dev1", amount: "100" });
    assert.equal(deposited.commands[0], `toru dev deposit --endpoint=${sandbox.at} dev1 100`);
    assert.ok(deposited.commands[1].includes("/dev/deposit"), deposited.commands[1]);
    await done(page, go, "mine", { levels: "1" });
    assert.equal(await balance("dev1"), "1000100");

    const paid = await done(page, go, "pay", { from: "dev1", to: "dev2", amount: "40", memo: "it's <b>" });
    assert.ok(paid.commands[0].includes("'--memo=it'\\''s <b>'"), paid.commands[0]);
    // What is shown as the call that does the same has the signed message itself.
    assert.match(paid.commands[1], /\/local\/batcher\/injection --json '\["[0-9a-f]{200,}"\]'/);
    await done(page, go, "mine", { levels: "1" });
    assert.equal(await balance("dev2"), "1000040");

    await done(page, go, "withdraw", { from: "dev2", to: "bootstrap1", amount: "7" });
    await done(page, go, "warp", { to: "+12" });
    await sandbox.caughtUp();
    await go("/withdrawals");
    assert.ok((await page.textContent("main")).includes("7"));
    await go("/control");
    const execute = page.locator(".executable button[type=submit]").first();
    await execute.click();
    await page.waitForURL(/done=/);
    const executed = await outcome(page);
    assert.ok(executed.isDone && executed.words.includes("Executed at level"), executed.words);
    await sandbox.mine();
    const told = await sandbox.get("/history/withdrawals");
    assert.equal(told.withdrawals[0].stage, "executed");

    // What is refused says why, and what is done says where it is.
    const refused = await send(page, go, "pay", { from: "dev1", to: "dev1", amount: "1" });
    assert.ok(!refused.isDone, refused.words);
    await done(page, go, "snapshot", { name: "here" });
    await done(page, go, "mine", { levels: "3" });
    const back = await done(page, go, "revert", { to: "here" });
    assert.ok(back.words.includes("The head is level"), back.words);

    await context.close();
    assert.deepEqual(faults, []);
  });
}

test("a form that comes from elsewhere does nothing", async (t) => {
  const sandbox = await Sandbox.start();
  t.after(() => sandbox.end());
  const { page, context } = await visitor(browser, sandbox);
  const head = await sandbox.head();
  // A page of another origin has no token, and its browser says where the form comes from.
  await page.route("http://evil.example/", (route) =>
    route.fulfill({
      contentType: "text/html",
      body: `<form method="post" action="${sandbox.url}/control/mine"><input name="levels" value="3"><button></form>`,
    }),
  );
  await page.goto("http://evil.example/");
  await page.click("button");
  await page.waitForURL(`${sandbox.url}/control/mine`);
  assert.equal(await sandbox.head(), head);
  await context.close();
});
