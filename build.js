// What the compilers do not do: the engine beside the loaders, and the command line in one piece.
import { chmodSync, copyFileSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const { dependencies, optionalDependencies } = JSON.parse(readFileSync("package.json", "utf8"));

// The engine goes where the compiled loaders expect it: beside themselves, as a file and as text.
const engine = "src/engine/engine.wasm";
copyFileSync(engine, `dist/${engine}`);
const base64 = readFileSync(engine).toString("base64");
writeFileSync("dist/src/engine/engine-bytes.js", `export default "${base64}";\n`);

// One file a verb, and one with what all share: to find and link hundreds of modules takes node a quarter of a second. What
// is no ES module goes into them, too: node reads such a file twice, once for the names it exports.
const cli = "dist/src/cli";
const bundle = "dist/src/cli-bundle";
const BUNDLED = ["commander", "ipaddr.js"];
await build({
  entryPoints: [`${cli}/main.js`],
  outdir: bundle,
  bundle: true,
  splitting: true,
  minify: true,
  platform: "node",
  format: "esm",
  target: "node20",
  external: [
    "#*",
    ...Object.keys({ ...dependencies, ...optionalDependencies }).filter((name) => !BUNDLED.includes(name)),
  ],
  // For what such modules require() of node.
  banner: { js: 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);' },
});
const licences = BUNDLED.map((name) => `${name}\n\n${readFileSync(`node_modules/${name}/LICENSE`, "utf8")}`);
writeFileSync(`${bundle}/LICENSES`, licences.join("\n"));
rmSync(cli, { recursive: true });
renameSync(bundle, cli);
chmodSync(`${cli}/main.js`, 0o755);
