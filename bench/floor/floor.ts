import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Contestant } from "../contestant.js";
import { RING_SLOTS, type Ring } from "../ring.js";
import { SLOT_BYTES } from "../workload.js";

interface FloorExports {
  memory: WebAssembly.Memory;
  ROWS: WebAssembly.Global<"i32">;
  create(flows: number, key0: bigint, key1: bigint): number;
  hash(packet: number, zone: number): bigint;
  run(count: number): void;
  touched(): number;
}

const SOURCE = fileURLToPath(new URL("./assembly.ts", import.meta.url));
const MODULE = fileURLToPath(new URL("./floor.wasm", import.meta.url));
const COMPILER_FLAGS = ["-O3", "--noAssert", "--runtime", "stub", "--use", "abort=", "--enable", "simd"];

/** Compiles the module unless it is newer than its source. */
function moduleBytes(): Buffer<ArrayBuffer> {
  if (!existsSync(MODULE) || statSync(MODULE).mtimeMs < statSync(SOURCE).mtimeMs) {
    const compiler = createRequire(import.meta.url).resolve("assemblyscript/bin/asc.js");
    const run = spawnSync(process.execPath, [compiler, SOURCE, "--outFile", MODULE, ...COMPILER_FLAGS], {
      encoding: "utf8",
    });
    if (run.status !== 0) throw new Error(`the floor module does not compile:\n${run.stderr}`);
  }
  return readFileSync(MODULE);
}

/** SipHash-1-3 of "digest-sip_hash" under a key of zeros. */
const KNOWN_TEXT = "digest-sip_hash";
const KNOWN_HASH = 0xce31007e34130c0an;

/** The least that any tracker must do for a packet; see assembly.ts. */
export class Floor implements Contestant {
  readonly name = "floor";
  readonly judges = false;
  readonly #exports: FloorExports;
  readonly #memory: Uint8Array;
  /** The address of each packet. */
  readonly #rows: Uint32Array;
  readonly #bytes: number;
  readonly #flows: number;

  private constructor(module: WebAssembly.Module, flows: number) {
    this.#exports = new WebAssembly.Instance(module).exports as unknown as FloorExports;
    this.#flows = flows;
    this.#checkHash();
    const key = crypto.getRandomValues(new BigUint64Array(2));
    this.#bytes = this.#exports.create(flows, key[0]!, key[1]!) >>> 0;
    if (this.#bytes === 0) throw new Error(`no memory for a floor of ${flows} flows`);
    const { memory, ROWS } = this.#exports;
    this.#memory = new Uint8Array(memory.buffer);
    this.#rows = new Uint32Array(memory.buffer, ROWS.value, RING_SLOTS);
  }

  static async create(flows: number): Promise<Floor> {
    return new Floor(await WebAssembly.compile(moduleBytes()), flows);
  }

  trackBatch(ring: Ring): number {
    this.#feed(ring);
    this.#exports.run(ring.count);
    return 0;
  }

  trackEach(ring: Ring): number {
    const memory = this.#memory;
    const rows = this.#rows;
    const { run } = this.#exports;
    const { frames, count } = ring;
    for (let i = 0; i < count; i++) {
      memory.set(frames[i]!, 0);
      rows[0] = 0;
      run(1);
    }
    return 0;
  }

  trackAndSweep(ring: Ring): number {
    return this.trackBatch(ring);
  }

  verifyChecksums(): void {}

  expire(): void {}

  flowCount(): number {
    return this.#flows;
  }

  timeWaitCount(): number {
    return 0;
  }

  tableBytes(): number {
    return this.#bytes;
  }

  /** As the engine is fed by a batch: one copy into linear memory, and a row for every packet. */
  #feed(ring: Ring): void {
    const rows = this.#rows;
    const { bytes, offsets, lengths, count } = ring;
    this.#memory.set(bytes.subarray(0, offsets[count - 1]! + lengths[count - 1]!));
    for (let i = 0; i < count; i++) rows[i] = offsets[i]!;
  }

  #checkHash(): void {
    const { memory, create, hash } = this.#exports;
    create(1, 0n, 0n);
    const packet = new Uint8Array(memory.buffer, 0, SLOT_BYTES);
    const text = new TextEncoder().encode(KNOWN_TEXT);
    packet.set(text.subarray(0, 8), 26);
    packet.set(text.subarray(8, 12), 34);
    packet[23] = text[12]!;
    const found = BigInt.asUintN(64, hash(0, text[13]! | (text[14]! << 8)));
    if (found !== KNOWN_HASH) throw new Error(`the floor's SipHash is wrong: ${found.toString(16)}`);
  }
}
