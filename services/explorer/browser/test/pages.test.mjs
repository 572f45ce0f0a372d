// Every page, with JavaScript and without it: it asks nobody else, axe finds nothing serious, it fits a telephone, and
// every link leads somewhere.
import { strict as assert } from "node:assert";
import { after, before, test } from "node:test";
import { accessible, launch, links, overflow, visitor } from "../lib/browser.mjs";
import { pagesOf } from "../lib/pages.mjs";
import { Sandbox } from "../lib/sandbox.mjs";

let sandbox;
let browser;
let pages;

before(async () => {
  sandbox = await Sandbox.start();
  await sandbox.fill();
  pages = await pagesOf(sandbox);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await sandbox?.end();
});

const isMissing = (name) => name === "missing";

for (const javaScriptEnabled of [true, false]) {
  test(`every page can be read ${javaScriptEnabled ? "with" : "without"} JavaScript`, async () => {
    const { page, faults, go, context } = await visitor(browser, sandbox, { javaScriptEnabled });
    for (const [name, path] of Object.entries(pages)) {
      const answer = await go(path);
      assert.equal(answer.status(), isMissing(name) ? 404 : 200, path);
      assert.ok((await page.textContent("h1")).trim(), path);
      assert.equal(await page.$eval("html", (html) => html.lang), "en");
    }
    await context.close();
    assert.deepEqual(faults, []);
  });
}

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing serious on any page that is ${colorScheme}`, async () => {
    const { page, go, context } = await visitor(browser, sandbox, { colorScheme });
    for (const path of Object.values(pages)) {
      await go(path);
      await accessible(page, path);
    }
    await context.close();
  });
}

test("no page is wider than a telephone", async () => {
  const viewport = { width: 360, height: 740 };
  const { page, go, context } = await visitor(browser, sandbox, { viewport });
  for (const path of Object.values(pages)) {
    await go(path);
    assert.ok((await overflow(page)) <= 0, path);
  }
  await context.close();
});

test("every link leads somewhere", async () => {
  const { page, go, context } = await visitor(browser, sandbox, { javaScriptEnabled: false });
  const found = new Map();
  for (const [name, path] of Object.entries(pages)) {
    await go(path);
    // What is missing here may be there with a later level: its page leads to itself.
    if (isMissing(name)) continue;
    for (const link of await links(page)) if (!found.has(link)) found.set(link, path);
  }
  assert.ok(found.size > 20, `${found.size} links`);
  for (const [link, from] of found) {
    assert.equal(new URL(link).host, sandbox.at, `${from} leads to ${link}`);
    const answer = await context.request.get(link);
    // A page that is not there leads to those that are.
    assert.equal(answer.status(), 200, `${from} leads to ${link}`);
  }
  await context.close();
});
