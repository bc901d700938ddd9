/** `ctwasm explain`: the life of connections, packet by packet, and why a packet was judged as it was. */
import { Command, InvalidArgumentError, Option } from "commander";
import type { FlowFilter } from "../index.js";
import { dissect } from "../packet/index.js";
import { runCapture } from "./capture.js";
import { addCaptureArgument, addEngineOptions, type CaptureFlags, settingsOf } from "./common.js";
import { Conversation, type Exchange, keyOf, sidesOf } from "./conversation.js";
import { conversationText, exchangeText } from "./conversation-text.js";
import { ExitCode } from "./exit-code.js";
import { say, UsageError, verb } from "./fail.js";
import { addFilterOptions, type FilterOptions, filterOf, matcher } from "./filter.js";
import { interruptSignal } from "./interrupt.js";
import { print } from "./output.js";
import { findRemedies } from "./remedy.js";
import { stretchesOf } from "./source.js";

interface ExplainOptions extends CaptureFlags, FilterOptions {
  readonly packet?: number;
  readonly limit: number;
  readonly output: "text" | "json";
}

/** Packets of one connection that are kept: more are counted only. */
const MOST_EXCHANGES = 1000;

const HELP = `
Without --packet: the connections of the capture that the options choose, each
with a diagram of its packets, their ct state, the flow's state and timeout after
them, the windows of TCP, and the reason where there is one. With --packet N: the
connection of that packet up to it; when it is INVALID or dropped, the captures
are read again to find which settings would change that. With rules (--rules and
--interface) every rule that it met is shown, with the values that made its
matches true or false.

In the windows, end is the sequence number behind the last byte sent, maxend the
first one that the other side has no room for, maxwin the largest window offered.

Exit status: 0 success, 2 wrong usage, 3 unreadable or damaged input, 130 interrupted.

Examples:
  ctwasm explain --packet 27 capture.pcap
  ctwasm explain -p tcp -s 10.0.0.2 --dport 443 capture.pcap
  ctwasm explain --packet 9 --rules home.rules --interface lan=10.0.0.1/24 \\
      --interface wan=198.51.100.1/24 --route default=wan capture.pcap
  ctwasm replay --only invalid capture.pcap     (which packets to ask for)
`;

export function explainCommand(): Command {
  const command = addCaptureArgument(new Command("explain"))
    .description("Tells how connections went, packet by packet, and why packets are INVALID.")
    .option("--packet <number>", "explain this packet; the first one is 1", positive)
    .option("--limit <connections>", "how many connections at most", positive, 10)
    .addOption(new Option("-o, --output <form>", "how").choices(["text", "json"]).default("text"));
  addFilterOptions(addEngineOptions(command));
  return command.addHelpText("after", HELP).action(verb(explain));
}

async function explain(files: string[], options: ExplainOptions): Promise<ExitCode> {
  const { packet, limit, output } = options;
  const filter = filterOf(options);
  if (packet !== undefined && Object.keys(filter).length > 0) {
    throw new UsageError("--packet and options that choose flows exclude each other");
  }
  if (packet !== undefined && files.includes("-")) {
    throw new UsageError("--packet reads the captures more than once: give files");
  }
  const signal = interruptSignal();
  const only = packet === undefined ? undefined : await keyOfPacket(files, packet, signal);
  const { conversations, left, run } = await follow(files, options, { filter, only, packet, limit, signal });
  const remedies =
    packet === undefined || !conversations[0]?.last?.isRefused
      ? undefined
      : await findRemedies(files, packet, options, signal);
  if (output === "json") {
    const documents = conversations.map((conversation) => conversation.toJSON());
    print(`${JSON.stringify(remedies ? { ...documents[0], remedies } : documents, null, 2)}\n`);
  } else {
    print(conversations.map(conversationText).join("\n"));
    const last = packet === undefined ? undefined : conversations[0]?.last;
    if (last) print(`\n${exchangeText(last, remedies)}`);
  }
  if (left > 0) say(`${left} further connections: --limit shows more`);
  if (run.interrupted) return ExitCode.INTERRUPTED;
  return run.damaged ? ExitCode.UNREADABLE : ExitCode.OK;
}

