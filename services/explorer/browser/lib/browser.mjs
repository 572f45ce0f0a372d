// Debian's Chromium, and what every page is held to.

import { strict as assert } from "node:assert";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
/** What counts as serious, as axe calls it. */
const SERIOUS = ["serious", "critical"];

export async function launch() {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  // Whoever builds in a container is root there, for whom Chromium has no box of its own.
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
}

/** A page that takes note of what it must not do. */
export async function visitor(browser, sandbox, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1100, height: 800 }, ...options });
  const page = await context.newPage();
  const faults = [];
  page.on("console", (message) => {
    // Chromium says so of every page that is not there.
    const isStatus = message.text().startsWith("Failed to load resource: the server responded with a status of");
    if (message.type() === "error" && !isStatus) faults.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`script: ${error}`));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.host !== sandbox.at && url.protocol !== "data:") faults.push(`asks ${url}`);
  });
  page.on("requestfailed", (request) => {
    const why = request.failure()?.errorText;
    // A page that is left lets its streams go.
    if (why !== "net::ERR_ABORTED") faults.push(`${request.url()}: ${why}`);
  });
  return { context, page, faults, go: (path) => page.goto(`${sandbox.url}${path}`) };
}

/** Fails for what axe finds serious on a page. */
export async function accessible(page, where) {
  // The policy of the page lets no script in, so that it comes through the debugger.
  const client = await page.context().newCDPSession(page);
  await client.send("Runtime.evaluate", { expression: await readFile(axe, "utf8") });
  const expression = "axe.run(document, {resultTypes: ['violations']}).then(found => JSON.stringify(found.violations))";
  const { result } = await client.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
  await client.detach();
  const serious = JSON.parse(result.value).filter((one) => SERIOUS.includes(one.impact));
  const told = serious.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join("; ")}`);
  assert.deepEqual(told, [], where);
}

/** How much wider a page is than its window. */
export async function overflow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** The paths that a page links to, without what is behind a #. */
export async function links(page) {
  const all = await page.$$eval("a[href]", (found) => found.map((one) => one.href));
  return [...new Set(all.map((href) => href.split("#")[0]))];
}
