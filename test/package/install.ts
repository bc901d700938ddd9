/** The package as users get it: packed, and installed in a folder of its own. */
import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const run = promisify(execFile);
export const repository = fileURLToPath(new URL("../../", import.meta.url));

export interface Installation {
  readonly folder: string;
  readonly tarball: string;
  remove(): Promise<void>;
}

/** In the folder lie the package under node_modules, and the files of consumer/. */
export async function install(): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), "conntrack-wasm-"));
  // Built already: a script that builds would do it again.
  await run("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], { cwd: repository });
  const name = (await readdir(folder)).find((file) => file.endsWith(".tgz"))!;
  const tarball = join(folder, name);
  await cp(fileURLToPath(new URL("consumer/", import.meta.url)), folder, { recursive: true });
  await writeFile(
    join(folder, "package.json"),
    JSON.stringify({ name: "consumer", type: "module", private: true }),
  );
  const options = ["--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts"];
  await run("npm", ["install", ...options, tarball], { cwd: folder });
  return { folder, tarball, remove: () => rm(folder, { recursive: true, force: true }) };
}
