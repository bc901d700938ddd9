/** What the kernel's log would have: entries of the engine's log ring, put into Linux's words. */
import { LogKind, type TraceKind } from "../assembly/shared/log-kind.js";
import { Reason } from "../assembly/shared/reason.js";
import { TcpState } from "../assembly/shared/tcp-state.js";
import { expandAddress, ipv4Text, ipv6Text } from "./address.js";
import { swapBytes } from "./byte-order.js";
import type { Engine } from "./engine/engine.js";
import { kernelLogLine, type LogContext, type LogDetail } from "./format/kernel-log.js";
import type { HelperRunner } from "./helper-runner.js";
import type { RuleName } from "./rules/program.js";
import type { LogTarget } from "./rules/targets/log.js";
import type { NflogTarget } from "./rules/targets/nflog.js";

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
  /** The rule that logged it, with `-j LOG` or `-j NFLOG`. */
  readonly rule: RuleName | undefined;
  /** The group that `-j NFLOG` hands it to; undefined for the kernel's own log. */
  readonly group: number | undefined;
}

/** A rule that logs, and how. */
export interface LoggingRule {
  readonly name: RuleName;
  readonly target: LogTarget | NflogTarget;
}

/** What a firewall knows of what the engine only numbers. */
export interface LogSources {
  rule(number: number): LoggingRule | undefined;
  device(number: number): string | undefined;
  /** "filter:FORWARD:rule:3" */
  traced(kind: TraceKind, subject: number): string;
}

/** Bytes of entries that are kept in words: four times what the ring holds. */
const MOST_BYTES = 4 << 20;
const WARNING = 4;
const NOTICE = 5;

/** What Linux tells of packets that tracking finds invalid. */
const DETAIL: LogContext = { tcpSequence: true, tcpOptions: true, ipOptions: true, uid: true };

/** The namespace that a kernel starts with, by its inode number. */
const NAMESPACE = 4026531840;

/** A record's packet, and what is known of its way. */
interface Logged {
  readonly packet: Uint8Array;
  readonly context: LogContext;
}

export class Log {
  readonly #engine: Engine;
  readonly #helpers: HelperRunner;
  /** Set by whoever has rules. */
  sources: LogSources | undefined;
  /** Taken out of the engine's ring, and not asked for yet. */
  #taken: LogEntry[] = [];
  #takenBytes = 0;
  #lost = 0;

  constructor(engine: Engine, helpers: HelperRunner) {
    this.#engine = engine;
    this.#helpers = helpers;
  }

