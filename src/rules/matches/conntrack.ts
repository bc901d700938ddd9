import type { CtState, Direction } from "../../../assembly/shared/ct-state.js";
import { Status } from "../../../assembly/shared/status.js";
import { extension } from "../extension.js";
import type { Reader } from "../option.js";
import { type Given, type GivenOption, invertible, option } from "../option.js";
import { given, printHostOrNetwork, printRange, words } from "../printers.js";
import { abbreviatedList, portRange, protocol, range, readNetwork, U32_MAX } from "../readers.js";
import { badArgument } from "../rule-error.js";
import { list, protocolText } from "../sight.js";
import type { Inverted, Network, Range } from "../values.js";

export type ConntrackStateName = keyof typeof CtState | "SNAT" | "DNAT";
export type ConntrackStatusName = "EXPECTED" | "SEEN_REPLY" | "ASSURED" | "CONFIRMED";

export interface ConntrackMatch {
  readonly name: "conntrack";
  /** Any of these; in canonical order. */
  readonly states?: Inverted<{ readonly any: readonly ConntrackStateName[] }>;
  readonly protocol?: Inverted<{ readonly number: number }>;
  /** As written: bits outside the mask do not count. */
  readonly originalSource?: Inverted<Network>;
  readonly originalDestination?: Inverted<Network>;
  readonly replySource?: Inverted<Network>;
  readonly replyDestination?: Inverted<Network>;
  readonly originalSourcePort?: Inverted<Range>;
  readonly originalDestinationPort?: Inverted<Range>;
  readonly replySourcePort?: Inverted<Range>;
  readonly replyDestinationPort?: Inverted<Range>;
  /** Any of these; empty for NONE. */
  readonly status?: Inverted<{ readonly any: readonly ConntrackStatusName[] }>;
  /** Remaining seconds. */
  readonly expire?: Inverted<Range>;
  readonly direction?: keyof typeof Direction;
}

const STATES = ["INVALID", "NEW", "RELATED", "ESTABLISHED", "UNTRACKED", "SNAT", "DNAT"] as const;
const STATUS = ["EXPECTED", "SEEN_REPLY", "ASSURED", "CONFIRMED"] as const;
const DIRECTIONS = ["ORIGINAL", "REPLY"] as const;

const direction: Reader<(typeof DIRECTIONS)[number]> = (word) => {
  const found = DIRECTIONS.find((one) => one === word.text.toUpperCase());
  if (!found) throw badArgument(word, DIRECTIONS.join(" or "));
  return found;
};

const network: Reader<Network> = (word, { family }) => readNetwork(word, family);

const options = {
  ctstate: invertible(abbreviatedList(...STATES)),
  ctproto: invertible(protocol),
  ctorigsrc: invertible(network),
  ctorigdst: invertible(network),
  ctreplsrc: invertible(network),
  ctrepldst: invertible(network),
  ctorigsrcport: invertible(portRange()),
  ctorigdstport: invertible(portRange()),
  ctreplsrcport: invertible(portRange()),
  ctrepldstport: invertible(portRange()),
  ctstatus: invertible(abbreviatedList("NONE", ...STATUS)),
  ctexpire: invertible(range(U32_MAX)),
  ctdir: option(direction),
};

/** The fields that options set, in the order in which they are printed. */
const ADDRESSES = [
  ["ctorigsrc", "originalSource"],
  ["ctorigdst", "originalDestination"],
  ["ctreplsrc", "replySource"],
  ["ctrepldst", "replyDestination"],
] as const;
const PORTS = [
  ["ctorigsrcport", "originalSourcePort"],
  ["ctorigdstport", "originalDestinationPort"],
  ["ctreplsrcport", "replySourcePort"],
  ["ctrepldstport", "replyDestinationPort"],
] as const;

function fields(given: Given<typeof options>, names: readonly (readonly [keyof typeof options, string])[]) {
  return Object.fromEntries(
    names.flatMap(([option, field]) => {
      const one = given[option] as GivenOption<object> | undefined;
      return one ? [[field, { ...one.value, invert: one.invert }]] : [];
    }),
  );
}

export const conntrack = extension<ConntrackMatch, typeof options>({
  name: "conntrack",
  options,
  required: [Object.keys(options) as (keyof typeof options)[]],

  build(given) {
    const { ctstate, ctproto, ctstatus, ctexpire, ctdir } = given;
    return {
      name: "conntrack",
      ...(ctstate && { states: { any: ctstate.value, invert: ctstate.invert } }),
      ...(ctproto && { protocol: { number: ctproto.value, invert: ctproto.invert } }),
      ...fields(given, ADDRESSES),
      ...fields(given, PORTS),
      ...(ctstatus && {
        status: { any: STATUS.filter((one) => ctstatus.value.includes(one)), invert: ctstatus.invert },
      }),
      ...(ctexpire && { expire: { ...ctexpire.value, invert: ctexpire.invert } }),
      ...(ctdir && { direction: ctdir.value }),
    };
  },

  seen(match, { fields: { ctState, direction, flow } }) {
    const status = flow?.status ?? 0;
    const nat = [status & Status.SRC_NAT && "SNAT", status & Status.DST_NAT && "DNAT"];
    const states = [ctState, ...nat].filter(Boolean).join(",");
    if (!flow)
      return list(match.states && `ct state ${states}`, Object.keys(match).length > 2 && "no connection");
    const set = STATUS.filter((name) => status & Status[name]);
    const { original, reply } = flow;
    return list(
      match.states && `ct state ${states}`,
      match.protocol && protocolText(flow.protocol),
      match.originalSource && `original source ${original.src}`,
      match.originalDestination && `original destination ${original.dst}`,
      match.replySource && `reply source ${reply.src}`,
      match.replyDestination && `reply destination ${reply.dst}`,
      match.originalSourcePort && `original source port ${original.sport ?? "none"}`,
      match.originalDestinationPort && `original destination port ${original.dport ?? "none"}`,
      match.replySourcePort && `reply source port ${reply.sport ?? "none"}`,
      match.replyDestinationPort && `reply destination port ${reply.dport ?? "none"}`,
      match.status && `status ${set.join(",") || "NONE"}`,
      match.expire && `${status & Status.CONFIRMED ? flow.timeout : 0} s left`,
      match.direction && `direction ${direction}`,
    );
  },

  print(match) {
    return words(
      given("--ctstate", match.states, ({ any }) => any.join(",")),
      given("--ctproto", match.protocol, ({ number }) => number),
      ...ADDRESSES.map(([option, field]) => given(`--${option}`, match[field], printHostOrNetwork)),
      ...PORTS.map(([option, field]) => given(`--${option}`, match[field], printRange)),
      given("--ctstatus", match.status, ({ any }) => any.join(",") || "NONE"),
      given("--ctexpire", match.expire, printRange),
      match.direction && `--ctdir ${match.direction}`,
    );
  },
});
