/** One flow's life: its packets, one by one, and the flow as each of them left it. */
import ipaddr from "ipaddr.js";
import type { Batch, Flow, LinkType, TrackResult } from "../../index.js";
import { type Dissection, dissect, ipHeaderAt } from "../../packet/index.js";
import type { CapturedPackets } from "../../pcap/index.js";
import { type Life, MOST_LIFE_PACKETS, type PacketRecord, type Settings } from "../model.js";
import { recordOf } from "../record.js";
import type { Capture } from "./capture.js";
import { Replay } from "./replay.js";

/** A flow of the table at a moment. */
interface Subject {
  /** As the table has it. */
  readonly id: number;
  readonly time: number;
  readonly original: Flow["original"];
  readonly reply: Flow["reply"];
  readonly protocolNumber: number;
  readonly zone: number;
}

/**
 * Tracks the capture anew, packets that may belong to the flow each in a batch of its own: only then the flow can be
 * read as the packet left it. Other batches give flows other ids, so it is told by its tuple and its moment: of all flows
 * of that tuple it is the last one that began before.
 */
export async function lifeOf(
  subject: Subject,
  capture: Capture,
  settings: Settings,
  signal: AbortSignal,
  onProgress: (done: number) => void,
): Promise<Life> {
  const replay = await Replay.begin(capture, settings);
  const suspicion = new Suspicion(subject);
  const witness = new Witness(subject, suspicion);
  try {
    await replay.to(Number.POSITIVE_INFINITY, {
      signal,
      onProgress,
      cutBefore: (packets, i) => suspicion.has(packets, i - 1) || suspicion.has(packets, i),
      visit: (batch, packets, first, count) => witness.see(replay, batch, packets, first, count),
    });
    if (replay.lastTime !== undefined) replay.conntrack.expire({ time: replay.lastTime });
    witness.lookFor(replay.lastTime ?? 0);
  } finally {
    await replay.close();
  }
  return witness.life();
}

class Witness {
  readonly #subject: Subject;
  readonly #suspicion: Suspicion;
  #packets: PacketRecord[] = [];
  #total = 0;
  /** In this pass. */
  #id: number | undefined;
  #flow: Flow | undefined;
  #deadline = 0;
  #helper: string | undefined;
  #protocol = "";
  #end: Life["end"];

  constructor(subject: Subject, suspicion: Suspicion) {
    this.#subject = subject;
    this.#suspicion = suspicion;
  }

