/** The package as users get it: packed, and installed in a folder of its own. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const run = promisify(execFile);
export const repository = fileURLToPath(new URL("../../", import.meta.url));

export interface Installation {
  readonly folder: string;
  readonly tarball: string;
  remove(): Promise<void>;
}

/** Another runtime than Node. */
export type RuntimeName = "deno" | "bun";

/** Where to find it: on the path, or, fetched by npm, in the installation's folder. Undefined, loudly, when neither is so. */
export async function findRuntime(name: RuntimeName, { folder }: Installation): Promise<string | undefined> {
  const paths = [join(repository, "node_modules/.bin"), ...(process.env.PATH ?? "").split(delimiter)];
  const found = paths.map((path) => join(path, name)).find(existsSync);
  if (found) return found;
  const home = join(folder, "runtimes", name);
  await mkdir(home, { recursive: true });
  await writeFile(join(home, "package.json"), JSON.stringify({ name: `with-${name}`, private: true }));
  try {
    // Bun's package needs its script: that puts the program where npm links to.
    await run("npm", ["install", ...QUIETLY, name], { cwd: home });
    const command = join(home, "node_modules/.bin", name);
    await run(command, ["--version"], { cwd: home });
    return command;
  } catch (error) {
    console.warn(
      `\n*** npm does not bring ${name}: THE PACKAGE IS NOT TESTED IN IT. ${(error as Error).message} ***\n`,
    );
    return undefined;
  }
}

const QUIETLY = ["--prefer-offline", "--no-audit", "--no-fund"];

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
  await run("npm", ["install", ...QUIETLY, "--ignore-scripts", tarball], { cwd: folder });
  return { folder, tarball, remove: () => rm(folder, { recursive: true, force: true }) };
}
