/** What the kernel's log would have: entries of the engine's log ring, put into Linux's words. */
import { LogKind, type TraceKind } from "../assembly/shared/log-kind.js";
import { Reason } from "../assembly/shared/reason.js";
import { TcpState } from "../assembly/shared/tcp-state.js";
import { expandAddress, ipv4Text, ipv6Text } from "./address.js";
import type { Engine } from "./engine/engine.js";
import { kernelLogLine, type LogContext, type LogDetail } from "./format/kernel-log.js";

export interface LogEntry {
  /** Milliseconds on the caller's clock. */
  readonly time: number;
  /** Severity as syslog numbers it: 4 warning, 5 notice ... */
  readonly level: number;
  /** The whole line, as the kernel's log has it. */
  readonly text: string;
  /** What the line says before it describes the packet; all of it, if there is none. */
  readonly prefix: string;
  /** The packet from its IP header on, if the entry is about one. */
  readonly packet: Uint8Array | undefined;
  /** Of a rule with NFLOG. */
  readonly group?: number;
}

const WARNING = 4;
const NOTICE = 5;

/** What Linux tells of packets that tracking finds invalid. */
const DETAIL: LogContext = { tcpSequence: true, tcpOptions: true, ipOptions: true };

/** The namespace that a kernel starts with, by its inode number. */
const NAMESPACE = 4026531840;

/** What a rule with LOG or NFLOG has to say. */
export interface LoggedRule {
  readonly level: number;
  readonly prefix: string;
  readonly detail: LogDetail;
  /** Of NFLOG. */
  readonly group?: number;
}

/** Who knows what rules and devices are called. */
export interface RuleWords {
  logged(rule: number): LoggedRule | undefined;
  /** "filter:FORWARD:rule:3" */
  traced(kind: TraceKind, subject: number): string;
  deviceName(number: number): string | undefined;
}

/** The engine's log, and what has been taken out of it and not been asked for yet. */
export class Log {
  readonly #engine: Engine;
  #words: RuleWords | undefined;
  #taken: LogEntry[] = [];

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Rules say more than numbers from now on. */
  useWords(words: RuleWords): void {
    this.#words = words;
  }

  /** All entries, oldest first. */
  drain(): LogEntry[] {
    this.settle();
    return this.#taken.splice(0);
  }

  /** Puts what the engine has into words, before the rules that it tells of are gone. */
  settle(): void {
    const { call } = this.#engine;
    for (let at = call.firstLogRecord() >>> 0; at; at = call.firstLogRecord() >>> 0) {
      this.#taken.push(...readRecord(this.#engine, at, this.#words));
      call.dropFirstLogRecord();
    }
  }

  /** Takes out the lines of TRACE that the engine has: those of the last packet, if settle() came before it. */
  takeTrace(): string[] {
    const before = this.#taken.length;
    this.settle();
    const added = this.#taken.splice(before);
    this.#taken.push(...added.filter(({ prefix }) => !prefix.startsWith(TRACE)));
    return added.filter(({ prefix }) => prefix.startsWith(TRACE)).map(({ text }) => text);
  }
}

const TRACE = "TRACE: ";

