/** Damaged capture files, read and tracked. Nothing here depends on a test runner. */
import { readFileSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import type { Batch } from "../../src/batch.js";
import { type CapturedPackets, CaptureError, readCaptureChunks } from "../../src/pcap/index.js";
import { checkTable, createHarness, type Harness, randomNumbers } from "../property/harness.js";
import type { Random } from "./packet-source.js";

const CAPACITY = 256;
/** A file as small as these takes some milliseconds, whatever is wrong with it; other programs take their time, too. */
const LONGEST_FILE_MS = 2_500;
const NASTY_WORDS = [
  0, 1, 4, 8, 16, 0x7f, 0xff, 0xffff, 0x10000, 0x40000, 0x7fffffff, 0x80000000, 0xffffffff,
];

const read = (name: string) => new Uint8Array(readFileSync(new URL(`../captures/${name}`, import.meta.url)));

export class CaptureFuzz {
  readonly #random: Random;
  readonly #pcap = read("lab.pcap");
  readonly #pcapng = new Uint8Array(gunzipSync(read("lab.pcapng.gz")));
  readonly #gzipped = read("lab.pcapng.gz");
  packets = 0;
  /** Files that were read to their end, and those that were not. */
  whole = 0;
  damaged = 0;

  constructor(seed: number) {
    this.#random = randomNumbers(seed);
  }

  /** Damages, reads and tracks one file; throws when anything goes wrong that a damaged file may not cause. */
  async next(): Promise<void> {
    const random = this.#random;
    const kind = random(10);
    const original = kind < 5 ? this.#pcap : kind < 8 ? this.#pcapng : this.#gzipped;
    const damaged = this.#damage(kind === 8 ? this.#pcapng : original);
    const harness = await createHarness({
      sysctl: { nf_conntrack_max: 4096, nf_conntrack_checksum: random(2) },
    });
    const start = performance.now();
    try {
      const source = kind === 8 ? new Uint8Array(gzipSync(damaged, { level: 1 })) : damaged;
      for await (const packets of readCaptureChunks(source)) this.#track(harness, packets);
      this.whole++;
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error;
      this.damaged++;
    }
    const took = performance.now() - start;
    if (took > LONGEST_FILE_MS) throw new Error(`a capture of ${damaged.length} bytes took ${took} ms`);
    checkTable(harness);
    const { entries } = harness.ct.stats();
    if (entries > 4096) throw new Error(`${entries} flows of 4096`);
    harness.ct.procNetNfConntrack();
    harness.ct.drainEvents();
  }

  #track({ ct }: Harness, packets: CapturedPackets): void {
    const batches = new Map<number, Batch>();
    const { count, linkTypes } = packets;
    for (let i = 0; i < count; ) {
      const link = linkTypes[i]!;
      let end = i + 1;
      while (end < count && linkTypes[end] === link) end++;
      const batch = batches.get(link) ?? ct.createBatch(CAPACITY, { link });
      batches.set(link, batch);
      batch.clear();
      const pushed = batch.pushAll(packets, i, end);
      if (pushed === 0) throw new Error("an empty batch has taken nothing");
      ct.trackBatch(batch);
      for (let n = 0; n < pushed; n++) {
        if (batch.ctState(n) === "INVALID" && !batch.reason(n)) throw new Error("INVALID for no reason");
      }
      i += pushed;
      this.packets += pushed;
    }
    for (const batch of batches.values()) batch.release();
  }

  #damage(original: Uint8Array): Uint8Array<ArrayBuffer> {
    const random = this.#random;
    let bytes = new Uint8Array(original);
    // One place in a hundred packets, or a hundred places.
    for (let n = random(2) ? 1 + random(4) : random(100); n > 0 && bytes.length > 8; n--) {
      const at = random(bytes.length - 4);
      switch (random(8)) {
        case 0: {
          const view = new DataView(bytes.buffer);
          view.setUint32(at, NASTY_WORDS[random(NASTY_WORDS.length)]!, random(2) === 0);
          break;
        }
        case 1:
          bytes.fill(random(256), at, at + random(64));
          break;
        case 2:
          if (random(8) === 0) bytes = bytes.slice(0, at);
          break;
        case 3:
          bytes.copyWithin(at, random(bytes.length), random(bytes.length));
          break;
        default:
          bytes[at]! ^= 1 << random(8);
      }
    }
    return bytes;
  }
}