  /** All entries, oldest first. */
  drain(): LogEntry[] {
    const entries = [...this.#taken, ...this.#readRing()];
    this.#taken = [];
    this.#takenBytes = 0;
    return entries;
  }

  /** Entries lost since the last call, for lack of room. */
  takeLost(): number {
    const lost = this.#lost + (this.#engine.call.takeLostLogRecords() >>> 0);
    this.#lost = 0;
    return lost;
  }

  /** Puts what the engine has into words, before the rules that it tells of are gone. */
  settle(): void {
    for (const entry of this.#readRing()) this.#keep(entry);
  }

  /** Takes out the lines of TRACE that have come since the last settle(). */
  takeTrace(): string[] {
    const entries = this.#readRing();
    for (const entry of entries) if (!isTrace(entry)) this.#keep(entry);
    return entries.filter(isTrace).map(({ text }) => text);
  }

  /** What nobody asks for must not fill the memory. */
  #keep(entry: LogEntry): void {
    if (this.#takenBytes > MOST_BYTES) {
      this.#lost++;
      return;
    }
    this.#taken.push(entry);
    this.#takenBytes += 2 * entry.text.length + (entry.packet?.length ?? 0);
  }

  /** Empties the engine's ring. */
  #readRing(): LogEntry[] {
    const { call } = this.#engine;
    const entries: LogEntry[] = [];
    for (let at = call.firstLogRecord() >>> 0; at; at = call.firstLogRecord() >>> 0) {
      entries.push(...this.#read(at));
      call.dropFirstLogRecord();
    }
    return entries;
  }

  /** Linux may say more than one thing of a packet. */
  #read(at: number): LogEntry[] {
    const { layout, u8, u32, f64 } = this.#engine;
    const word = (offset: number) => u32[(at + offset) >>> 2] ?? 0;
    const time = f64[(at + layout.LOG_RECORD_TIME) >>> 3] ?? 0;
    const numbers = [0, 4, 8, 12].map((i) => word(layout.LOG_RECORD_NUMBERS + i));
    const subject = word(layout.LOG_RECORD_SUBJECT);
    const kind: LogKind = u8[at + layout.LOG_RECORD_KIND] ?? 0;
    switch (kind) {
      case LogKind.INVALID: {
        const protocol = u8[at + layout.LOG_RECORD_PROTOCOL] ?? 0;
        const logged = this.#logged(at);
        const texts = reasonTexts(subject, numbers, logged.packet, layout.TICKS_PER_SECOND);
        return texts.map((words) =>
          entry(time, NOTICE, `nf_ct_proto_${protocol}: ${words} `, logged, DETAIL),
        );
      }
      case LogKind.HELPER:
        return [entry(time, NOTICE, this.#helpers.wordsOf(subject), this.#logged(at), DETAIL)];
      case LogKind.RULE: {
        const rule = this.sources?.rule(subject);
        return rule ? [ruleEntry(time, rule, this.#logged(at))] : [];
      }
      case LogKind.TRACE: {
        const place = this.sources?.traced(numbers[0] ?? 0, subject);
        return place ? [entry(time, WARNING, `${TRACE}${place} `, this.#logged(at), DETAIL)] : [];
      }
      default:
        return [{ ...NO_PACKET, time, level: WARNING, ...both(MESSAGES[kind](numbers[0] ?? 0)) }];
    }
  }

  #logged(at: number): Logged {
    const { layout, u8, u16, u32 } = this.#engine;
    const start = at + layout.LOG_RECORD_BYTES;
    const end = start + (u32[(at + layout.LOG_RECORD_LENGTH) >>> 2] ?? 0);
    const link = u32[(at + layout.LOG_RECORD_LINK_LENGTH) >>> 2] ?? 0;
    const device = (offset: number) =>
      this.sources?.device(u16[(at + layout.LOG_RECORD_DEVICES + offset) >>> 1] ?? 0);
    const [comesBy, leavesBy] = [device(0), device(2)];
    const [owned, uid = 0, gid = 0] = [0, 4, 8].map((i) => u32[(at + layout.LOG_RECORD_OWNER + i) >>> 2]);
    return {
      packet: u8.slice(start, end),
      context: {
        ...(comesBy !== undefined && { in: comesBy }),
        ...(leavesBy !== undefined && { out: leavesBy }),
        ...(owned && { owner: { uid, gid } }),
        ...(link && { mac: u8.slice(end, end + link) }),
        mark: u32[(at + layout.LOG_RECORD_MARK) >>> 2] ?? 0,
      },
    };
  }
}

const TRACE = "TRACE: ";
/** A rule may have a prefix like it. */
const isTrace = ({ prefix, rule }: LogEntry) => !rule && prefix.startsWith(TRACE);

const NO_PACKET = { packet: undefined, rule: undefined, group: undefined };
const both = (text: string) => ({ text, prefix: text });

function entry(time: number, level: number, prefix: string, logged: Logged, detail: LogDetail): LogEntry {
  const { packet, context } = logged;
  const text = kernelLogLine(prefix, packet, { ...context, ...detail });
  return { ...NO_PACKET, time, level, text, prefix, packet };
}

function ruleEntry(time: number, { name, target }: LoggingRule, logged: Logged): LogEntry {
  if (target.name === "LOG") {
    return { ...entry(time, target.level, target.prefix, logged, target), rule: name };
  }
  return { ...entry(time, NOTICE, target.prefix, logged, DETAIL), rule: name, group: target.group };
}

type Message = Exclude<LogKind, LogKind.INVALID | LogKind.HELPER | LogKind.RULE | LogKind.TRACE>;

const MESSAGES: { readonly [kind in Message]: (a: number) => string } = {
  [LogKind.TABLE_FULL]: () => `nf_conntrack: nf_conntrack: table full in netns ${NAMESPACE}, dropping packet`,
  [LogKind.EXPECT_TABLE_FULL]: () => "nf_conntrack: expectation table full",
  [LogKind.SUPPRESSED]: (a) => `net_ratelimit: ${a} callbacks suppressed`,
};

const tcpState = (state: number) => TcpState[state] ?? "NONE";
/** SCTP's tags are printed as they lie in the memory of the machines that most people have: back to front. */
const tag = (n: number) => swapBytes(n).toString(16);

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
