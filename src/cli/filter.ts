/** Which flows are meant: options under the names that conntrack has for them. */
import { type Command, InvalidArgumentError } from "commander";
import ipaddr from "ipaddr.js";
import { type ListedFlow, labelOf, numberOfProtocol } from "../format/index.js";
import { type FlowFilter, Status, TcpState } from "../index.js";
import { type ConnlabelFlags, connlabelsOf } from "./connlabels.js";
import { UsageError } from "./fail.js";

export interface FilterOptions extends ConnlabelFlags {
  readonly protonum?: string;
  readonly origSrc?: string;
  readonly origDst?: string;
  readonly replySrc?: string;
  readonly replyDst?: string;
  readonly sport?: number;
  readonly dport?: number;
  readonly replyPortSrc?: number;
  readonly replyPortDst?: number;
  readonly state?: string;
  readonly status?: Pick<FlowFilter, "assured" | "seenReply">;
  readonly mark?: { readonly mark: number; readonly markMask: number };
  readonly zone?: number;
  readonly label?: string;
  readonly family?: "ipv4" | "ipv6";
}

const STATUSES: ReadonlyMap<string, Pick<FlowFilter, "assured" | "seenReply">> = new Map([
  ["ASSURED", { assured: true }],
  ["SEEN_REPLY", { seenReply: true }],
  ["UNREPLIED", { seenReply: false }],
  ["UNSET", { seenReply: false, assured: false }],
]);

export function addFilterOptions(command: Command): Command {
  return command
    .optionsGroup("Flows:")
    .option("-p, --protonum <protocol>", "protocol by name or number")
    .option("-s, --orig-src <address>", "source of the original direction; may be a range as 10.0.0.0/8")
    .option("-d, --orig-dst <address>", "destination of the original direction")
    .option("-r, --reply-src <address>", "source of the reply direction")
    .option("-q, --reply-dst <address>", "destination of the reply direction")
    .option("--sport <port>", "source port of the original direction", port)
    .option("--dport <port>", "destination port of the original direction", port)
    .option("--reply-port-src <port>", "source port of the reply direction", port)
    .option("--reply-port-dst <port>", "destination port of the reply direction", port)
    .option("--state <state>", "TCP state, as ESTABLISHED", tcpState)
    .option("-u, --status <status>", [...STATUSES.keys()].join(", "), status)
    .option("-m, --mark <mark>", "mark, or mark/mask", mark)
    .option("-w, --zone <zone>", "zone", (text) => whole(text, 0xffff))
    .option("-l, --label <labels>", "labels that all have to be set, by name or number")
    .option("-f, --family <family>", "ipv4 or ipv6", family);
}