/** Linux may say more than one thing of a packet. */
function readRecord(engine: Engine, at: number, words: RuleWords | undefined): LogEntry[] {
  const { layout, u8, u16, u32, f64 } = engine;
  const word = (offset: number) => u32[(at + offset) >>> 2] ?? 0;
  const time = f64[(at + layout.LOG_RECORD_TIME) >>> 3] ?? 0;
  const numbers = [0, 4, 8, 12].map((i) => word(layout.LOG_RECORD_NUMBERS + i));
  const kind: LogKind = u8[at + layout.LOG_RECORD_KIND] ?? 0;
  const start = at + layout.LOG_RECORD_BYTES;
  const packet = u8.slice(start, start + word(layout.LOG_RECORD_LENGTH));
  const subject = word(layout.LOG_RECORD_SUBJECT);
  if (kind === LogKind.RULE || kind === LogKind.TRACE) {
    const devices = (at + layout.LOG_RECORD_DEVICES) >>> 1;
    const input = words?.deviceName(u16[devices] ?? 0);
    const output = words?.deviceName(u16[devices + 1] ?? 0);
    const context = {
      ...(input !== undefined && { in: input }),
      ...(output !== undefined && { out: output }),
      mark: word(layout.LOG_RECORD_MARK),
    };
    const said = kind === LogKind.RULE ? words?.logged(subject) : traceOf(words, numbers[0] ?? 0, subject);
    if (!said) return [];
    const { level, prefix, detail, group } = said;
    const text = kernelLogLine(prefix, packet, { ...context, ...detail });
    return [{ time, level, text, prefix, packet, ...(group !== undefined && { group }) }];
  }
  if (kind !== LogKind.INVALID) {
    const text = MESSAGES[kind](numbers[0] ?? 0);
    return [{ time, level: WARNING, text, prefix: text, packet: undefined }];
  }
  const protocol = u8[at + layout.LOG_RECORD_PROTOCOL] ?? 0;
  return reasonTexts(subject as Reason, numbers, packet, layout.TICKS_PER_SECOND).map((words) => {
    const prefix = `nf_ct_proto_${protocol}: ${words} `;
    return { time, level: NOTICE, text: kernelLogLine(prefix, packet, DETAIL), prefix, packet };
  });
}

function traceOf(words: RuleWords | undefined, kind: TraceKind, subject: number): LoggedRule | undefined {
  return words && { level: WARNING, prefix: `${TRACE}${words.traced(kind, subject)} `, detail: DETAIL };
}

type MessageKind = Exclude<LogKind, LogKind.INVALID | LogKind.RULE | LogKind.TRACE>;

const MESSAGES: { readonly [kind in MessageKind]: (a: number) => string } = {
  [LogKind.TABLE_FULL]: () => `nf_conntrack: nf_conntrack: table full in netns ${NAMESPACE}, dropping packet`,
  [LogKind.EXPECT_TABLE_FULL]: () => "nf_conntrack: nf_conntrack: expectation table full",
  [LogKind.SUPPRESSED]: (a) => `net_ratelimit: ${a} callbacks suppressed`,
};

const tcpState = (state: number) => TcpState[state] ?? "NONE";
/** SCTP's tags are printed as they lie in the memory of the machines that most people have: back to front. */
const memoryOrder = (n: number) =>
  (((n & 0xff) << 24) | ((n & 0xff00) << 8) | ((n >>> 8) & 0xff00) | (n >>> 24)) >>> 0;
const tag = (n: number) => memoryOrder(n).toString(16);

type Words = (numbers: readonly number[], packet: Uint8Array) => string;

const always =
  (text: string): Words =>
  () =>
    text;

