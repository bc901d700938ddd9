/**
 * Translation at a hook: the first packet of a flow meets the nat table, which decides once for the source and once for
 * the destination; every packet is rewritten as its flow says.
 */
import { bind, isUndecided } from "../nat/bind";
import { NatRange } from "../nat/range";
import { translate } from "../nat/translate";
import { translateError } from "../nat/translate-error";
import { Flow, Packet, Stage } from "../layout";
import { decidingTarget, runTable, tableMatters } from "../rule/run";
import { CtState, Hook } from "../shared/ct-state";
import { Manip } from "../shared/nat";
import { Protocol } from "../shared/protocol";
import { Reason } from "../shared/reason";
import { RuleVerdict } from "../shared/rule-verdict";
import { hasNat } from "../source-index";
import { Table, TABLE_BITS } from "../shared/table";
import { TargetRecord } from "../shared/target-record";

/** Destinations are translated before routing, sources after it. */
// @ts-ignore: decorator
@inline
function manipAt(hook: u32): Manip {
  return hook == Hook.PREROUTING || hook == Hook.OUTPUT ? Manip.DESTINATION : Manip.SOURCE;
}

/** False: the packet is to be dropped. */
// @ts-ignore: decorator
@inline
export function translateAt(packet: Packet): bool {
  if (!packet.flow || !hasNat(packet.family)) return true;
  return translateFlow(packet, changetype<Flow>(packet.flow), manipAt(packet.at));
}

function translateFlow(packet: Packet, flow: Flow, manip: Manip): bool {
  if (packet.stage != Stage.TUPLE && isIcmp(packet)) return translateError(packet, flow, manip);
  const opens = packet.ctState == CtState.NEW || packet.ctState == CtState.RELATED;
  if (opens && isUndecided(flow, manip) && !decide(packet, flow, manip)) return false;
  return translate(packet, flow, manip);
}

/** What the nat table says, or to leave the packet as it is, if that is possible. */
function decide(packet: Packet, flow: Flow, manip: Manip): bool {
  const rule = packet.rule;
  const table = packet.table;
  const asked = tableMatters(Table.NAT, packet.family, packet.at);
  const verdict = asked ? runTable(Table.NAT, packet) : RuleVerdict.ACCEPT;
  if (verdict == RuleVerdict.DROP) {
    packet.reason = <u8>Reason.RULE;
    packet.table |= packet.at << (<u8>TABLE_BITS);
    return false;
  }
  // Of a packet that passes, the filter table decides.
  packet.rule = rule;
  packet.table = table;
  const range = verdict == RuleVerdict.NAT ? decidingTarget() + TargetRecord.SIZE : 0;
  return bind(flow, packet, range ? changetype<NatRange>(range) : null, manip);
}

function isIcmp(packet: Packet): bool {
  return packet.protocol == Protocol.ICMP || packet.protocol == Protocol.ICMPV6;
}
