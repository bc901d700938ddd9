/** The packed package, used as strangers use it. */
import { copyFile, mkdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import commonjsPlugin from "@rollup/plugin-commonjs";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import * as esbuild from "esbuild";
import type { Browser } from "playwright-core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { rollup } from "rollup";
import * as vite from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import webpack from "webpack";
import { haveBrowser, launch, resultOf, serve } from "./browser.js";
import { findRuntime, type Installation, install, repository, run } from "./install.js";

/** Its types are those of CommonJS, it is not. */
const commonjs = commonjsPlugin as unknown as typeof commonjsPlugin.default;

const LINE =
  "ipv4     2 tcp      6 120 SYN_SENT src=10.0.0.1 dst=10.0.0.2 sport=1000 dport=80 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=80 dport=1000 mark=0 zone=0 use=2";

let at: Installation;
let browser: Browser | undefined;

beforeAll(async () => {
  [at, browser] = await Promise.all([install(), haveBrowser ? launch() : undefined]);
});

afterAll(async () => {
  await browser?.close();
  await at?.remove();
});

/** What the compiler has to say. */
async function compile(config: string): Promise<string> {
  const tsc = join(repository, "node_modules/typescript/bin/tsc");
  const { stdout } = await run(process.execPath, [tsc, "-p", config]).catch((error) => error);
  return stdout;
}

describe("runs in", () => {
  it("Node", async () => {
    const { stdout } = await run(process.execPath, ["node.js"], { cwd: at.folder });
    expect(stdout.trim()).toBe(LINE);
  });

  it.for([
    ["deno", ["run", "--allow-read", "node.js"]],
    ["bun", ["node.js"]],
  ] as const)("%s", async ([name, command], { skip }) => {
    const runtime = await findRuntime(name, at);
    if (!runtime) return skip();
    const env = { ...process.env, DENO_DIR: join(at.folder, "deno"), DENO_NO_UPDATE_CHECK: "1" };
    const { stdout } = await run(runtime, [...command], { cwd: at.folder, env });
    expect(stdout.trim()).toBe(LINE);
  });

  it("Node, in workers", async () => {
    const { stdout } = await run(process.execPath, ["sharded.js"], { cwd: at.folder });
    expect(stdout.trim()).toBe(LINE);
  });

  it("its command", async () => {
    const capture = join(repository, "test/captures/raw-ip.pcap");
    const { stdout } = await run("npx", ["--no", "ctwasm", "replay", capture], { cwd: at.folder });
    expect(stdout).toMatch(/^ipv4 {5}2 udp/m);
  });
});

describe("its matchers for vitest", () => {
  // An optional peer: whoever has it may use them.
  beforeAll(() => symlink(join(repository, "node_modules/vitest"), join(at.folder, "node_modules/vitest")));

  it("run", async () => {
    const vitest = join(at.folder, "node_modules/vitest/vitest.mjs");
    const { stdout } = await run(process.execPath, [vitest, "run", "--root", at.folder], { cwd: at.folder });
    expect(stdout).toMatch(/2 passed.*1 expected fail/);
  });

  it("compile under strict settings", async () => {
    const compilerOptions = {
      target: "es2022",
      module: "nodenext",
      types: [],
      lib: ["es2022", "dom", "dom.iterable"],
      strict: true,
      // vitest's own types refer to packages that are not installed here.
      skipLibCheck: true,
      noEmit: true,
    };
    const config = join(at.folder, "tsconfig.vitest.json");
    await writeFile(config, JSON.stringify({ compilerOptions, files: ["firewall.spec.ts"] }));
    expect(await compile(config)).toBe("");
  });
});

describe("compiles under", () => {
  it.each(["nodenext", "bundler"])("TypeScript, strict, moduleResolution %s", async (moduleResolution) => {
    const compilerOptions = {
      target: "es2022",
      module: moduleResolution === "bundler" ? "esnext" : "nodenext",
      moduleResolution,
      lib: ["es2022", "dom", "dom.iterable"],
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      verbatimModuleSyntax: true,
      skipLibCheck: false,
      noEmit: true,
    };
    const config = join(at.folder, `tsconfig.${moduleResolution}.json`);
    await writeFile(config, JSON.stringify({ compilerOptions, files: ["strict.ts"] }));
    expect(await compile(config)).toBe("");
  });
});

/** A folder for what a bundler writes, with a page that loads page.js. */
async function output(name: string): Promise<string> {
  const folder = join(at.folder, `out-${name}`);
  await mkdir(folder, { recursive: true });
  await copyFile(join(at.folder, "page.html"), join(folder, "index.html"));
  return folder;
}

/** What bundlers that do not follow `new URL(..., import.meta.url)` leave to their users. */
async function copyEngine(folder: string): Promise<void> {
  await copyFile(
    join(at.folder, "node_modules/conntrack-wasm/dist/src/engine/engine.wasm"),
    join(folder, "engine.wasm"),
  );
}

async function shown(folder: string, path = "", isolated = false): Promise<string> {
  const site = await serve(folder, undefined, isolated);
  try {
    return await resultOf(browser!, site.url + path);
  } finally {
    site.close();
  }
}

async function bundle(folder: string, ...entries: string[]): Promise<void> {
  await esbuild.build({
    entryPoints: entries.map((entry) => join(at.folder, entry)),
    outdir: folder,
    bundle: true,
    format: "esm",
    minify: true,
    target: "es2022",
    logLevel: "error",
  });
}

/** By webpack. */
async function pack(folder: string, entry: string): Promise<void> {
  const compiler = webpack({
    mode: "production",
    context: at.folder,
    entry: `./${entry}`,
    output: { path: folder, filename: entry, publicPath: "auto" },
  });
  const stats = await promisify(compiler.run.bind(compiler))();
  expect(stats?.toString({ all: false, errors: true })).toBe("");
}

describe.runIf(haveBrowser)("runs in a page under a strict Content-Security-Policy, built by", () => {
  it("esbuild, with the engine's file beside the bundle", async () => {
    const folder = await output("esbuild");
    await bundle(folder, "page.js");
    await copyEngine(folder);
    expect(await shown(folder)).toBe(LINE);
  });

  it("esbuild, with the engine inside", async () => {
    const folder = await output("inline");
    await bundle(folder, "inline-page.js");
    await writeFile(join(folder, "index.html"), '<script type="module" src="./inline-page.js"></script>');
    expect(await shown(folder)).toMatch(/^ipv4 {5}2 udp/);
  });

  it("rollup", async () => {
    const folder = await output("rollup");
    const built = await rollup({
      input: join(at.folder, "page.js"),
      plugins: [nodeResolve({ browser: true }), commonjs()],
    });
    await built.write({ dir: folder, format: "es" });
    await copyEngine(folder);
    expect(await shown(folder)).toBe(LINE);
  });

  it("webpack", async () => {
    const folder = await output("webpack");
    await pack(folder, "page.js");
    expect(await shown(folder)).toBe(LINE);
  });

  it("vite build", async () => {
    const folder = join(at.folder, "out-vite");
    await copyFile(join(at.folder, "page.html"), join(at.folder, "index.html"));
    await vite.build({
      root: at.folder,
      configFile: false,
      base: "./",
      logLevel: "error",
      build: { outDir: folder, modulePreload: false },
    });
    expect(await shown(folder)).toBe(LINE);
  });
});

describe.runIf(haveBrowser)("runs in workers of a page that is cross-origin isolated, built by", () => {
  /** Of output(), with sharded.js instead. */
  async function shardedOutput(name: string): Promise<string> {
    const folder = await output(name);
    await writeFile(join(folder, "index.html"), '<script type="module" src="./sharded.js"></script>');
    return folder;
  }

  it("esbuild, with the program of the workers and the engine's file beside the bundle", async () => {
    const folder = await shardedOutput("esbuild-sharded");
    await bundle(folder, "sharded.js");
    await bundle(folder, "node_modules/conntrack-wasm/dist/src/sharded/shard-worker.js");
    await copyEngine(folder);
    expect(await shown(folder, "", true)).toBe(LINE);
    expect(await shown(folder)).toMatch(/^failed: CT_WORKER .*isolated/);
  });

  it("webpack", async () => {
    const folder = await shardedOutput("webpack-sharded");
    await pack(folder, "sharded.js");
    expect(await shown(folder, "", true)).toBe(LINE);
  });

  it("vite build", async () => {
    const root = join(at.folder, "sharded-page");
    const folder = join(at.folder, "out-vite-sharded");
    await mkdir(root);
    await writeFile(join(root, "index.html"), '<script type="module" src="../sharded.js"></script>');
    await vite.build({
      root,
      configFile: false,
      base: "./",
      logLevel: "error",
      build: { outDir: folder, modulePreload: false },
    });
    expect(await shown(folder, "", true)).toBe(LINE);
  });
});

describe.runIf(haveBrowser)("runs in", () => {
  it("vite dev", async () => {
    await copyFile(join(at.folder, "page.html"), join(at.folder, "index.html"));
    const server = await vite.createServer({
      root: at.folder,
      configFile: false,
      logLevel: "error",
      server: { port: 0, host: "127.0.0.1" },
    });
    try {
      await server.listen();
      expect(await resultOf(browser!, server.resolvedUrls!.local[0]!)).toBe(LINE);
    } finally {
      await server.close();
    }
  });

  it.each(["module", "service"])("a %s worker", async (kind) => {
    const folder = await output("workers");
    await bundle(folder, "worker-page.js", "worker.js", "service-worker.js");
    await copyEngine(folder);
    await writeFile(join(folder, "index.html"), '<script type="module" src="./worker-page.js"></script>');
    expect(await shown(folder, `?kind=${kind}`)).toBe(LINE);
  });
});

describe("is", () => {
  it("what publint likes", async () => {
    const pkgDir = join(at.folder, "node_modules/conntrack-wasm");
    const { messages, pkg } = await publint({ pkgDir, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  it("typed for all who can import it (attw)", async () => {
    const attw = join(repository, "node_modules/@arethetypeswrong/cli/dist/index.js");
    const options = ["--profile", "esm-only", "--exclude-entrypoints", "engine.wasm", "--format", "ascii"];
    const problems = await run(process.execPath, [attw, at.tarball, ...options]).then(
      () => "",
      ({ stdout }) => stdout,
    );
    expect(problems).toBe("");
  });

  it("no larger than it has to be", async () => {
    const kib = (bytes: number) => Math.ceil(bytes / 1024);
    expect(kib((await stat(at.tarball)).size), "KiB of the tarball").toBeLessThanOrEqual(BUDGET.tarball);
    const engine = await readFile(join(at.folder, "node_modules/conntrack-wasm/dist/src/engine/engine.wasm"));
    const packed = promisify(gzip);
    expect(kib((await packed(engine)).length), "KiB of the engine, gzipped").toBeLessThanOrEqual(
      BUDGET.engine,
    );
    const folder = await output("size");
    await writeFile(join(at.folder, "least.js"), 'export { Conntrack } from "conntrack-wasm";');
    await bundle(folder, "least.js");
    const least = await packed(await readFile(join(folder, "least.js")));
    expect(kib(least.length), "KiB of a bundle with Conntrack, gzipped").toBeLessThanOrEqual(
      BUDGET.conntrack,
    );
  });
});

/** KiB, a twentieth more than it takes. Raise them knowingly. */
const BUDGET = { tarball: 690, engine: 51, conntrack: 54 };
