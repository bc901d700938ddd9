/** A Conntrack together with the engine behind it, whose checks of itself the public API does not offer. */
import { readFileSync } from "node:fs";
import { Engine } from "../../src/engine/engine.js";
import { Conntrack, type ConntrackOptions } from "../../src/index.js";

export interface Harness {
  readonly ct: Conntrack;
  readonly engine: Engine;
}

/** Sixteen bytes that have nothing to do with each other. */
export function seedBytes(seed: number): Uint8Array {
  const random = randomNumbers(seed);
  return Uint8Array.from({ length: 16 }, () => random(256));
}

/** Layouts repeat, unless the defaults lack the hash key. */
export async function createHarness(
  options: ConntrackOptions = {},
  defaults: ConntrackOptions = { hashSeed: seedBytes(1) },
): Promise<Harness> {
  const create = Engine.create;
  let engine: Engine | undefined;
  Engine.create = async (...args) => {
    engine = await create.apply(Engine, args);
    return engine;
  };
  try {
    const ct = await Conntrack.create({ ...defaults, ...options });
    if (!engine) throw new Error("Conntrack.create() made no engine");
    return { ct, engine };
  } finally {
    Engine.create = create;
  }
}

/** Throws unless the index agrees with itself and has one entry for each flow. */
export function checkTable({ engine }: Harness): void {
  const entries = engine.call.countEntries();
  const flows = engine.call.flowsInUse() >>> 0;
  if (entries !== flows) throw new Error(`${flows} flows, but countEntries() says ${entries}`);
}

/** A small seeded generator (mulberry32): whole numbers from 0 up to, not including, `below`. */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** Whether an outgrown index table is being left right now: then two powers of two add up. */
export function isGrowing({ ct }: Harness): boolean {
  const chunks = ct.memory().indexBytes / 64;
  return (chunks & (chunks - 1)) !== 0;
}

/** A constant of assembly/limits.ts, which only the engine's compiler can import. */
export function limit(name: string): number {
  const source = readFileSync(new URL("../../assembly/limits.ts", import.meta.url), "utf8");
  const value = new RegExp(`^export const ${name}: u32 = (\\d+);`, "m").exec(source)?.[1];
  if (value === undefined) throw new Error(`assembly/limits.ts has no number ${name}`);
  return Number(value);
}
