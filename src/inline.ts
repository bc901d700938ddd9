/**
 * The library with the engine inside, for where no file can be fetched or read, and for `createSync()`. Larger, and
 * compiled while it is imported.
 */
import { useModule } from "./engine/instantiate.js";
import { inlineModule } from "./engine/module-inline.js";

useModule(inlineModule());

export * from "./index.js";
