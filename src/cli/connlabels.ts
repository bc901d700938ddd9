/** Names of labels. */
import { existsSync } from "node:fs";
import { Option } from "commander";
import { parseConnlabels } from "../format/index.js";
import { say } from "./fail.js";
import { readText } from "./files.js";
import type { Form } from "./form.js";

const OF_THIS_MACHINE = "/etc/xtables/connlabel.conf";

export interface ConnlabelFlags {
  readonly connlabels?: string | undefined;
}

export function connlabelsOption(): Option {
  return new Option("--connlabels <file>", `names of labels; default ${OF_THIS_MACHINE}, if it is there`);
}

/** What has been read, and complained of. */
const read = new Map<string, ReadonlyMap<number, string>>();

/** By number. @throws InputError */
export function connlabelsOf({ connlabels }: ConnlabelFlags): ReadonlyMap<number, string> {
  const file = connlabels ?? OF_THIS_MACHINE;
  if (connlabels === undefined && !existsSync(file)) return new Map();
  const names =
    read.get(file) ??
    parseConnlabels(readText(file), (number, line) => {
      say(`${file}:${number}: ${line.trim()} is no number from 0 to 127 and a new name, left out`);
    });
  read.set(file, names);
  return names;
}

/** The form with the names of labels in it, where it asks for labels. */
export function withLabelNames(form: Form, flags: ConnlabelFlags): Form {
  if (!form.options.labels) return form;
  const labels = connlabelsOf(flags);
  if (labels.size === 0)
    say(`labels have no names: there is no ${OF_THIS_MACHINE}, --connlabels FILE says where they are`);
  return { ...form, options: { ...form.options, labels } };
}
