import type { FlowFacts, FlowView } from "./api.js";
import { AGREED, type Comparer, type Difference, differs, equal, near } from "./compare.js";
import { isHashDependent } from "./loose.js";
import type { NetlinkFlow } from "./recording.js";
import { canonicalTuple, tupleText } from "./tuple-text.js";

/** What the listing does not show: status bits, window scales and flags of TCP, tags of SCTP, helper, master ... */
export const compareFlows: Comparer = ({ scenario, step, conntrack }) => {
  if (!step.ctnl || step.ctnl.length === 0 || isHashDependent(scenario)) return AGREED;
  const flows = new Map<string, FlowView[]>();
  for (const flow of conntrack.flows()) {
    const name = tupleText(flow.protocolNumber, flow.original);
    const same = flows.get(name);
    if (same) same.push(flow);
    else flows.set(name, [flow]);
  }
  const found: Difference[] = [];
  for (const kernel of step.ctnl) {
    // null: it expired between the listing and the question
    if (!kernel) continue;
    const name = canonicalTuple(kernel.orig);
    const candidates = flows.get(name) ?? [];
    if (candidates.length === 0) found.push(...differs("flow", name, "no such flow"));
    else found.push(...compareNearest(name, kernel, candidates));
  }
  return found;
};

/**
 * Zones may hold flows with the same original tuple; those of one direction only show in the listing alone. Each of ours
 * is compared with one of the kernel's.
 */
function compareNearest(name: string, kernel: NetlinkFlow, candidates: FlowView[]): Difference[] {
  const compared = candidates.map((flow) => {
    const zone = Number(flow.zone !== (kernel.zone ?? 0));
    const differences = compareFlow(name, kernel, flow);
    return { flow, differences, distance: 2 * differences.length + zone };
  });
  const nearest = compared.reduce((best, one) => (one.distance < best.distance ? one : best));
  candidates.splice(candidates.indexOf(nearest.flow), 1);
  return nearest.differences;
}

function compareFlow(name: string, kernel: NetlinkFlow, flow: FlowView): Difference[] {
  const master = flow.master && tupleText(flow.master.protocolNumber, flow.master.original);
  const found = [
    ...compareFacts(kernel, flow),
    ...equal("mark", kernel.mark ?? 0, flow.mark),
    ...compareTcp(kernel, flow),
    ...compareSctp(kernel, flow),
    ...compareCounters(kernel, flow),
    ...equal("helper", kernel.helper, flow.helper),
    ...equal("master", kernel.master && canonicalTuple(kernel.master), master),
  ];
  return found.map((difference) => ({ ...difference, aspect: `${difference.aspect} of flow ${name}` }));
}

/** Reply tuple, status and seconds left, the same in listings and events. */
export function compareFacts(kernel: NetlinkFlow, ours: FlowFacts): Difference[] {
  return [
    ...equal("reply tuple", canonicalTuple(kernel.reply), tupleText(ours.protocolNumber, ours.reply)),
    ...equal("status", hex(kernel.status), hex(ours.status)),
    // no timeout: less than a second was left
    ...(near(kernel.timeout ?? 0, ours.timeout)
      ? AGREED
      : differs("timeout", kernel.timeout ?? 0, ours.timeout)),
  ];
}

export function compareTcp(kernel: NetlinkFlow, { tcp }: FlowFacts): Difference[] {
  if (!kernel.tcp) return AGREED;
  return [
    ...equal("tcp state", kernel.tcp.state, tcp?.state),
    ...(kernel.tcp.ws ? equal("tcp window scales", kernel.tcp.ws, tcp && [...tcp.scale]) : AGREED),
    ...(kernel.tcp.fl ? equal("tcp flags", kernel.tcp.fl.map(hex), tcp && [...tcp.flags].map(hex)) : AGREED),
  ];
}

export function compareSctp(kernel: NetlinkFlow, { sctp }: FlowFacts): Difference[] {
  if (!kernel.sctp) return AGREED;
  return [
    ...equal("sctp state", kernel.sctp.state, sctp?.state),
    ...(kernel.sctp.vtag ? equal("sctp tags", kernel.sctp.vtag, sctp && [...sctp.vtag]) : AGREED),
  ];
}

export function compareCounters(kernel: NetlinkFlow, { counters }: FlowFacts): Difference[] {
  const pair = (side: { packets: number | bigint; bytes: number | bigint } | undefined) =>
    side && [side.packets, side.bytes];
  return [
    ...equal("packets and bytes sent", kernel.acct_o, pair(counters?.original)),
    ...equal("packets and bytes answered", kernel.acct_r, pair(counters?.reply)),
  ];
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
