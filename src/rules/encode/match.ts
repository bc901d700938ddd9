/** Which match is encoded how. */
import type { Match } from "../matches/index.js";
import { badRule, type EncodeContext } from "./context.js";
import { encodeConntrack } from "./matches/conntrack.js";
import { encodeIcmp } from "./matches/icmp.js";
import { encodeConnmark, encodeMark } from "./matches/mark.js";
import { encodeState } from "./matches/state.js";
import { encodeTcp } from "./matches/tcp.js";
import { encodeUdp } from "./matches/udp.js";

type Encoders = { readonly [N in Match["name"]]?: (match: never, context: EncodeContext) => void };

const ENCODERS: Encoders = {
  comment: () => {},
  connmark: encodeConnmark,
  conntrack: encodeConntrack,
  icmp: encodeIcmp,
  icmp6: encodeIcmp,
  mark: encodeMark,
  state: encodeState,
  tcp: encodeTcp,
  udp: encodeUdp,
};

export function encodeMatch(match: Match, context: EncodeContext): void {
  const encode = ENCODERS[match.name] as ((match: Match, context: EncodeContext) => void) | undefined;
  if (!encode) throw badRule(context.rule, `match "${match.name}" is not supported`);
  encode(match, context);
}
