/** Named sets of timeouts for flows of one protocol, as `nfct add timeout` makes them for `-j CT --timeout`. */
import { Protocol } from "../assembly/shared/protocol.js";
import { Sysctl } from "../assembly/shared/sysctl.js";
import type { Engine } from "./engine/engine.js";
import { ConntrackError } from "./errors.js";

/** The protocols that have timeouts of their own in Linux; all others are generic. */
export type TimeoutProtocol = keyof typeof TIMEOUTS;

export interface TimeoutPolicy {
  readonly protocol: TimeoutProtocol;
  /** Whole seconds, under the names of states that nfct(8) uses; what is not named is as the sysctls are now. */
  readonly timeouts: Readonly<Record<string, number>>;
}

const UDP = { unreplied: Sysctl.UDP_TIMEOUT, replied: Sysctl.UDP_TIMEOUT_STREAM };

const TIMEOUTS = {
  tcp: {
    syn_sent: Sysctl.TCP_TIMEOUT_SYN_SENT,
    syn_recv: Sysctl.TCP_TIMEOUT_SYN_RECV,
    established: Sysctl.TCP_TIMEOUT_ESTABLISHED,
    fin_wait: Sysctl.TCP_TIMEOUT_FIN_WAIT,
    close_wait: Sysctl.TCP_TIMEOUT_CLOSE_WAIT,
    last_ack: Sysctl.TCP_TIMEOUT_LAST_ACK,
    time_wait: Sysctl.TCP_TIMEOUT_TIME_WAIT,
    close: Sysctl.TCP_TIMEOUT_CLOSE,
    syn_sent2: Sysctl.TCP_TIMEOUT_SYN_SENT2,
    retrans: Sysctl.TCP_TIMEOUT_MAX_RETRANS,
    unack: Sysctl.TCP_TIMEOUT_UNACKNOWLEDGED,
  },
  udp: UDP,
  udplite: UDP,
  icmp: { timeout: Sysctl.ICMP_TIMEOUT },
  icmpv6: { timeout: Sysctl.ICMPV6_TIMEOUT },
  sctp: {
    closed: Sysctl.SCTP_TIMEOUT_CLOSED,
    cookie_wait: Sysctl.SCTP_TIMEOUT_COOKIE_WAIT,
    cookie_echoed: Sysctl.SCTP_TIMEOUT_COOKIE_ECHOED,
    established: Sysctl.SCTP_TIMEOUT_ESTABLISHED,
    shutdown_sent: Sysctl.SCTP_TIMEOUT_SHUTDOWN_SENT,
    shutdown_recd: Sysctl.SCTP_TIMEOUT_SHUTDOWN_RECD,
    shutdown_ack_sent: Sysctl.SCTP_TIMEOUT_SHUTDOWN_ACK_SENT,
    heartbeat_sent: Sysctl.SCTP_TIMEOUT_HEARTBEAT_SENT,
  },
  gre: { unreplied: Sysctl.GRE_TIMEOUT, replied: Sysctl.GRE_TIMEOUT_STREAM },
  generic: { timeout: Sysctl.GENERIC_TIMEOUT },
} as const satisfies Record<string, Readonly<Record<string, Sysctl>>>;

/** For Linux, generic timeouts have this protocol number in rules. */
const ANY = 255;
const NUMBERS: { readonly [protocol in TimeoutProtocol]: number } = {
  tcp: Protocol.TCP,
  udp: Protocol.UDP,
  udplite: Protocol.UDPLITE,
  icmp: Protocol.ICMP,
  icmpv6: Protocol.ICMPV6,
  sctp: Protocol.SCTP,
  gre: Protocol.GRE,
  generic: ANY,
};

interface Known {
  readonly number: number;
  readonly protocol: TimeoutProtocol;
}

/** The policies of one engine. */
export class TimeoutPolicies {
  readonly #engine: Engine;
  readonly #known = new Map<string, Known>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /**
   * Makes a policy, or replaces the timeouts of one: flows that have it keep it.
   * @throws ConntrackError CT_BAD_OPTION for unknown names, a bad number, another protocol, or too many policies
   */
  add(name: string, { protocol, timeouts }: TimeoutPolicy): void {
    const { call, layout } = this.#engine;
    const ids: Readonly<Record<string, Sysctl>> | undefined = TIMEOUTS[protocol];
    if (!ids)
      throw bad(name, `protocol: expected one of ${Object.keys(TIMEOUTS).join(" ")}, got ${protocol}`);
    const longest = Math.floor(0x7fffffff / layout.TICKS_PER_SECOND);
    for (const [state, seconds] of Object.entries(timeouts)) {
      if (!Object.hasOwn(ids, state)) throw bad(name, `${protocol} has no timeout ${state}`);
      if (!Number.isInteger(seconds) || seconds < 0 || seconds > longest) {
        throw bad(name, `${state}: expected a whole number from 0 to ${longest}, got ${seconds}`);
      }
    }
    const known = this.#known.get(name);
    if (known && known.protocol !== protocol) throw bad(name, `is one of ${known.protocol} already`);
    const number = known?.number ?? this.#known.size + 1;
    const made = call.resetTimeoutPolicy(number);
    this.#engine.placed++;
    this.#engine.refresh();
    if (!made) throw bad(name, `one too many: ${layout.TIMEOUT_POLICIES} fit`);
    for (const [state, seconds] of Object.entries(timeouts)) {
      call.setPolicyTimeout(number, ids[state] as Sysctl, seconds);
    }
    this.#known.set(name, { number, protocol });
  }

  /** Address of the template that gives a flow the policy. @throws ConntrackError CT_BAD_OPTION when there is none */
  template(name: string): number {
    const known = this.#known.get(name);
    if (!known) throw bad(name, "there is no such policy");
    return this.#engine.call.timeoutTemplate(known.number) >>> 0;
  }

  /** The number of the policy that a rule names, 0 when there is none for the protocol. */
  numberFor(name: string, protocol: number | undefined): number {
    const known = this.#known.get(name);
    return known && NUMBERS[known.protocol] === protocol ? known.number : 0;
  }

  /** All of them, with all timeouts of their protocols, in the order of their numbers. */
  save(): Record<string, TimeoutPolicy> {
    const timeoutsOf = ({ number, protocol }: Known) =>
      Object.entries<Sysctl>(TIMEOUTS[protocol]).map(([state, id]) => {
        return [state, this.#engine.call.policyTimeout(number, id) >>> 0] as const;
      });
    return Object.fromEntries(
      [...this.#known].map(([name, known]) => {
        return [name, { protocol: known.protocol, timeouts: Object.fromEntries(timeoutsOf(known)) }] as const;
      }),
    );
  }
}

function bad(name: string, what: string): ConntrackError {
  return new ConntrackError("CT_BAD_OPTION", `timeout policy ${name}: ${what}`);
}