interface Wanted {
  readonly filter: FlowFilter;
  /** The one connection that is wanted. */
  readonly only: string | undefined;
  /** Where to stop. */
  readonly packet: number | undefined;
  readonly limit: number;
  readonly signal: AbortSignal;
}

async function follow(files: readonly string[], options: CaptureFlags, wanted: Wanted) {
  const { only, packet, limit, signal } = wanted;
  const matches = matcher(wanted.filter);
  const conversations = new Map<string, Conversation>();
  const others = new Set<string>();
  let firstTime: number | undefined;
  const run = await runCapture(files, {
    settings: settingsOf(options),
    helpers: options.helper ?? [],
    machine: options,
    eventCapacity: 0,
    signal,
    // The flow is read after each of its packets.
    batch: 1,
    traced: packet,
    onBatch: ({ packets, first, number, resultOf }) => {
      const time = packets.times[first] ?? 0;
      firstTime ??= time;
      const offset = packets.offsets[first] ?? 0;
      const bytes = packets.bytes.subarray(offset, offset + (packets.lengths[first] ?? 0));
      const dissection = dissect(bytes, packets.linkTypes[first]);
      const key = dissection && keyOf(dissection);
      if (dissection && key !== undefined && (only === undefined || key === only)) {
        const result = resultOf(0, bytes);
        let conversation = conversations.get(key);
        const isWanted =
          conversation ||
          only !== undefined ||
          (result.flow ? matches(result.flow) : matchesEnds(matches, dissection));
        if (isWanted && !conversation && conversations.size < limit) {
          conversation = new Conversation(sidesOf(dissection), MOST_EXCHANGES);
          conversations.set(key, conversation);
        }
        if (conversation) conversation.add({ number, time: time - firstTime, dissection, result });
        else if (isWanted) others.add(key);
      }
      return number !== packet;
    },
  });
  return { conversations: [...conversations.values()], left: others.size, run };
}

/** A packet without a flow, taken for the first one of a flow, or for an answer in one. */
function matchesEnds(
  matches: ReturnType<typeof matcher>,
  { family, src, dst, sport, dport, protocol }: Exchange["dissection"],
): boolean {
  const there = { src, dst, sport, dport };
  const back = { src: dst, dst: src, sport: dport, dport: sport };
  const name = (
    { 1: "icmp", 6: "tcp", 17: "udp", 47: "gre", 58: "icmpv6", 132: "sctp" } as Record<number, string>
  )[protocol];
  const flow = {
    id: 0,
    family,
    protocol: name ?? "unknown",
    protocolNumber: protocol,
    state: undefined,
    timeout: 0,
    status: 0,
    mark: 0,
    zone: 0,
    zoneDirection: "both",
    labels: [],
    counters: undefined,
    tcp: undefined,
    sctp: undefined,
    gre: undefined,
    start: undefined,
    deltaTime: undefined,
  } as const;
  return (
    matches({ ...flow, original: there, reply: back }) || matches({ ...flow, original: back, reply: there })
  );
}

async function keyOfPacket(files: readonly string[], number: number, signal: AbortSignal): Promise<string> {
  let before = 0;
  for await (const { packets, first, end } of stretchesOf(files, {
    signal,
    follow: false,
    onError: () => {},
  })) {
    const i = first + number - before - 1;
    before += end - first;
    if (i >= end) continue;
    const offset = packets.offsets[i] ?? 0;
    const bytes = packets.bytes.subarray(offset, offset + (packets.lengths[i] ?? 0));
    const dissection = dissect(bytes, packets.linkTypes[i]);
    if (!dissection)
      throw new UsageError(`packet ${number} is no IP packet: connection tracking never sees it`);
    return keyOf(dissection);
  }
  throw new UsageError(`there are ${before} packets, no packet ${number}`);
}

function positive(text: string): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (value < 1) throw new InvalidArgumentError("expected a whole number from 1 on");
  return value;
}
