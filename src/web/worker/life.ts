/** One flow's life: its packets, one by one, and the flow as each of them left it. */
import type { Batch, Flow, LinkType, TrackResult } from "../../index.js";
import { type Dissection, dissect } from "../../packet/index.js";
import type { CapturedPackets } from "../../pcap/index.js";
import { type Life, MOST_LIFE_PACKETS, type PacketRecord, type Settings } from "../model.js";
import { recordOf } from "../record.js";
import type { Capture } from "./capture.js";
import { Replay } from "./replay.js";

interface Subject {
  readonly id: number;
  readonly original: Flow["original"];
  readonly reply: Flow["reply"];
  readonly protocolNumber: number;
}

/**
 * Tracks the capture anew, packets that may belong to the flow each in a batch of its own: only then the flow can be
 * read as the packet left it.
 */
export async function lifeOf(
  subject: Subject,
  capture: Capture,
  settings: Settings,
  signal: AbortSignal,
  onProgress: (done: number) => void,
): Promise<Life> {
  const replay = await Replay.begin(capture, settings);
  const witness = new Witness(subject);
  try {
    await replay.to(Number.POSITIVE_INFINITY, {
      signal,
      onProgress,
      cutBefore: (packets, i) => mayBeOf(subject, packets, i - 1) || mayBeOf(subject, packets, i),
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
  readonly #packets: PacketRecord[] = [];
  #total = 0;
  #flow: Flow | undefined;
  #deadline = 0;
  #helper: string | undefined;
  #protocol = "";
  #end: Life["end"];

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  see(replay: Replay, batch: Batch, packets: CapturedPackets, first: number, count: number): void {
    const time = packets.times[first] as number;
    const alone = count === 1 && mayBeOf(this.#subject, packets, first);
    if (!alone) {
      this.lookFor(packets.times[first + count - 1] as number);
      return;
    }
    const result = replay.resultOf(batch, 0, bytesOf(packets, first));
    const packet = dissect(bytesOf(packets, first), packets.linkTypes[first] as LinkType);
    if (!this.#isOurs(result, packet)) {
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

  #isOurs(result: TrackResult, packet: Dissection | undefined): boolean {
    const flow = result.flow;
    if (flow) {
      if (flow.id !== this.#subject.id) return false;
      this.#flow = flow;
      this.#protocol = flow.protocol;
      return true;
    }
    // INVALID, or the packet that ended it.
    return this.#flow !== undefined && packet !== undefined && isOf(this.#subject, packet);
  }
}

function bytesOf({ bytes, offsets, lengths }: CapturedPackets, i: number): Uint8Array {
  const at = offsets[i] as number;
  return bytes.subarray(at, at + (lengths[i] as number));
}

/** Fragments have no ports, and errors may come from anywhere: both are looked at. */
function mayBeOf(subject: Subject, packets: CapturedPackets, i: number): boolean {
  const packet = dissect(bytesOf(packets, i), packets.linkTypes[i] as LinkType);
  if (!packet) return false;
  return isOf(subject, packet) || packet.fragment !== undefined || isError(packet);
}

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
