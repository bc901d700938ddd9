/**
 * The sysctls that the engine obeys, those under net.netfilter and for fragments of net.ipv4: names, units, defaults
 * and ranges as Linux has them.
 */
import { Sysctl } from "../assembly/shared/sysctl.js";
import { ConntrackError } from "./errors.js";

interface Definition {
  readonly id: Sysctl;
  readonly initial: number;
  readonly max: number;
  /** Linux refuses 0 and rounds up to multiples of this. */
  readonly unit?: number;
}

const FLAG = 1;
/** Memory for fragments of one family. */
const FRAGMENT_BYTES = 4 << 20;
/** Longest timeout in seconds: 2^31 - 1 ticks of 1/250 s. */
const LONGEST = Math.floor(0x7fffffff / 250);

const seconds = (id: Sysctl, initial: number): Definition => ({ id, initial, max: LONGEST });
const flag = (id: Sysctl, initial: number): Definition => ({ id, initial, max: FLAG });

const DEFINITIONS: ReadonlyMap<string, Definition> = new Map([
  // Linux derives its default from the machine's memory; this is its value for machines of 1 to 4 GiB.
  ["nf_conntrack_max", { id: Sysctl.MAX, initial: 65536, max: 0x7fffffff }],
  // How crowded early drop finds the table; the index grows by itself. A page holds 512 of Linux's buckets.
  ["nf_conntrack_buckets", { id: Sysctl.BUCKETS, initial: 65536, max: 0x7ffffe00, unit: 512 }],
  // Linux: four for each 256 buckets.
  ["nf_conntrack_expect_max", { id: Sysctl.EXPECT_MAX, initial: 1024, max: 0x7fffffff }],
  ["nf_conntrack_checksum", flag(Sysctl.CHECKSUM, 1)],
  ["nf_conntrack_acct", flag(Sysctl.ACCT, 0)],
  // 2, "when somebody listens", is always so here: drainEvents() is the listener.
  ["nf_conntrack_events", { id: Sysctl.EVENTS, initial: 2, max: 2 }],
  ["nf_conntrack_timestamp", flag(Sysctl.TIMESTAMP, 0)],
  ["nf_conntrack_log_invalid", { id: Sysctl.LOG_INVALID, initial: 0, max: 255 }],
  ["nf_conntrack_generic_timeout", seconds(Sysctl.GENERIC_TIMEOUT, 600)],
  ["nf_conntrack_udp_timeout", seconds(Sysctl.UDP_TIMEOUT, 30)],
  ["nf_conntrack_udp_timeout_stream", seconds(Sysctl.UDP_TIMEOUT_STREAM, 120)],
  ["nf_conntrack_icmp_timeout", seconds(Sysctl.ICMP_TIMEOUT, 30)],
  ["nf_conntrack_icmpv6_timeout", seconds(Sysctl.ICMPV6_TIMEOUT, 30)],
  ["nf_conntrack_gre_timeout", seconds(Sysctl.GRE_TIMEOUT, 30)],
  ["nf_conntrack_gre_timeout_stream", seconds(Sysctl.GRE_TIMEOUT_STREAM, 180)],
  ["nf_conntrack_tcp_loose", flag(Sysctl.TCP_LOOSE, 1)],
  ["nf_conntrack_tcp_be_liberal", flag(Sysctl.TCP_BE_LIBERAL, 0)],
  ["nf_conntrack_tcp_ignore_invalid_rst", flag(Sysctl.TCP_IGNORE_INVALID_RST, 0)],
  ["nf_conntrack_tcp_max_retrans", { id: Sysctl.TCP_MAX_RETRANS, initial: 3, max: 255 }],
  ["nf_conntrack_tcp_timeout_syn_sent", seconds(Sysctl.TCP_TIMEOUT_SYN_SENT, 120)],
  ["nf_conntrack_tcp_timeout_syn_recv", seconds(Sysctl.TCP_TIMEOUT_SYN_RECV, 60)],
  ["nf_conntrack_tcp_timeout_established", seconds(Sysctl.TCP_TIMEOUT_ESTABLISHED, 432000)],
  ["nf_conntrack_tcp_timeout_fin_wait", seconds(Sysctl.TCP_TIMEOUT_FIN_WAIT, 120)],
  ["nf_conntrack_tcp_timeout_close_wait", seconds(Sysctl.TCP_TIMEOUT_CLOSE_WAIT, 60)],
  ["nf_conntrack_tcp_timeout_last_ack", seconds(Sysctl.TCP_TIMEOUT_LAST_ACK, 30)],
  ["nf_conntrack_tcp_timeout_time_wait", seconds(Sysctl.TCP_TIMEOUT_TIME_WAIT, 120)],
  ["nf_conntrack_tcp_timeout_close", seconds(Sysctl.TCP_TIMEOUT_CLOSE, 10)],
  ["nf_conntrack_tcp_timeout_max_retrans", seconds(Sysctl.TCP_TIMEOUT_MAX_RETRANS, 300)],
  ["nf_conntrack_tcp_timeout_unacknowledged", seconds(Sysctl.TCP_TIMEOUT_UNACKNOWLEDGED, 300)],
  ["nf_conntrack_sctp_timeout_closed", seconds(Sysctl.SCTP_TIMEOUT_CLOSED, 10)],
  ["nf_conntrack_sctp_timeout_cookie_wait", seconds(Sysctl.SCTP_TIMEOUT_COOKIE_WAIT, 3)],
  ["nf_conntrack_sctp_timeout_cookie_echoed", seconds(Sysctl.SCTP_TIMEOUT_COOKIE_ECHOED, 3)],
  ["nf_conntrack_sctp_timeout_established", seconds(Sysctl.SCTP_TIMEOUT_ESTABLISHED, 210)],
  ["nf_conntrack_sctp_timeout_shutdown_sent", seconds(Sysctl.SCTP_TIMEOUT_SHUTDOWN_SENT, 3)],
  ["nf_conntrack_sctp_timeout_shutdown_recd", seconds(Sysctl.SCTP_TIMEOUT_SHUTDOWN_RECD, 3)],
  ["nf_conntrack_sctp_timeout_shutdown_ack_sent", seconds(Sysctl.SCTP_TIMEOUT_SHUTDOWN_ACK_SENT, 3)],
  ["nf_conntrack_sctp_timeout_heartbeat_sent", seconds(Sysctl.SCTP_TIMEOUT_HEARTBEAT_SENT, 30)],
  // Reassembly. Linux no longer looks at the low thresholds; nor do we.
  ["ipfrag_high_thresh", { id: Sysctl.FRAG4_HIGH_THRESH, initial: FRAGMENT_BYTES, max: 0x7fffffff }],
  ["ipfrag_low_thresh", { id: Sysctl.FRAG4_LOW_THRESH, initial: (FRAGMENT_BYTES / 4) * 3, max: 0x7fffffff }],
  ["ipfrag_time", seconds(Sysctl.FRAG4_TIME, 30)],
  ["ipfrag_max_dist", { id: Sysctl.FRAG4_MAX_DIST, initial: 64, max: 0x7fffffff }],
  [
    "nf_conntrack_frag6_high_thresh",
    { id: Sysctl.FRAG6_HIGH_THRESH, initial: FRAGMENT_BYTES, max: 0x7fffffff },
  ],
  [
    "nf_conntrack_frag6_low_thresh",
    { id: Sysctl.FRAG6_LOW_THRESH, initial: (FRAGMENT_BYTES / 4) * 3, max: 0x7fffffff },
  ],
  ["nf_conntrack_frag6_timeout", seconds(Sysctl.FRAG6_TIMEOUT, 60)],
]);

