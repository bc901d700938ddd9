/**
 * The PPTP call that a control connection's helper speaks of: its keys, and what else goes with it - the GRE flow of
 * the call, or the expectations of one. Which call that is, the flow's extension says: two ids, 0 before the first.
 */
import { Expectation, matchExpectation } from "./expectation";
import { Extension, extend } from "./flow-extension";
import { findFlow } from "./flow-table";
import { addGreKey, GreKey, removeGreKeys } from "./gre-keymap";
import { Flow, Flow6, Kind, Packet } from "./layout";
import { Direction } from "./shared/ct-state";
import { Family, Protocol } from "./shared/protocol";
import { flow6 } from "./tuple";
import { hashPacket } from "./tuple-hash";

/** A tuple to look for. */
const wanted = changetype<Packet>(memory.data(offsetof<Packet>(), 16));

/** Names the flow's call by its ends' ids, as numbers, and by the client's that the server knows. */
export function setGreCall(address: u32, clientId: u32, serverId: u32, outsideId: u32): void {
  const extension = extend(changetype<Flow>(address));
  if (!extension) return;
  extension.leadsGreCalls = 1;
  extension.greCall = (<u32>bswap<u16>(<u16>clientId)) | ((<u32>bswap<u16>(<u16>serverId)) << 16);
  extension.greOutside = bswap<u16>(<u16>outsideId);
}

/** Enters the call's keys. False when the flow has those of another call, or there is no room. */
export function addGreKeys(address: u32): bool {
  const flow = changetype<Flow>(address);
  const extension = changetype<Extension>(flow.extension);
  if (!flow.extension) return false;
  const client = extension.greCall & 0xffff;
  const outside = <u32>extension.greOutside;
  const server = extension.greCall >>> 16;
  if (extension.greKeys) {
    const key = changetype<GreKey>(extension.greKeys);
    if (key.sourceKey != server) return false;
    if (key.destinationKey == outside) return true;
    // Linux finds this out when it has come to the second key, and then takes both back.
    releaseGreKeys(extension);
    return false;
  }
  const first = addGreKey(sourceOf(flow.originalAddress), sinkOf(flow.originalAddress), client, server, 0);
  if (!first) return false;
  const both = addGreKey(sourceOf(flow.replyAddress), sinkOf(flow.replyAddress), server, outside, first);
  if (!both) removeGreKeys(first);
  extension.greKeys = both;
  return both != 0;
}

// @ts-ignore: decorator
@inline
function sourceOf(address: u64): u32 {
  return <u32>address;
}

// @ts-ignore: decorator
@inline
function sinkOf(address: u64): u32 {
  return <u32>(address >>> 32);
}

export function releaseGreKeys(extension: Extension): void {
  removeGreKeys(extension.greKeys);
  extension.greKeys = 0;
}

function lookForCall(flow: Flow, extension: Extension, direction: u32): void {
  const original = direction == Direction.ORIGINAL;
  wanted.family = <u8>Family.IPV4;
  wanted.protocol = <u8>Protocol.GRE;
  wanted.zone = flow.zone;
  wanted.address = original ? flow.originalAddress : flow.replyAddress;
  wanted.ports = original
    ? extension.greCall
    : (extension.greCall >>> 16) | ((<u32>extension.greOutside) << 16);
}

/** The GRE flow that has the call's tuple of that direction. */
export function greFlowOf(flow: Flow, extension: Extension, direction: u32): Flow | null {
  lookForCall(flow, extension, direction);
  return findFlow(hashPacket(wanted), wanted);
}

/** The expectation that the call's tuple of that direction would meet. */
export function greExpectationOf(flow: Flow, extension: Extension, direction: u32): Expectation | null {
  lookForCall(flow, extension, direction);
  return matchExpectation(wanted);
}

/** The expectation that an answer to the flow would meet. */
export function inverseExpectation(flow: Flow): Expectation | null {
  wanted.protocol = flow.protocol;
  wanted.zone = flow.zone;
  wanted.ports = flow.replyPorts;
  wanted.family = <u8>Family.IPV4;
  wanted.address = flow.replyAddress;
  if (flow.kind & Kind.IPV6) {
    wanted.family = <u8>Family.IPV6;
    memory.copy(
      changetype<usize>(wanted) + offsetof<Packet>("src0"),
      changetype<usize>(flow6(flow)) + offsetof<Flow6>("replySrc0"),
      32,
    );
  }
  return matchExpectation(wanted);
}