export function filterOf(options: FilterOptions): FlowFilter {
  const { protonum, state } = options;
  const found = {
    protocol: protonum !== undefined && /^\d+$/.test(protonum) ? Number(protonum) : protonum,
    src: options.origSrc,
    dst: options.origDst,
    replySrc: options.replySrc,
    replyDst: options.replyDst,
    sport: options.sport,
    dport: options.dport,
    replySport: options.replyPortSrc,
    replyDport: options.replyPortDst,
    state,
    ...options.status,
    ...options.mark,
    zone: options.zone,
    family: options.family,
    labels: options.label === undefined ? undefined : labelsOf(options.label, options),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as FlowFilter;
}

function labelsOf(text: string, flags: ConnlabelFlags): number[] {
  const names = connlabelsOf(flags);
  return text.split(",").map((name) => {
    const label = labelOf(name, names);
    if (label === undefined) throw new UsageError(`unknown label ${name}`);
    return label;
  });
}

type Tested = Omit<ListedFlow, "use">;

/** The same for flows that are in no engine: they have ended, or come from a listing. */
export function matcher(filter: FlowFilter): (flow: Tested) => boolean {
  const tests: ((flow: Tested) => boolean)[] = [];
  const equal = <T>(wanted: T | undefined, of: (flow: Tested) => unknown) => {
    if (wanted !== undefined) tests.push((flow) => of(flow) === wanted);
  };
  const within = (range: string | undefined, of: (flow: Tested) => string) => {
    if (range !== undefined) tests.push(rangeTest(range, of));
  };
  equal(numberOf(filter.protocol), (flow) => flow.protocolNumber);
  equal(filter.family, (flow) => flow.family);
  if (filter.state !== undefined) equal("tcp", (flow) => flow.protocol);
  equal(filter.state, (flow) => flow.state);
  equal(filter.zone, (flow) => flow.zone);
  equal(filter.sport, (flow) => flow.original.sport);
  equal(filter.dport, (flow) => flow.original.dport);
  equal(filter.replySport, (flow) => flow.reply.sport);
  equal(filter.replyDport, (flow) => flow.reply.dport);
  equal(filter.assured, (flow) => (flow.status & Status.ASSURED) !== 0);
  equal(filter.seenReply, (flow) => (flow.status & Status.SEEN_REPLY) !== 0);
  for (const label of filter.labels ?? []) tests.push((flow) => flow.labels.includes(label));
  within(filter.src, (flow) => flow.original.src);
  within(filter.dst, (flow) => flow.original.dst);
  within(filter.replySrc, (flow) => flow.reply.src);
  within(filter.replyDst, (flow) => flow.reply.dst);
  const { mark: wanted, markMask = 0xffffffff } = filter;
  if (wanted !== undefined) tests.push((flow) => ((flow.mark ^ wanted) & markMask) === 0);
  return (flow) => tests.every((test) => test(flow));
}

function numberOf(protocol: FlowFilter["protocol"]): number | undefined {
  if (typeof protocol !== "string") return protocol;
  const number = numberOfProtocol(protocol);
  if (number === undefined) throw new UsageError(`${protocol} is no protocol that has a name here`);
  return number;
}

function rangeTest(text: string, of: (flow: Tested) => string): (flow: Tested) => boolean {
  const valid = text.includes("/") ? ipaddr.isValidCIDR(text) : ipaddr.isValid(text);
  if (!valid) throw new UsageError(`${text} is neither an address nor a range of them`);
  const [address, bits] = text.includes("/") ? ipaddr.parseCIDR(text) : [ipaddr.parse(text), undefined];
  const length = bits ?? address.toByteArray().length * 8;
  return (flow) => {
    const found = ipaddr.parse(of(flow));
    return found.kind() === address.kind() && found.match(address, length);
  };
}

function whole(text: string, max: number): number {
  const value = /^(\d+|0x[0-9a-f]+)$/i.test(text) ? Number(text) : Number.NaN;
  if (!(value <= max)) throw new InvalidArgumentError(`expected a whole number from 0 to ${max}`);
  return value;
}

function port(text: string): number {
  return whole(text, 0xffff);
}

function mark(text: string): FilterOptions["mark"] {
  const [value = "", mask = "0xffffffff"] = text.split("/");
  const markMask = whole(mask, 0xffffffff);
  return { mark: (whole(value, 0xffffffff) & markMask) >>> 0, markMask };
}

function status(text: string): FilterOptions["status"] {
  const wanted = text.split(",").map((name) => STATUSES.get(name.toUpperCase()));
  if (wanted.includes(undefined)) {
    throw new InvalidArgumentError(`expected names of ${[...STATUSES.keys()].join(", ")}`);
  }
  return Object.assign({}, ...wanted) as FilterOptions["status"];
}

function tcpState(text: string): string {
  const state = text.toUpperCase();
  if (typeof TcpState[state as keyof typeof TcpState] === "number") return state;
  const names = Object.keys(TcpState).filter((name) => /\D/.test(name));
  throw new InvalidArgumentError(`expected one of ${names.join(", ")}`);
}

function family(text: string): FilterOptions["family"] {
  if (text !== "ipv4" && text !== "ipv6") throw new InvalidArgumentError("expected ipv4 or ipv6");
  return text;
}