/** Linux has this timeout, too, but no name for it. */
const SYN_SENT2_SECONDS = 120;

/** Who is told of values: an engine. */
export interface SysctlSink {
  readonly call: { setSysctl(id: number, value: number): void };
}

/** Settings of one engine. */
export class Sysctls {
  readonly #engine: SysctlSink;
  readonly #values = new Map<string, number>();

  /** @throws ConntrackError CT_BAD_SYSCTL */
  constructor(engine: SysctlSink, overrides: Readonly<Record<string, number>>) {
    this.#engine = engine;
    engine.call.setSysctl(Sysctl.TCP_TIMEOUT_SYN_SENT2, SYN_SENT2_SECONDS);
    for (const [name, { initial }] of DEFINITIONS) this.set(name, initial);
    for (const [name, value] of Object.entries(overrides)) this.set(name, value);
  }

  get(name: string): number {
    const short = shortSysctlName(name);
    definition(short, name);
    return this.#values.get(short) ?? 0;
  }

  set(name: string, value: number): void {
    const short = shortSysctlName(name);
    const { id, max, unit } = definition(short, name);
    const min = unit ? 1 : 0;
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new ConntrackError(
        "CT_BAD_SYSCTL",
        `${name}: expected a whole number from ${min} to ${max}, got ${value}`,
      );
    }
    const kept = unit ? Math.ceil(value / unit) * unit : value;
    this.#values.set(short, kept);
    this.#engine.call.setSysctl(id, kept);
  }

  /** What all() has told: the engine knows of it. */
  recall(values: Readonly<Record<string, number>>): void {
    for (const [name, value] of Object.entries(values)) this.#values.set(name, value);
  }

  all(): Record<string, number> {
    return Object.fromEntries(this.#values);
  }
}

/** `net.netfilter.x`, `net.ipv4.x` and `net/netfilter/x` are x, as for sysctl(8); `net.nf_conntrack_max` is an alias. */
export function shortSysctlName(name: string): string {
  return name.replace(/^net[./]((netfilter|ipv4)[./])?/, "");
}

function definition(short: string, name: string): Definition {
  const found = DEFINITIONS.get(short);
  if (!found) throw new ConntrackError("CT_BAD_SYSCTL", `${name}: there is no such sysctl here`);
  return found;
}
