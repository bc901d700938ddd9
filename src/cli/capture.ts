/** Streams captures through an engine. */
import {
  type Batch,
  Conntrack,
  ConntrackError,
  type Firewall,
  type FirewallResult,
  LinkType,
  type TrackResult,
} from "../index.js";
import { type CapturedPackets, isKnownLinkType } from "../pcap/index.js";
import { Entry } from "./entry.js";
import { InputError, say, UsageError } from "./fail.js";
import type { MachineFlags } from "./machine.js";
import { Progress } from "./progress.js";
import type { Settings } from "./settings.js";
import { settingError } from "./settings.js";
import { sizeOf, stretchesOf } from "./source.js";
import { Totals } from "./totals.js";

const BATCH = 256;
const BATCH_BYTES = 1 << 20;

/** A batch that has just been tracked: packet i of it is packet `first + i` of the stretch, `number + i` of all. */
export interface Tracked {
  readonly conntrack: Conntrack;
  readonly batch: Batch;
  readonly packets: CapturedPackets;
  readonly first: number;
  readonly number: number;
  /** Everything about packet i, whose bytes are `bytes`. */
  resultOf(i: number, bytes: Uint8Array): TrackResult | FirewallResult;
}

export interface CaptureRun {
  readonly conntrack: Conntrack;
  /** When there are rules. */
  readonly firewall: Firewall | undefined;
  readonly totals: Totals;
  readonly bytes: number;
  /** Milliseconds since the Unix epoch of the first and last packet; undefined without packets. */
  readonly firstTime: number | undefined;
  readonly lastTime: number | undefined;
  readonly interrupted: boolean;
  /** Some input could not be read to its end; it has been said which and why. */
  readonly damaged: boolean;
}

export interface CaptureOptions {
  readonly settings: Settings;
  readonly helpers?: readonly { readonly name: string; readonly port?: number }[];
  /** Rules that packets meet on their way through the machine; without, they are tracked and no more. */
  readonly machine?: MachineFlags;
  readonly eventCapacity: number;
  readonly signal: AbortSignal;
  readonly follow?: boolean;
  /** Packets in a batch; default 256. */
  readonly batch?: number;
  /** Number of the last packet that is wanted: with `batch` 1, and rules, its result tells what they found of it. */
  readonly traced?: number | undefined;
  /** No progress, no errors of reading: they have been told before. */
  readonly quiet?: boolean;
  /** Before the first packet. */
  onBegin?(conntrack: Conntrack): void;
  /** After every batch. False: enough has been read. */
  onBatch?(tracked: Tracked): boolean | undefined;
}

/** `files`: paths, or "-" for standard input. What could be read before an error is in the result. */
export async function runCapture(files: readonly string[], options: CaptureOptions): Promise<CaptureRun> {
  const { conntrack, firewall } = await createEngine(options);
  options.onBegin?.(conntrack);
  const totals = new Totals();
  const batches = new Map<string, Batch>();
  const entry = firewall && new Entry(options.machine ?? {});
  const progress = new Progress(options.quiet ? undefined : sizeOrNone(files));
  let firstTime: number | undefined;
  let lastTime: number | undefined;
  let damaged = false;
  const onError = (file: string, error: Error) => {
    damaged = true;
    if (options.quiet) return;
    progress.clear();
    const code = error instanceof ConntrackError ? `${error.code}: ` : "";
    say(`${file === "-" ? "standard input" : file}: ${code}${error.message}`);
  };
  const { signal, follow = false } = options;
  let enough = false;
  try {
    for await (const { packets, first, end } of stretchesOf(files, { signal, follow, progress, onError })) {
      const { linkTypes, times } = packets;
      firstTime ??= times[first];
      for (let next = first; next < end && !enough; ) {
        // A batch has one link type and enters by one device: it is cut where they change.
        const link = linkTypes[next] ?? LinkType.RAW;
        const device = entry?.deviceOf(packets, next);
        const most = Math.min(end, next + (options.batch ?? BATCH));
        let stop = next + 1;
        while (stop < most && linkTypes[stop] === link) {
          if (entry && entry.deviceOf(packets, stop) !== device) break;
          stop++;
        }
        const key = `${link} ${device}`;
        const batch = batches.get(key) ?? newBatch({ conntrack, firewall }, link, device);
        batches.set(key, batch);
        batch.clear();
        const from = next;
        next += batch.pushAll(packets, next, stop);
        const number = totals.packets + 1;
        const traced =
          firewall && number === options.traced ? trace(firewall, packets, from, device) : undefined;
        if (!traced) {
          conntrack.trackBatch(batch);
          totals.add(batch, firewall !== undefined);
        }
        const resultOf = (i: number, bytes: Uint8Array) =>
          traced ?? (firewall ? firewall.result(batch, i) : batch.resultOf(i, bytes));
        const tracked = { conntrack, batch, packets, first: from, number, resultOf };
        enough = options.onBatch?.(tracked) === false;
      }
      lastTime = times[end - 1] ?? lastTime;
      if (!options.quiet) progress.show(totals.packets);
      if (enough || signal.aborted) break;
    }
  } catch (error) {
    if (!(error instanceof ConntrackError) || error.code !== "CT_BAD_CAPTURE") throw error;
    onError(files[0] ?? "", error);
  } finally {
    progress.clear();
  }
  return {
    conntrack,
    firewall,
    totals,
    bytes: progress.bytes,
    firstTime,
    lastTime,
    interrupted: signal.aborted,
    damaged,
  };
}