/** Linux's words for the reasons that it has words for. */
const WORDS: { readonly [reason in Reason]?: Words } = {
  [Reason.TCP_TRUNCATED]: always("truncated packet"),
  [Reason.TCP_CHECKSUM]: always("bad checksum"),
  [Reason.TCP_FLAGS]: always("invalid tcp flag combination"),
  [Reason.TCP_INVALID_NEW]: always("invalid new"),
  [Reason.TCP_INVALID_TRANSITION]: ([a = 0, b = 0, c = 0]) =>
    `packet (index ${a}) in dir ${b} invalid, state ${tcpState(c)}`,
  [Reason.TCP_IGNORED]: ([a = 0, b = 0, c = 0]) =>
    `packet (index ${a}) in dir ${b} ignored, state ${tcpState(c)}`,
  [Reason.TCP_INVALID_RST]: always("invalid rst"),
  [Reason.TCP_CHALLENGE_ACK]: always("challenge-ack ignored"),
  [Reason.TCP_OVERSHOT]: ([a]) => `${a} bytes more than expected`,
  [Reason.TCP_SEQ_OVER]: ([, b]) => `SEQ is over upper bound ${b} (over the window of the receiver)`,
  [Reason.TCP_ACK_OVER]: ([, b]) => `ACK is over upper bound ${b} (ACKed data not seen yet)`,
  [Reason.TCP_SEQ_UNDER]: ([, b]) => `SEQ is under lower bound ${b} (already ACKed data retransmitted)`,
  [Reason.TCP_ACK_UNDER]: ([, b]) => `ignored ACK under lower bound ${b} (possible overly delayed)`,
  [Reason.UDP_SHORT]: always("short packet"),
  [Reason.UDP_LENGTH]: always("truncated/malformed packet"),
  [Reason.UDP_CHECKSUM]: always("bad checksum"),
  [Reason.UDPLITE_SHORT]: always("short packet"),
  [Reason.UDPLITE_COVERAGE]: always("invalid checksum coverage"),
  [Reason.UDPLITE_NO_CHECKSUM]: always("checksum missing"),
  [Reason.UDPLITE_CHECKSUM]: always("bad checksum"),
  [Reason.ICMP_SHORT]: always("short packet"),
  [Reason.ICMP_CHECKSUM]: always("bad hw icmp checksum"),
  [Reason.ICMP_TYPE]: always("invalid icmp type"),
  [Reason.ICMP_ERROR_ADDRESS]: ([, , c = 0], packet) => addressesOf(packet, c),
  [Reason.ICMPV6_SHORT]: always("short packet"),
  [Reason.ICMPV6_CHECKSUM]: always("ICMPv6 checksum failed"),
  [Reason.ICMPV6_REDIRECT_SHORT]: always("short redirect"),
  [Reason.ICMPV6_REDIRECT_SOURCE]: always("invalid saddr or hoplimit for redirect"),
  [Reason.ICMPV6_REDIRECT_OPTIONS]: always("redirect without options"),
  [Reason.SCTP_SHORT]: always("nf_ct_sctp: short packet"),
  [Reason.SCTP_CHECKSUM]: always("nf_ct_sctp: bad CRC"),
  [Reason.SCTP_CHUNKS]: ([a = 0, b = 0, c = 0, d = 0]) =>
    `do_basic_checks failed. chunk num ${a}, type ${b}, len ${c} flag ${d}`,
  [Reason.SCTP_VTAG]: ([a = 0, b = 0, c]) =>
    `verification tag check failed ${tag(a)} vs ${tag(b)} for dir ${c}`,
  [Reason.SCTP_INVALID_TRANSITION]: ([a = 0, b, c]) => `Invalid, old_state ${a}, dir ${b}, type ${c}`,
};

function reasonTexts(
  reason: Reason,
  numbers: readonly number[],
  packet: Uint8Array,
  ticksPerSecond: number,
): string[] {
  const words = WORDS[reason]?.(numbers, packet);
  if (words === undefined) return [];
  const [, , lowered = 0, which = 0] = numbers;
  const mayLower = reason === Reason.TCP_SEQ_OVER || reason === Reason.TCP_ACK_OVER;
  if (!mayLower || !lowered) return [words];
  const [index, direction, last] = [which & 0xff, (which >>> 8) & 0xff, which >>> 16];
  const ticks = lowered * ticksPerSecond;
  return [
    words,
    `packet (index ${index}, dir ${direction}) response for index ${last} lower timeout to ${ticks}`,
  ];
}

/** The destination of an ICMP error, and the source of the packet that it quotes, which it should be. */
function addressesOf(packet: Uint8Array, quoted: number): string {
  const six = (packet[0] ?? 0) >>> 4 === 6;
  const text = (at: number) => (six ? expandAddress(ipv6Text(packet, at)) : ipv4Text(packet, at));
  return `outer daddr ${text(six ? 24 : 16)} != inner ${text(quoted + (six ? 8 : 12))}`;
}
