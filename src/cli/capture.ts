/** Streams a capture through an engine: files, standard input, several link types. */
import { createReadStream, statSync } from "node:fs";
import { type Batch, Conntrack, ConntrackError, LinkType } from "../index.js";
import { type CapturedPackets, isKnownLinkType, readCaptureChunks } from "../pcap/index.js";
import { Progress } from "./progress.js";
import { Totals } from "./totals.js";

const BATCH = 256;
const BATCH_BYTES = 1 << 20;
/** Reads of a megabyte: with the default of 64 KiB, reading costs more than tracking. */
const READ_BYTES = 1 << 20;

export interface CaptureRun {
  readonly conntrack: Conntrack;
  readonly totals: Totals;
  readonly bytes: number;
  /** Milliseconds since the Unix epoch of the first and last packet; undefined without packets. */
  readonly firstTime: number | undefined;
  readonly lastTime: number | undefined;
  /** What stopped the reading before the end. */
  readonly error: Error | undefined;
}

export interface CaptureOptions {
  /** Sysctls. */
  readonly settings: Readonly<Record<string, number>>;
  readonly eventCapacity: number;
  readonly signal: AbortSignal;
  /** After every batch. */
  onBatch?(conntrack: Conntrack): void;
}

/** `file`: a path, or "-" for standard input. What could be read before an error is in the result. */
export async function runCapture(file: string, options: CaptureOptions): Promise<CaptureRun> {
  const conntrack = await Conntrack.create({
    sysctl: options.settings,
    eventCapacity: options.eventCapacity,
  });
  const totals = new Totals();
  const batches = new Map<number, Batch>();
  let bytes = 0;
  let firstTime: number | undefined;
  let lastTime: number | undefined;
  let error: Error | undefined;
  let progress: Progress | undefined;

  async function* source(): AsyncGenerator<Uint8Array> {
    const input = file === "-" ? process.stdin : createReadStream(file, { highWaterMark: READ_BYTES });
    // Standard input may have nothing to read for hours.
    options.signal.addEventListener("abort", () => input.destroy(), { once: true });
    for await (const chunk of input) {
      bytes += (chunk as Uint8Array).length;
      progress?.show(bytes, totals.packets);
      yield chunk as Uint8Array;
    }
  }

  try {
    progress = new Progress(file === "-" ? undefined : statSync(file).size);
    for await (const packets of readCaptureChunks(source())) {
      const { linkTypes, times, count } = packets;
      firstTime ??= times[0];
      for (let next = 0; next < count; ) {
        // A batch has one link type: a capture of several interfaces is cut where it changes.
        const link = linkTypes[next] ?? LinkType.RAW;
        let end = next + 1;
        while (end < count && end - next < BATCH && linkTypes[end] === link) end++;
        const batch = batches.get(link) ?? newBatch(conntrack, link);
        batches.set(link, batch);
        batch.clear();
        next += batch.pushAll(packets, next, end) || pushBeginning(batch, packets, next);
        conntrack.trackBatch(batch);
        totals.add(batch);
        options.onBatch?.(conntrack);
      }
      lastTime = times[count - 1] ?? lastTime;
      if (options.signal.aborted) break;
    }
  } catch (caught) {
    // An interruption ends the input wherever it is.
    if (!options.signal.aborted) error = caught as Error;
  } finally {
    progress?.clear();
  }
  return { conntrack, totals, bytes, firstTime, lastTime, error };
}

/** A packet longer than a batch: what could matter to tracking is at its beginning. */
function pushBeginning(
  batch: Batch,
  { bytes, offsets, wireLengths, times }: CapturedPackets,
  i: number,
): number {
  const offset = offsets[i] ?? 0;
  batch.push(bytes.subarray(offset, offset + BATCH_BYTES / 2), times[i] ?? 0, wireLengths[i]);
  return 1;
}

function newBatch(conntrack: Conntrack, link: number): Batch {
  if (!isKnownLinkType(link)) {
    throw new ConntrackError("CT_BAD_CAPTURE", `link type ${link} is not supported`);
  }
  return conntrack.createBatch(BATCH, { link, bytes: BATCH_BYTES });
}
