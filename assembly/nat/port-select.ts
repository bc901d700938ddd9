/** Which port, ICMP id or GRE key a translated flow gets when it cannot keep its own. */
import { destroyFlow } from "../lifecycle";
import { Extension } from "../flow-extension";
import { Flow } from "../layout";
import { Direction } from "../shared/ct-state";
import { Manip, NatFlag } from "../shared/nat";
import { Protocol } from "../shared/protocol";
import { Status } from "../shared/status";
import { TcpState } from "../shared/tcp-state";
import { peerOf, stateOf, TcpFlow } from "../tracker/tcp-flow";
import { foundDirection } from "../flow-table";
import { NatRange } from "./range";
import { randomNumber } from "../random";
import { holder, isTaken, key, setKey } from "./reply";

/** So many numbers are tried in a row, then half as many elsewhere, and so on down to the least. */
const MOST_TRIES: u32 = 128;
const LEAST_TRIES: u32 = 16;
/** The last so many tries for a SYN may end a connection that is closing. */
const HARD_TRIES: u32 = 32;

/** A system port is translated to one of its class (RFC 4787 section 3.2.1 asks for as much). */
const SYSTEM_PORTS: u32 = 1024;
const LOW_SYSTEM_PORTS: u32 = 512;
const FIRST_HIGH_SYSTEM_PORT: u32 = 600;

export function isPortProtocol(protocol: u32): bool {
  return (
    protocol == Protocol.TCP ||
    protocol == Protocol.UDP ||
    protocol == Protocol.SCTP ||
    protocol == Protocol.UDPLITE
  );
}

function isIcmp(protocol: u32): bool {
  return protocol == Protocol.ICMP || protocol == Protocol.ICMPV6;
}

/** Whether the key lies in the range's ports; what has no key lies in any. */
export function keyInRange(range: NatRange, protocol: u32, manip: Manip): bool {
  if (!isPortProtocol(protocol) && !isIcmp(protocol) && protocol != Protocol.GRE) return true;
  const number = key(manip);
  return number >= range.minPort && number <= range.maxPort;
}

/**
 * Leaves a key in the reply tuple that makes it a free one. False when there is no choice, or none is found: then it is
 * the last that was tried.
 */
export function choosePort(flow: Flow, range: NatRange, manip: Manip): bool {
  const protocol = <u32>flow.protocol;
  const old = key(manip);
  const given = (range.flags & NatFlag.PORTS) != 0;
  let first = <u32>range.minPort;
  let last = <u32>range.maxPort;
  if (first > last) {
    first = last;
    last = range.minPort;
  }
  if (isPortProtocol(protocol)) {
    if (!given) {
      // What a connection goes to is not to be changed without being asked.
      if (manip == Manip.DESTINATION) return false;
      first = firstOfClass(old);
      last = lastOfClass(old);
    }
  } else if (isIcmp(protocol)) {
    if (!given) {
      first = 0;
      last = 0xffff;
    }
  } else if (protocol == Protocol.GRE && hasMaster(flow)) {
    if (!given) {
      first = 1;
      last = 0xffff;
    }
  } else {
    return false;
  }
  return search(flow, manip, first, last - first + 1, firstOffset(range, manip, old));
}

function firstOfClass(port: u32): u32 {
  if (port >= SYSTEM_PORTS) return SYSTEM_PORTS;
  return port < LOW_SYSTEM_PORTS ? 1 : FIRST_HIGH_SYSTEM_PORT;
}

function lastOfClass(port: u32): u32 {
  if (port >= SYSTEM_PORTS) return 0xffff;
  return port < LOW_SYSTEM_PORTS ? LOW_SYSTEM_PORTS - 1 : SYSTEM_PORTS - 1;
}

function hasMaster(flow: Flow): bool {
  return flow.extension != 0 && changetype<Extension>(flow.extension).master != 0;
}

function firstOffset(range: NatRange, manip: Manip, old: u32): u32 {
  if (range.flags & NatFlag.OFFSET) return (old - range.basePort) & 0xffff;
  if (range.flags & NatFlag.RANDOM || manip == Manip.SOURCE) return randomNumber() & 0xffff;
  return 0;
}

function search(flow: Flow, manip: Manip, first: u32, size: u32, offset: u32): bool {
  let tries = min(size, MOST_TRIES);
  while (true) {
    for (let left = tries; left > 0; left--) {
      setKey(manip, first + (offset % size));
      if (!isTakenFor(flow, left)) return true;
      offset++;
    }
    if (tries >= size || tries < LEAST_TRIES) return false;
    tries >>>= 1;
    offset = randomNumber() & 0xffff;
  }
}

/** The last tries of a SYN take over the tuple of a translated connection that is as good as closed. */
function isTakenFor(flow: Flow, triesLeft: u32): bool {
  if (triesLeft > HARD_TRIES || flow.protocol != Protocol.TCP) return isTaken(flow);
  const tcp = changetype<TcpFlow>(flow);
  if (stateOf(tcp) != TcpState.SYN_SENT) return isTaken(flow);
  const other = holder(flow);
  if (!other) return false;
  if (foundDirection() != Direction.REPLY || !mayGo(other)) return true;
  const advanced =
    peerOf(tcp, Direction.ORIGINAL).end - peerOf(changetype<TcpFlow>(other), Direction.ORIGINAL).end;
  if (<i32>advanced <= 0) return true;
  destroyFlow(other);
  return false;
}

function mayGo(other: Flow): bool {
  if (!(other.status & Status.SRC_NAT) || other.status & Status.FIXED_TIMEOUT) return false;
  return stateOf(changetype<TcpFlow>(other)) >= <u32>TcpState.TIME_WAIT;
}
