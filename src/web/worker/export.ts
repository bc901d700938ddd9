/** Files to take away: the table that is shown, and the packets of its flows. */
import { flowJson, procLine } from "../../format/index.js";
import { PcapWriter } from "../../pcap/index.js";
import type { Settings } from "../model.js";
import type { Capture } from "./capture.js";
import { Replay } from "./replay.js";
import type { Table } from "./table.js";
import { Turn } from "./turn.js";

export type TableFormat = "proc" | "json";

const LINES = 4096;

export async function exportTable(table: Table, format: TableFormat, signal: AbortSignal): Promise<Blob> {
  const turn = new Turn();
  const parts: string[] = [];
  let lines: string[] = [];
  for (const flow of table) {
    lines.push(format === "proc" ? procLine(flow) : JSON.stringify(flowJson(flow)));
    if (lines.length < LINES) continue;
    parts.push(`${lines.join("\n")}\n`);
    lines = [];
    await turn.pass(signal);
  }
  if (lines.length > 0) parts.push(`${lines.join("\n")}\n`);
  return new Blob(parts, { type: format === "proc" ? "text/plain" : "application/jsonl" });
}

/**
 * All packets of the capture that belong to these flows.
 * @throws ConntrackError CT_BAD_OPTION for packets of several link types, which one pcap file cannot hold
 */
export async function exportCapture(
  table: Table,
  capture: Capture,
  settings: Settings,
  signal: AbortSignal,
  onProgress: (done: number) => void,
): Promise<Blob> {
  const wanted = new Set<number>();
  for (const flow of table) wanted.add(flow.id);
  const replay = await Replay.begin(capture, settings);
  const parts: Blob[] = [];
  let writer: PcapWriter | undefined;
  try {
    await replay.to(Number.POSITIVE_INFINITY, {
      signal,
      onProgress,
      visit: (batch, { bytes, offsets, lengths, wireLengths, times, linkTypes }, first, count) => {
        for (let i = 0; i < count; i++) {
          const flow = batch.flow(i);
          if (!flow || !wanted.has(flow.id)) continue;
          const at = offsets[first + i] as number;
          const linkType = linkTypes[first + i] as number;
          writer ??= new PcapWriter({ linkType });
          writer.write({
            bytes: bytes.subarray(at, at + (lengths[first + i] as number)),
            time: times[first + i] as number,
            wireLength: wireLengths[first + i],
            linkType,
          });
        }
        // A Blob may lie on disk; the writer's memory is ours.
        if (writer && writer.pending > PIECE) parts.push(new Blob([writer.take()]));
      },
    });
  } finally {
    await replay.close();
  }
  parts.push(new Blob([(writer ?? new PcapWriter()).take()]));
  return new Blob(parts, { type: "application/vnd.tcpdump.pcap" });
}

const PIECE = 4 << 20;