interface Engines {
  readonly conntrack: Conntrack;
  /** When there are rules. */
  readonly firewall: Firewall | undefined;
}

/** An engine with the settings of the command line. */
async function createEngine({
  settings,
  helpers = [],
  machine = {},
  eventCapacity,
}: CaptureOptions): Promise<Engines> {
  const hasRules = machine.rules !== undefined || machine.rules6 !== undefined;
  if (!hasRules && (machine.interface ?? machine.route ?? machine.ipset) !== undefined) {
    throw new UsageError("--interface, --route and --ipset go with --rules or --rules6");
  }
  const options = { sysctl: settings.values, eventCapacity };
  try {
    const firewall = hasRules
      ? await (await import("./firewall.js")).createFirewall(machine, options)
      : undefined;
    const conntrack = firewall?.conntrack ?? (await Conntrack.create(options));
    for (const helper of helpers) conntrack.addHelper(helper);
    return { conntrack, firewall };
  } catch (error) {
    if (!(error instanceof ConntrackError) || error.code !== "CT_BAD_SYSCTL") throw error;
    throw new ConntrackError(error.code, settingError(settings, error.message));
  }
}

/** Takes packet i through the machine by itself. */
function trace(
  firewall: Firewall,
  { bytes, offsets, lengths, wireLengths, times, linkTypes }: CapturedPackets,
  i: number,
  device: string | undefined,
): FirewallResult {
  const offset = offsets[i] ?? 0;
  return firewall.process(bytes.slice(offset, offset + (lengths[i] ?? 0)), {
    time: times[i] ?? 0,
    link: linkTypes[i] ?? LinkType.RAW,
    wireLength: wireLengths[i] ?? 0,
    trace: true,
    ...(device === undefined ? { local: true } : { in: device }),
  });
}

/** What cannot be looked at is complained of when it is read. */
function sizeOrNone(files: readonly string[]): number | undefined {
  try {
    return sizeOf(files);
  } catch (error) {
    throw new InputError((error as Error).message);
  }
}

/** `device`: where the packets come from; undefined: this machine, or there are no rules that could ask. */
function newBatch({ conntrack, firewall }: Engines, link: number, device: string | undefined): Batch {
  if (!isKnownLinkType(link)) {
    throw new ConntrackError("CT_BAD_CAPTURE", `link type ${link} is not supported`);
  }
  const options = { link, bytes: BATCH_BYTES };
  if (!firewall) return conntrack.createBatch(BATCH, options);
  return firewall.createBatch(BATCH, {
    ...options,
    ...(device === undefined ? { local: true } : { in: device }),
  });
}
