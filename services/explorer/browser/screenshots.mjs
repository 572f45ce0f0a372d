// Writes a picture of each page to the folder that is named: `node screenshots.mjs FOLDER`.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { launch, visitor } from "./lib/browser.mjs";
import { pagesOf } from "./lib/pages.mjs";
import { Sandbox } from "./lib/sandbox.mjs";

const folder = process.argv[2] ?? "../../../docs/explorer";
const sandbox = await Sandbox.start();
const browser = await launch();
try {
  await sandbox.fill();
  await sandbox.mine(8);
  await mkdir(folder, { recursive: true });
  const pages = await pagesOf(sandbox);
  for (const colorScheme of ["light", "dark"]) {
    const { page, go, context } = await visitor(browser, sandbox, { colorScheme, deviceScaleFactor: 1 });
    for (const [name, path] of Object.entries(pages)) {
      // One of the dark ones is enough to see that they are.
      if (name === "missing" || (colorScheme === "dark" && name !== "overview")) continue;
      await go(path);
      const ending = colorScheme === "dark" ? "-dark" : "";
      await page.screenshot({ path: join(folder, `${name}${ending}.png`) });
    }
    await context.close();
  }
} finally {
  await browser.close();
  await sandbox.end();
}
