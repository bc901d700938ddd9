import { defineConfig } from "vite";

/** The built page is static files that work from any folder of any server. */
export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  worker: { format: "es" },
  build: { outDir: "../../dist-web", emptyOutDir: true, target: "es2022", assetsInlineLimit: 0 },
});