  see(replay: Replay, batch: Batch, packets: CapturedPackets, first: number, count: number): void {
    const time = packets.times[first] as number;
    const alone = count === 1 && this.#suspicion.has(packets, first);
    if (!alone) {
      this.lookFor(packets.times[first + count - 1] as number);
      return;
    }
    const result = replay.resultOf(batch, 0, bytesOf(packets, first));
    const packet = dissect(bytesOf(packets, first), packets.linkTypes[first] as LinkType);
    if (!this.#isOurs(result, packet, time)) {
      this.lookFor(time);
      return;
    }
    this.#total++;
    const flow = this.#flow;
    const record = recordOf(result, packet, replay.packets + 1, time, flow);
    if (this.#packets.length < MOST_LIFE_PACKETS) this.#packets.push(record);
    if (flow?.alive) {
      this.#deadline = time + flow.timeout * 1000;
      this.#helper = flow.helper;
    } else if (flow) {
      this.#end = { time, why: "packet" };
      this.#flow = undefined;
    }
  }

  /** Notes the flow's end if it is over by now. */
  lookFor(now: number): void {
    if (!this.#flow || this.#flow.alive) return;
    const over = this.#deadline <= now + 1000;
    this.#end = over ? { time: this.#deadline, why: "timeout" } : { time: now, why: "evicted" };
    this.#flow = undefined;
  }

  life(): Life {
    const { id, protocolNumber, original, reply } = this.#subject;
    return {
      id,
      protocol: this.#protocol,
      protocolNumber,
      original,
      reply,
      helper: this.#helper,
      packets: this.#packets,
      total: this.#total,
      end: this.#end,
    };
  }

  /** Whether the life in question begins with this flow; what there was of an earlier one is forgotten. */
  #begins(flow: Flow, time: number): boolean {
    if (time > this.#subject.time || !isSame(this.#subject, flow)) return false;
    this.#id = flow.id;
    this.#packets = [];
    this.#total = 0;
    this.#end = undefined;
    return true;
  }

  #isOurs(result: TrackResult, packet: Dissection | undefined, time: number): boolean {
    const flow = result.flow;
    if (flow) {
      if (flow.id !== this.#id && !this.#begins(flow, time)) return false;
      this.#flow = flow;
      this.#protocol = flow.protocol;
      return true;
    }
    // INVALID, or the packet that ended it.
    return this.#flow !== undefined && packet !== undefined && isOf(this.#subject, packet);
  }
}

function isSame(subject: Subject, { original, protocolNumber, zone }: Flow): boolean {
  if (protocolNumber !== subject.protocolNumber || zone !== subject.zone) return false;
  return JSON.stringify(original) === JSON.stringify(subject.original);
}

function bytesOf({ bytes, offsets, lengths }: CapturedPackets, i: number): Uint8Array {
  const at = offsets[i] as number;
  return bytes.subarray(at, at + (lengths[i] as number));
}

/** Tells packets that may belong to a flow, without taking apart the others: there are millions of them. */
class Suspicion {
  readonly #subject: Subject;
  /** Source and destination as they lie in the header, of both directions and back. */
  readonly #ends: readonly Uint8Array[];
  readonly #version: 4 | 6;

  constructor(subject: Subject) {
    const bytes = (text: string) => ipaddr.parse(text).toByteArray();
    this.#subject = subject;
    this.#version = subject.original.src.includes(":") ? 6 : 4;
    this.#ends = [subject.original, subject.reply].flatMap(({ src, dst }) => [
      Uint8Array.of(...bytes(src), ...bytes(dst)),
      Uint8Array.of(...bytes(dst), ...bytes(src)),
    ]);
  }

  /** Fragments have no ports, and errors may come from anywhere: both are looked at. */
  has(packets: CapturedPackets, i: number): boolean {
    const bytes = bytesOf(packets, i);
    const link = packets.linkTypes[i] as LinkType;
    const ip = ipHeaderAt(bytes, link);
    if (ip === undefined || (bytes[ip] ?? 0) >> 4 !== this.#version) return false;
    const [protocolAt, addressesAt] = this.#version === 4 ? [ip + 9, ip + 12] : [ip + 6, ip + 8];
    const known = this.#ends.some((ends) => ends.every((byte, at) => bytes[addressesAt + at] === byte));
    if (!known && !MAY_BE_ERROR.has(bytes[protocolAt] ?? 0)) return false;
    const packet = dissect(bytes, link);
    if (!packet) return false;
    return isOf(this.#subject, packet) || (known && packet.fragment !== undefined) || isError(packet);
  }
}

/** ICMP, ICMPv6, and what may stand in front of the latter. */
const MAY_BE_ERROR: ReadonlySet<number> = new Set([0, 1, 43, 44, 51, 58, 60]);

function isError({ icmp, family }: Dissection): boolean {
  if (!icmp) return false;
  return family === "ipv6" ? icmp.type < 128 : [3, 4, 5, 11, 12].includes(icmp.type);
}

function isOf({ protocolNumber, original, reply }: Subject, packet: Dissection): boolean {
  if (packet.protocol !== protocolNumber) return false;
  return [original, reply].some(
    ({ src, dst, sport, dport, icmpId }) =>
      packet.src === src &&
      packet.dst === dst &&
      packet.sport === sport &&
      packet.dport === dport &&
      (icmpId === undefined || packet.icmp?.icmpId === icmpId),
  );
}
