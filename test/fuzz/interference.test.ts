import { describe, expect, it } from "vitest";
import type { LinkType } from "../../assembly/shared/link-type.js";
import type { Batch } from "../../src/batch.js";
import { checkTable, createHarness, type Harness, randomNumbers } from "../property/harness.js";
import { PacketSource, type Random } from "./packet-source.js";

const PACKETS = 60_000;
const ROUND = 100;
const SYSCTL = { nf_conntrack_max: 0 };

interface Packet {
  readonly bytes: Uint8Array;
  readonly wireLength: number;
  readonly time: number;
}

/** One of two engines that see the same packets and differ in what must not matter. */
class Twin {
  readonly harness: Harness;
  readonly #batches = new Map<LinkType, Batch>();
  readonly #capacity: number;
  readonly #litter: Random;

  /** `litter`: what lies in memory around the packets. */
  constructor(harness: Harness, capacity: number, litter: Random) {
    this.harness = harness;
    this.#capacity = capacity;
    this.#litter = litter;
  }

  /** What becomes of each packet, as text. */
  track(link: LinkType, packets: readonly Packet[]): string[] {
    const { ct } = this.harness;
    const batch =
      this.#batches.get(link) ?? ct.createBatch(this.#capacity, { link, bytes: this.#capacity * 2560 });
    this.#batches.set(link, batch);
    const outcomes: string[] = [];
    for (let at = 0; at < packets.length; at += this.#capacity) {
      batch.clear();
      this.#scatterLitter(batch);
      for (const { bytes, time, wireLength } of packets.slice(at, at + this.#capacity)) {
        if (!batch.push(bytes, time, wireLength)) throw new Error("the batch is full");
      }
      ct.trackBatch(batch);
      for (let i = 0; i < batch.length; i++) {
        const { ctState, verdict, direction, reason } = batch.result(i);
        outcomes.push([ctState, verdict, direction, reason, batch.explain(i)].join(" "));
      }
    }
    return outcomes;
  }

  /** Fills the batch's memory for packets. */
  #scatterLitter(batch: Batch): void {
    const start = batch.row(batch.capacity);
    const { u8 } = this.harness.engine;
    const litter = this.#litter;
    const byte = litter(256);
    u8.fill(byte, start, start + this.#capacity * 2560);
    for (let n = 0; n < 8; n++) u8[start + litter(2560)] = litter(256);
  }
}

describe("what becomes of a packet", () => {
  it.each([
    ["verified", 1],
    ["ignored", 0],
  ])("depends on nothing behind its bytes and not on its batch (checksums %s)", async (_, checksum) => {
    const options = { sysctl: { ...SYSCTL, nf_conntrack_checksum: checksum }, eventCapacity: 0 };
    const one = new Twin(await createHarness(options), ROUND, () => 0);
    const other = new Twin(await createHarness(options), 3, randomNumbers(4));
    const source = new PacketSource(20_260 + checksum);
    const random = randomNumbers(5);
    let time = 1_700_000_000_000;
    for (let done = 0; done < PACKETS; done += ROUND) {
      const link = source.links[random(source.links.length)]!;
      const packets = Array.from({ length: ROUND }, () => {
        const { bytes, wireLength } = source.next(link);
        time += random(20);
        return { bytes: bytes.slice(), wireLength, time };
      });
      const outcomes = one.track(link, packets);
      const others = other.track(link, packets);
      const differs = outcomes.findIndex((outcome, i) => outcome !== others[i]);
      if (differs >= 0) {
        const { bytes, wireLength } = packets[differs]!;
        const what = `link type ${link}, ${wireLength} bytes on the wire: ${Buffer.from(bytes).toString("hex")}`;
        expect(others[differs], what).toBe(outcomes[differs]);
      }
    }
    const tables = [one, other].map(({ harness }) => {
      checkTable(harness);
      return harness.ct.procNetNfConntrack({ time }).split("\n").sort();
    });
    expect(tables[0]!.length).toBeGreaterThan(100);
    expect(tables[1]).toEqual(tables[0]);
  });
});
