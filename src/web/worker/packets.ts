/** Packets from a moment on, whatever flow they belong to. */
import type { LinkType } from "../../index.js";
import { dissect } from "../../packet/index.js";
import type { PacketRecord, Settings } from "../model.js";
import { recordOf } from "../record.js";
import type { Capture } from "./capture.js";
import { Replay } from "./replay.js";

export async function packetsFrom(
  time: number,
  count: number,
  capture: Capture,
  settings: Settings,
  signal: AbortSignal,
  onProgress: (done: number) => void,
): Promise<PacketRecord[]> {
  const replay = await Replay.begin(capture, settings);
  const records: PacketRecord[] = [];
  try {
    // All before it at once, then one by one: only then a flow can be read as the packet left it.
    await replay.before(time, { signal, onProgress });
    for (let next = await replay.nextTime(); next !== undefined && records.length < count; ) {
      await replay.to(next, {
        signal,
        cutBefore: () => true,
        visit: (batch, { bytes, offsets, lengths, linkTypes, times }, i) => {
          if (records.length === count) return;
          const at = offsets[i] as number;
          const packet = bytes.subarray(at, at + (lengths[i] as number));
          const result = replay.resultOf(batch, 0, packet);
          const headers = dissect(packet, linkTypes[i] as LinkType);
          records.push(recordOf(result, headers, replay.packets + 1, times[i] as number, result.flow));
        },
      });
      next = await replay.nextTime();
    }
  } finally {
    await replay.close();
  }
  return records;
}
