#!/usr/bin/env node
/** ctwasm: connection tracking on the command line. One file a verb. */
import { readFileSync } from "node:fs";
import { createProgram } from "./program.js";
import { VERBS } from "./verbs.js";

const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as {
  version: string;
};

// Only the verb that is called is loaded; for anything else all of them are, so that help and complaints are whole.
const called = VERBS.find(({ name }) => name === process.argv[2]);
await (await createProgram(version, called ? [called] : VERBS)).parseAsync();
