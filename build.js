// What the compilers do not do: the engine beside the loaders, and the command line in one piece.
import { chmodSync, copyFileSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { build } from "vite";

const { dependencies, optionalDependencies } = JSON.parse(readFileSync("package.json", "utf8"));

// The engine goes where the compiled loaders expect it: beside themselves, as a file and as text.
const engine = "src/engine/engine.wasm";
copyFileSync(engine, `dist/${engine}`);
const base64 = readFileSync(engine).toString("base64");
writeFileSync("dist/src/engine/engine-bytes.js", `export default "${base64}";\n`);

// One file a verb, and some with what verbs share: to find and link hundreds of modules takes node a quarter of a second. What
// is no ES module goes into them, too: node reads such a file twice, once for the names it exports.
const cli = "dist/src/cli";
const bundle = "dist/src/cli-bundle";
const BUNDLED = ["commander", "ipaddr.js"];
await build({
  configFile: false,
  logLevel: "warn",
  ssr: { noExternal: BUNDLED },
  build: {
    ssr: `${cli}/main.js`,
    outDir: bundle,
    minify: true,
    target: "node20",
    rollupOptions: {
      external: [
        /^#/,
        ...Object.keys({ ...dependencies, ...optionalDependencies }).filter(
          (name) => !BUNDLED.includes(name),
        ),
      ],
      output: { entryFileNames: "[name].js", chunkFileNames: "[name]-[hash].js" },
    },
  },
});
const licences = BUNDLED.map((name) => `${name}\n\n${readFileSync(`node_modules/${name}/LICENSE`, "utf8")}`);
writeFileSync(`${bundle}/LICENSES`, licences.join("\n"));
rmSync(cli, { recursive: true });
renameSync(bundle, cli);
chmodSync(`${cli}/main.js`, 0o755);
