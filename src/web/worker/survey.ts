/** A whole capture, tracked once: its totals. */
import type { Batch, CtStateName } from "../../index.js";
import type { CapturedPackets } from "../../pcap/index.js";
import type { ReasonCount, Settings, Summary } from "../model.js";
import { Bins } from "./bins.js";
import type { Capture } from "./capture.js";
import { Replay } from "./replay.js";

/** What tells that a packet is no concern of tracking's. */
const NOT_IP = "NOT_IP";

export async function survey(
  capture: Capture,
  settings: Settings,
  signal: AbortSignal,
  onProgress: (done: number) => void,
): Promise<Summary> {
  const replay = await Replay.begin(capture, settings);
  const bins = new Bins(replay.conntrack);
  const states: Record<CtStateName, number> = {
    NEW: 0,
    ESTABLISHED: 0,
    RELATED: 0,
    INVALID: 0,
    UNTRACKED: 0,
  };
  const reasons = new Map<string, { -readonly [key in keyof ReasonCount]: ReasonCount[key] }>();
  let dropped = 0;
  let rejected = 0;
  let held = 0;
  const visit = (batch: Batch, packets: CapturedPackets, first: number, count: number) => {
    bins.add(batch, count);
    for (let i = 0; i < count; i++) {
      const ctState = batch.ctState(i);
      const verdict = batch.verdict(i);
      const reason = batch.reason(i);
      if (verdict === "DROP") dropped++;
      else if (verdict === "REJECT") rejected++;
      else if (verdict === "STOLEN") held++;
      else if (reason !== NOT_IP) states[ctState]++;
      if (!reason) continue;
      const known = reasons.get(reason);
      if (known) known.packets++;
      else {
        const time = packets.times[first + i] as number;
        reasons.set(reason, { reason, packets: 1, time, explanation: batch.explain(i), ctState, verdict });
      }
    }
  };
  try {
    const cutBefore = ({ times }: CapturedPackets, i: number) => (times[i] as number) >= bins.end;
    const ahead = ({ times }: CapturedPackets, first: number) => bins.advance(times[first] as number);
    await replay.to(Number.POSITIVE_INFINITY, { signal, ahead, visit, cutBefore, onProgress });
  } finally {
    await replay.close();
  }
  const { firstTime = 0, lastTime = 0, packets, error } = replay;
  return {
    name: capture.name,
    bytes: capture.blob.size,
    packets,
    firstTime,
    lastTime,
    states,
    dropped,
    rejected,
    held,
    notIp: reasons.get(NOT_IP)?.packets ?? 0,
    reasons: [...reasons.values()].sort((a, b) => b.packets - a.packets),
    timeline: bins.finish(lastTime),
    stats: replay.conntrack.stats(),
    counted: replay.firewall?.save({ counters: true }),
    error: error?.message,
  };
}
