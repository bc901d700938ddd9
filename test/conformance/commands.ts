import { type ConntrackLike, type FilterLike, MissingFeature } from "./api.js";
import type { Step } from "./recording.js";

/** IPS_ bits by the names that `conntrack -u` takes. */
const STATUS: Record<string, number> = { SEEN_REPLY: 0x2, ASSURED: 0x4, FIXED_TIMEOUT: 0x400 };

/** Does through the API what a step did with the `conntrack` tool, or with `sysctl -w`. */
export function runCommand(conntrack: ConntrackLike, step: Step): void {
  // the recording kernel refuses some: then nothing happened
  if (/Operation failed/.test(step.cmd_out ?? "")) return;
  const [tool, action, ...rest] = step.cmd!.split(" ");
  if (tool === "sysctl") {
    const [name, value] = step.cmd!.split(" ").at(-1)!.split("=");
    conntrack.setSysctl(name!, Number(value));
    return;
  }
  // compared at the end
  if (step.cmd === "ipset save") return;
  if (tool !== "conntrack") throw new MissingFeature(`unknown command: ${step.cmd}`);
  if (rest[0] === "expect") {
    runOnExpectations(conntrack, action!, step);
    return;
  }
  const options = readOptions(rest);
  const filter = filterOf(options);
  switch (action) {
    case "-L":
      return;
    case "-F":
      conntrack.flush();
      return;
    case "-D":
      if (options.has("-m")) filter.mark = Number(options.get("-m"));
      conntrack.delete(filter);
      return;
    case "-U":
      conntrack.update(filter, {
        ...(options.has("-m") && { mark: Number(options.get("-m")) }),
        ...(options.has("-t") && { timeout: Number(options.get("-t")) }),
        ...(options.has("-u") && { status: statusOf(options) }),
      });
      return;
    case "-I":
      insert(conntrack, options);
      return;
    default:
      throw new MissingFeature(`unknown command: ${step.cmd}`);
  }
}

function runOnExpectations(conntrack: ConntrackLike, action: string, step: Step): void {
  if (action === "-L") return;
  if (action !== "-F") throw new MissingFeature(`unknown command: ${step.cmd}`);
  if (!conntrack.flushExpectations) throw new MissingFeature("expectations cannot be flushed");
  conntrack.flushExpectations();
}

/** Every option of the tool that the recordings use takes a value. */
function readOptions(words: string[]): Map<string, string> {
  const options = new Map<string, string>();
  for (let i = 0; i + 1 < words.length; i += 2) options.set(words[i]!, words[i + 1]!);
  return options;
}

function filterOf(options: Map<string, string>): FilterLike {
  const filter: FilterLike = {};
  const [protocol, src, dst] = [options.get("-p"), options.get("-s"), options.get("-d")];
  if (protocol !== undefined) filter.protocol = protocol;
  if (src !== undefined) filter.src = src;
  if (dst !== undefined) filter.dst = dst;
  if (options.has("--sport")) filter.sport = Number(options.get("--sport"));
  if (options.has("--dport")) filter.dport = Number(options.get("--dport"));
  if (options.has("-w")) filter.zone = Number(options.get("-w"));
  return filter;
}

function insert(conntrack: ConntrackLike, options: Map<string, string>): void {
  const { protocol, src, dst, sport, dport, zone } = filterOf(options);
  if (protocol === undefined || src === undefined || dst === undefined) {
    throw new MissingFeature("insertion without protocol and addresses");
  }
  if (!conntrack.insert) throw new MissingFeature("flows cannot be inserted");
  conntrack.insert({
    protocol,
    original: {
      src,
      dst,
      ...(sport !== undefined && { sport }),
      ...(dport !== undefined && { dport }),
      ...numbers(options, { type: "--icmp-type", code: "--icmp-code", icmpId: "--icmp-id" }),
      ...numbers(options, { srckey: "--srckey", dstkey: "--dstkey" }),
    },
    timeout: Number(options.get("-t")),
    status: statusOf(options),
    ...(options.has("--orig-vtag") && { vtag: [tag(options, "--orig-vtag"), tag(options, "--reply-vtag")] }),
    ...(options.has("--state") && { state: options.get("--state")! }),
    ...(options.has("-m") && { mark: Number(options.get("-m")) }),
    ...(zone !== undefined && { zone }),
  });
}

function statusOf(options: Map<string, string>): number {
  const names = options.get("-u")?.split(",") ?? [];
  return names.reduce((bits, name) => bits | (STATUS[name] ?? 0), 0);
}

function numbers(
  options: Map<string, string>,
  names: Readonly<Record<string, string>>,
): Record<string, number> {
  const given = Object.entries(names).filter(([, option]) => options.has(option));
  return Object.fromEntries(given.map(([name, option]) => [name, Number(options.get(option))]));
}

/** The tool hands tags over as they lie in its memory: back to front. */
function tag(options: Map<string, string>, option: string): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, Number(options.get(option)), true);
  return view.getUint32(0, false);
}
