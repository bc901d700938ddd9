/** What `ctwasm test` reads: a machine, packets, and what is expected to become of them. */

import { dirname, resolve } from "node:path";
import { LinkType } from "../index.js";
import { parseDuration } from "./duration.js";
import { type Expected, parseExpectation } from "./expectation.js";
import { placed, UsageError } from "./fail.js";
import { readText } from "./files.js";
import { addInterface, addRoute, type MachineFlags } from "./machine.js";
import { parsePacket } from "./packet-notation.js";
import { captureCases } from "./spec-capture.js";
import { readJsonSpec } from "./spec-json.js";

export interface Spec {
  readonly file: string;
  readonly machine: MachineFlags;
  readonly sysctl: Readonly<Record<string, number>>;
  readonly helpers: readonly string[];
  readonly cases: readonly Case[];
}

export interface Case {
  /** In the text; of JSON, which case it is. From 1. */
  readonly line: number;
  readonly text: string;
  /** Milliseconds since the beginning. */
  readonly time: number;
  /** Where the packet enters; undefined: this machine sends it. */
  readonly device: string | undefined;
  readonly packet: Uint8Array;
  /** What precedes its IP header. */
  readonly link: LinkType;
  readonly wireLength?: number;
  readonly expected: Expected;
}

/** JSON when it begins with a brace. @throws UsageError with file and line; InputError when it cannot be read */
export async function readSpec(file: string): Promise<Spec> {
  const content = readText(file);
  if (content.trimStart().startsWith("{")) return readJsonSpec(file, content);
  const reader = new SpecReader(file);
  for (const [i, text] of content.split("\n").entries()) {
    try {
      await reader.line(text.replace(/(^|\s)#.*/, "").trim(), i + 1);
    } catch (error) {
      throw placed(error, `${file}:${i + 1}`);
    }
  }
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

  async line(text: string, number: number): Promise<void> {
    if (text === "") return;
    const [word = "", ...rest] = text.split(/\s+/);
    const step = word.startsWith("+") ? parseDuration(word.slice(1)) : undefined;
    if (step !== undefined) {
      this.#time += step;
      if (rest.length > 0) await this.line(rest.join(" "), number);
    } else if (text.includes("=>")) await this.#case(text, number);
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

  async #case(text: string, line: number): Promise<void> {
    const [, place = "", packet = "", expected = ""] = /^([\w.-]+):\s*(.*?)\s*=>\s*(.*)$/.exec(text) ?? [];
    if (place === "") throw new UsageError("expected DEVICE: PACKET => EXPECTATION, or local: for DEVICE");
    const about = {
      line,
      text,
      time: this.#time,
      device: place === "local" ? undefined : place,
      expected: parseExpectation(expected.split(/\s+/)),
    };
    const [, file, choice] = /^capture\s+(\S+)(?:\s+(\S+))?$/.exec(packet) ?? [];
    const cases =
      file === undefined
        ? [{ ...about, packet: parsePacket(packet), link: LinkType.RAW }]
        : await captureCases(resolve(dirname(this.#file), file), choice, about);
    this.#cases.push(...cases);
    this.#time = (cases.at(-1)?.time ?? this.#time) + 1;
  }
}
