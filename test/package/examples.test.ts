/** The examples, run as a reader would; what they print is in printed/. Those that are tests run beside these. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { repository, run } from "./install.js";

const examples = readdirSync(join(repository, "examples")).filter((file) => /(?<!\.test)\.ts$/.test(file));

it.each(examples)("%s", async (file) => {
  const tsx = join(repository, "node_modules/tsx/dist/cli.mjs");
  const { stdout, stderr } = await run(process.execPath, [tsx, join("examples", file)], { cwd: repository });
  expect(stderr).toBe("");
  await expect(stdout).toMatchFileSnapshot(`printed/${file.replace(/\.ts$/, ".txt")}`);
});
