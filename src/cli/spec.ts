/** What `ctwasm test` reads: a machine, packets, and what is expected to become of them. */

import { dirname, resolve } from "node:path";
import { UsageError } from "./fail.js";
import { addInterface, addRoute, type MachineFlags, readText } from "./machine.js";
import { STATES } from "./packet-choice.js";
import { parsePacket } from "./packet-notation.js";

export interface Spec {
  readonly file: string;
  readonly machine: MachineFlags;
  readonly sysctl: Readonly<Record<string, number>>;
  readonly helpers: readonly string[];
  readonly cases: readonly Case[];
}

export interface Case {
  readonly line: number;
  readonly text: string;
  /** Milliseconds since the beginning. */
  readonly time: number;
  /** Where the packet enters; undefined: this machine sends it. */
  readonly device: string | undefined;
  readonly packet: Uint8Array;
  readonly expected: Expected;
}

/** Undefined: anything will do. */
export interface Expected {
  readonly verdict?: string;
  readonly ctState?: string;
  readonly out?: string;
  readonly mark?: number;
  /** TABLE CHAIN NUMBER, or TABLE CHAIN policy. */
  readonly rule?: string;
}

const VERDICTS = ["ACCEPT", "DROP", "REJECT", "STOLEN"];

/** @throws UsageError with file and line; InputError when it cannot be read */
export function readSpec(file: string): Spec {
  const reader = new SpecReader(file);
  readText(file)
    .split("\n")
    .forEach((text, i) => {
      try {
        reader.line(text.replace(/(^|\s)#.*/, "").trim(), i + 1);
      } catch (error) {
        throw new UsageError(`${file}:${i + 1}: ${(error as Error).message}`);
      }
    });
  return reader.spec();
}

class SpecReader {
  readonly #file: string;
  #machine: MachineFlags = {};
  readonly #sysctl: Record<string, number> = {};
  readonly #helpers: string[] = [];
  readonly #cases: Case[] = [];
  #time = 0;

  constructor(file: string) {
    this.#file = file;
  }

  spec(): Spec {
    const [machine, sysctl, helpers, cases] = [this.#machine, this.#sysctl, this.#helpers, this.#cases];
    return { file: this.#file, machine, sysctl, helpers, cases };
  }

  line(text: string, number: number): void {
    if (text === "") return;
    const [word = "", ...rest] = text.split(/\s+/);
    const step = /^\+(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(word);
    if (step) {
      this.#time += Number(step[1]) * { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[step[2] as "ms"];
      if (rest.length > 0) this.line(rest.join(" "), number);
    } else if (text.includes("=>")) this.#cases.push(this.#case(text, number));
    else this.#setting(word, rest);
  }

  #setting(word: string, rest: readonly string[]): void {
    const [value = ""] = rest;
    if (value === "")
      throw new UsageError(`${word} needs something behind it, or a packet => an expectation`);
    const path = resolve(dirname(this.#file), value);
    if (word === "rules" || word === "rules6" || word === "ipset")
      this.#machine = { ...this.#machine, [word]: path };
    else if (word === "interface") {
      const text = `${value}=${rest.slice(1).join(",")}`;
      this.#machine = { ...this.#machine, interface: addInterface(text, this.#machine.interface) };
    } else if (word === "route") {
      this.#machine = { ...this.#machine, route: addRoute(rest.join("="), this.#machine.route) };
    } else if (word === "sysctl") {
      const match = /^([\w./]+)=(\d+)$/.exec(rest.join(""));
      if (!match?.[1]) throw new UsageError("expected sysctl NAME=NUMBER");
      this.#sysctl[match[1]] = Number(match[2]);
    } else if (word === "helper") this.#helpers.push(value);
    else throw new UsageError(`${word} is none of rules, rules6, ipset, interface, route, sysctl, helper`);
  }

  #case(text: string, line: number): Case {
    const [, place = "", packet = "", expected = ""] = /^([\w.-]+):\s*(.*?)\s*=>\s*(.*)$/.exec(text) ?? [];
    if (place === "") throw new UsageError("expected DEVICE: PACKET => EXPECTATION, or local: for DEVICE");
    return {
      line,
      text,
      time: this.#time++,
      device: place === "local" ? undefined : place,
      packet: parsePacket(packet),
      expected: expectation(expected.split(/\s+/)),
    };
  }
}

function expectation(words: readonly string[]): Expected {
  const found: { -readonly [name in keyof Expected]: Expected[name] } = {};
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    const upper = word.toUpperCase();
    if (VERDICTS.includes(upper)) found.verdict = upper;
    else if (STATES.includes(upper)) found.ctState = upper;
    else if (word === "out" && words[i + 1]) found.out = words[++i] as string;
    else if (word === "mark" && /^(\d+|0x[0-9a-f]+)$/i.test(words[i + 1] ?? ""))
      found.mark = Number(words[++i]);
    else if (word === "rule" && words[i + 3]) {
      found.rule = words.slice(i + 1, i + 4).join(" ");
      i += 3;
    } else
      throw new UsageError(`${word} is no verdict, ct state, out DEVICE, mark N or rule TABLE CHAIN NUMBER`);
  }
  if (Object.keys(found).length === 0) throw new UsageError("nothing is expected behind =>");
  return found;
}
