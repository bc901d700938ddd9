/**
 * Translation at a hook: the first packet of a flow meets the nat table, which decides once for the source and once for
 * the destination; every packet is rewritten as its flow says.
 */
import { bind } from "../nat/bind";
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
import { Status } from "../shared/status";
import { Table } from "../shared/table";
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
  if (!packet.flow || !tableMatters(Table.NAT, packet.family, packet.at)) return true;
  return translateFlow(packet, changetype<Flow>(packet.flow), manipAt(packet.at));
}

function translateFlow(packet: Packet, flow: Flow, manip: Manip): bool {
  if (packet.stage != Stage.TUPLE && isIcmp(packet))
    return translateError(packet, flow, manip) || fail(packet);
  const done = manip == Manip.SOURCE ? Status.SRC_NAT_DONE : Status.DST_NAT_DONE;
  const opens = packet.ctState == CtState.NEW || packet.ctState == CtState.RELATED;
  if (opens && !(flow.status & done) && !decide(packet, flow, manip)) return fail(packet);
  return translate(packet, flow, manip) || fail(packet);
}

/** What the nat table says, or to leave the packet as it is, if that is possible. */
function decide(packet: Packet, flow: Flow, manip: Manip): bool {
  const verdict = runTable(Table.NAT, packet);
  if (verdict == RuleVerdict.DROP) return false;
  return bind(
    flow,
    packet,
    verdict == RuleVerdict.NAT ? changetype<NatRange>(decidingTarget() + TargetRecord.SIZE) : null,
    manip,
  );
}

function isIcmp(packet: Packet): bool {
  return packet.protocol == Protocol.ICMP || packet.protocol == Protocol.ICMPV6;
}

function fail(packet: Packet): bool {
  if (packet.reason == Reason.NONE) packet.reason = <u8>Reason.NAT_FAILED;
  return false;
}
