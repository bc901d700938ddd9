// What the compilers do not do: the engine beside the loaders, and the command line in one piece.
import { chmodSync, copyFileSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

// The engine goes where the compiled loaders expect it: beside themselves, as a file and as text.
const engine = "src/engine/engine.wasm";
copyFileSync(engine, `dist/${engine}`);
const base64 = readFileSync(engine).toString("base64");
writeFileSync("dist/src/engine/engine-bytes.js", `export default "${base64}";\n`);

// One file a verb, and one with what all share: to find and link hundreds of modules takes node a quarter of a second.
const cli = "dist/src/cli";
const bundle = "dist/src/cli-bundle";
await build({
  entryPoints: [`${cli}/main.js`],
  outdir: bundle,
  bundle: true,
  splitting: true,
  minify: true,
  platform: "node",
  format: "esm",
  target: "node20",
  packages: "external",
  external: ["#*"],
});
rmSync(cli, { recursive: true });
renameSync(bundle, cli);
chmodSync(`${cli}/main.js`, 0o755);
