/** Which settings would have let a packet through: found by trying. */
import type { CtStateName } from "../index.js";
import { runCapture } from "./capture.js";
import { type CaptureFlags, settingsOf } from "./common.js";
import { mergeSettings } from "./settings.js";

export interface Remedy {
  /** NAME=VALUE. */
  readonly setting: string;
  /** The packet's ct state then. */
  readonly becomes: CtStateName;
}

/** Settings that decide about packets, and the values that let more of them pass. */
const CANDIDATES: readonly (readonly [name: string, value: number])[] = [
  ["nf_conntrack_tcp_be_liberal", 1],
  ["nf_conntrack_tcp_loose", 1],
  ["nf_conntrack_tcp_ignore_invalid_rst", 1],
  ["nf_conntrack_checksum", 0],
  ["nf_conntrack_max", 0],
];

/** Reads the captures up to the packet once for each candidate. */
export async function findRemedies(
  files: readonly string[],
  packet: number,
  flags: CaptureFlags,
  signal: AbortSignal,
): Promise<Remedy[]> {
  const found: Remedy[] = [];
  for (const [name, value] of CANDIDATES) {
    if (signal.aborted) break;
    const changed = mergeSettings(settingsOf(flags), { values: { [name]: value }, origins: {} });
    let becomes: CtStateName | undefined;
    await runCapture(files, {
      settings: changed,
      helpers: flags.helper ?? [],
      machine: flags,
      eventCapacity: 0,
      signal,
      quiet: true,
      onBatch: ({ batch, number }) => {
        const i = packet - number;
        if (i < 0 || i >= batch.length) return true;
        if (batch.verdict(i) === "ACCEPT" && batch.ctState(i) !== "INVALID") becomes = batch.ctState(i);
        return false;
      },
    });
    if (becomes) found.push({ setting: `${name}=${value}`, becomes });
  }
  return found;
}
