/** One engine: its functions, its layout and views of its memory. */
import { ConntrackError } from "../errors.js";
import { type EngineExports, type EngineFunctions, LAYOUT_NAMES, type Layout } from "./exports.js";
import { instantiateEngine, instantiateEngineSync } from "./instantiate.js";

export class Engine {
  readonly call: EngineFunctions;
  readonly layout: Layout;
  /** Views of linear memory, taken anew whenever it has grown: never keep them across a call. */
  u8!: Uint8Array;
  u16!: Uint16Array;
  u32!: Uint32Array;
  f64!: Float64Array;
  /** Counts what TypeScript places in memory and goes on to point at: batches, rules, sets, devices, names. */
  placed = 0;
  /** Who sends what this machine sends, as the engine has been told; undefined: it is to be told anew. */
  owner: { readonly uid: number; readonly gid: number; readonly groups?: readonly number[] } | undefined;
  readonly #memory: WebAssembly.Memory;

  private constructor(exports: EngineExports) {
    this.call = exports;
    this.#memory = exports.memory;
    this.layout = Object.fromEntries(
      LAYOUT_NAMES.map((name) => [name, exports[name].value as number]),
    ) as unknown as Layout;
    this.refresh();
  }

  /** `seed`: 16 bytes of hash key; `events`: capacity of the event ring. */
  static async create(seed: Uint8Array, events: number): Promise<Engine> {
    return Engine.#begin(await instantiateEngine(), seed, events);
  }

  /** The same at once, of a module that is there already. */
  static createSync(seed: Uint8Array, events: number): Engine {
    return Engine.#begin(instantiateEngineSync(), seed, events);
  }

  static #begin(exports: EngineExports, seed: Uint8Array, events: number): Engine {
    const key = new DataView(seed.buffer, seed.byteOffset, 16);
    const word = (i: number) => key.getUint32(4 * i, true);
    if (!exports.createEngine(word(0), word(1), word(2), word(3), events)) {
      throw new ConntrackError("CT_ENGINE", `no memory for an event ring of ${events} events`);
    }
    return new Engine(exports);
  }

  /** All of memory that has been in use: between two calls there is no state elsewhere, but for what `placed` counts. */
  image(): Uint8Array {
    return this.u8.slice(0, this.call.reachedBytes() >>> 0);
  }

  /** Makes memory what it was. */
  load(image: Uint8Array): void {
    this.owner = undefined;
    const reached = this.call.reachedBytes() >>> 0;
    this.u8.set(image);
    // What has never been handed out is zero.
    this.u8.fill(0, image.length, Math.max(reached, image.length));
  }

  /** After any call that may have made memory grow. */
  refresh(): void {
    // Memory that has grown leaves its old views empty. (Asking for its buffer each time takes 15 ns a call.)
    if (this.u8?.length) return;
    const { buffer } = this.#memory;
    this.u8 = new Uint8Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.f64 = new Float64Array(buffer);
  }
}
