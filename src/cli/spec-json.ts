/** Specifications in JSON: the same as in text, for programs that write them. docs/schema/test.schema.json */
import { dirname, resolve } from "node:path";
import { LinkType } from "../index.js";
import { parseDuration } from "./duration.js";
import { type Expected, isPath, VERDICTS } from "./expectation.js";
import { placed, UsageError } from "./fail.js";
import type { MachineFlags } from "./machine.js";
import { STATES } from "./packet-choice.js";
import { parsePacket } from "./packet-notation.js";
import type { Case, Spec } from "./spec.js";
import { captureCases } from "./spec-capture.js";

/** @throws UsageError with file and place */
export async function readJsonSpec(file: string, content: string): Promise<Spec> {
  let place = "";
  try {
    const spec = new Reader(parse(content), "");
    spec.only("rules", "rules6", "ipset", "interfaces", "routes", "sysctl", "helpers", "packets");
    const near = (name: string) => resolve(dirname(file), name);
    const cases: Case[] = [];
    let time = 0;
    for (const [i, packet] of spec.list("packets").entries()) {
      place = `: packets[${i}]`;
      packet.only("in", "packet", "capture", "select", "after", "expect", "name");
      const after = packet.text("after");
      const step = after === undefined ? 0 : parseDuration(after);
      if (step === undefined) throw packet.error("after", "a duration such as 500ms, 40s, 5m, 1h");
      const about = caseOf(packet, i + 1, time + step);
      const capture = packet.text("capture");
      const more = capture
        ? await captureCases(near(capture), packet.text("select"), about)
        : [{ ...about, packet: parsePacket(packet.needed("packet")), link: LinkType.RAW }];
      cases.push(...more);
      time = (more.at(-1)?.time ?? time) + 1;
    }
    place = "";
    return {
      file,
      machine: machineOf(spec, near),
      sysctl: spec.map("sysctl", (value) => (typeof value === "number" ? value : undefined), "a number"),
      helpers: spec.texts("helpers"),
      cases,
    };
  } catch (error) {
    throw placed(error, `${file}${place}`);
  }
}

function parse(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    throw new UsageError(`no JSON: ${(error as Error).message}`);
  }
}

function machineOf(spec: Reader, near: (name: string) => string): MachineFlags {
  const files = (["rules", "rules6", "ipset"] as const).flatMap((name) => {
    const value = spec.text(name);
    return value === undefined ? [] : [[name, near(value)]];
  });
  const addresses = (value: unknown) => (isTexts(value) ? value : undefined);
  const routes = spec.list("routes").map((route) => {
    route.only("to", "dev");
    return { to: route.needed("to"), dev: route.needed("dev") };
  });
  return {
    ...Object.fromEntries(files),
    interface: spec.map("interfaces", addresses, "a list of ADDRESS/BITS"),
    ...(routes.length > 0 && { route: routes }),
  };
}

function caseOf(packet: Reader, line: number, time: number): Omit<Case, "packet" | "link"> {
  const place = packet.needed("in");
  const what = packet.text("packet") ?? `capture ${packet.text("capture")} ${packet.text("select") ?? ""}`;
  return {
    line,
    text: packet.text("name") ?? `${place}: ${what.trim()}`,
    time,
    device: place === "local" ? undefined : place,
    expected: expectedOf(packet.object("expect")),
  };
}

function expectedOf(expect: Reader): Expected {
  expect.only("verdict", "ctState", "out", "mark", "rule", "with", "path", "as");
  const mark = expect.value("mark");
  if (mark !== undefined && typeof mark !== "number") throw expect.error("mark", "a number");
  const path = expect.texts("path");
  if (!isPath(path)) throw expect.error("path", "a list of hooks");
  const texts = (["out", "rule", "with", "as"] as const).flatMap((name) => {
    const value = expect.text(name);
    return value === undefined ? [] : [[name, value]];
  });
  const expected: Expected = {
    ...Object.fromEntries(texts),
    ...oneOf(expect, "verdict", VERDICTS),
    ...oneOf(expect, "ctState", STATES),
    ...(mark !== undefined && { mark }),
    ...(path.length > 0 && { path: path.join(",") }),
  };
  if (Object.keys(expected).length === 0) throw new UsageError("expect has nothing in it");
  return expected;
}

function oneOf(reader: Reader, name: "verdict" | "ctState", words: readonly string[]) {
  const value = reader.text(name);
  if (value === undefined) return {};
  if (!words.includes(value)) throw reader.error(name, words.join(", "));
  return { [name]: value };
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === "string");

/** An object of the document, whose members are asked for by name. */
class Reader {
  readonly #value: Readonly<Record<string, unknown>>;
  readonly #name: string;

  constructor(value: unknown, name: string) {
    this.#name = name;
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new UsageError(`${name || "the document"} has to be an object`);
    }
    this.#value = value as Record<string, unknown>;
  }

  error(name: string, expected: string): UsageError {
    return new UsageError(`${this.#name ? `${this.#name}.` : ""}${name}: expected ${expected}`);
  }

  /** Nothing is ignored. */
  only(...names: readonly string[]): void {
    const other = Object.keys(this.#value).find((name) => !names.includes(name));
    if (other !== undefined) throw new UsageError(`${other} is none of ${names.join(", ")}`);
  }

  value(name: string): unknown {
    return Object.hasOwn(this.#value, name) ? this.#value[name] : undefined;
  }

  text(name: string): string | undefined {
    const value = this.value(name);
    if (value !== undefined && typeof value !== "string") throw this.error(name, "text");
    return value;
  }

  needed(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw this.error(name, "text");
    return value;
  }

  texts(name: string): string[] {
    const value = this.value(name) ?? [];
    if (!isTexts(value)) throw this.error(name, "a list of texts");
    return value;
  }

  object(name: string): Reader {
    return new Reader(this.value(name), name);
  }

  list(name: string): Reader[] {
    const value = this.value(name) ?? [];
    if (!Array.isArray(value)) throw this.error(name, "a list");
    return value.map((one) => new Reader(one, name));
  }

  map<T>(name: string, read: (value: unknown) => T | undefined, expected: string): Record<string, T> {
    if (this.value(name) === undefined) return {};
    const entries = Object.entries(this.object(name).#value).map(([key, value]): [string, T] => {
      const one = read(value);
      if (one === undefined) throw this.error(`${name}.${key}`, expected);
      return [key, one];
    });
    return Object.fromEntries(entries);
  }
}
