/** The machine's own addresses that MASQUERADE and REDIRECT give to packets: of two words each, 0 for none. */
import { nextOwnAddress, Route, routeTo } from "../device";
import { Family } from "../shared/protocol";
import { reply } from "./reply";

const loopback4: usize = memory.data<u64>([0x0100007f, 0], 8);
const loopback6: usize = memory.data<u64>([0, 0x0100000000000000], 8);

const HOST_NETWORK: u64 = 127;
const LINK_LOCAL_MASK: u64 = 0xc0ff;
const LINK_LOCAL: u64 = 0x80fe;

function addressOf(route: Route | null): usize {
  return route ? changetype<usize>(route) + offsetof<Route>("to0") : 0;
}

/** For REDIRECT of what this machine sends. */
export function loopback(family: u32): usize {
  return family == Family.IPV6 ? loopback6 : loopback4;
}

/** For REDIRECT of what arrives: the device's first IPv4 address, or an IPv6 one of the scope of the destination. */
export function addressOfDevice(device: u32, family: u32): usize {
  let found: Route | null = null;
  for (let own = nextOwnAddress(null); own; own = nextOwnAddress(own)) {
    if (own.device != device || own.family != family) continue;
    if (family == Family.IPV4) return addressOf(own);
    // Linux lists a device's IPv6 addresses by scope, and newer ones first.
    if (isLinkLocal(reply.src0)) {
      if (isLinkLocal(own.to0)) found = own;
    } else if (!found || !isLinkLocal(own.to0)) {
      found = own;
    }
  }
  return addressOf(found);
}

function isLinkLocal(word0: u64): bool {
  return (word0 & LINK_LOCAL_MASK) == LINK_LOCAL;
}

/** For MASQUERADE: the address with which this machine would speak to where the packet goes, through the device. */
export function sourceFor(family: u32, device: u32): usize {
  return family == Family.IPV6 ? source6(device) : source4(device);
}

/** The route's, or the device's first; a device without one borrows another's. */
function source4(device: u32): usize {
  const route = routeTo(Family.IPV4, reply.address & 0xffffffff, 0);
  if (route && route.device == device && route.source0 != 0 && (route.source0 & 0xff) != HOST_NETWORK) {
    return changetype<usize>(route) + offsetof<Route>("source0");
  }
  let other: Route | null = null;
  for (let own = nextOwnAddress(null); own; own = nextOwnAddress(own)) {
    if (own.family != Family.IPV4 || (own.to0 & 0xff) == HOST_NETWORK) continue;
    if (own.device == device) return addressOf(own);
    if (!other) other = own;
  }
  return addressOf(other);
}

/** RFC 6724 section 5: the destination itself, its scope, the device, the longest common prefix. */
function source6(device: u32): usize {
  let best: Route | null = null;
  let highest: u32 = 0;
  for (let own = nextOwnAddress(null); own; own = nextOwnAddress(own)) {
    if (own.family != Family.IPV6) continue;
    const score = fitness(own, device);
    // Of equals Linux takes the newer one.
    if (score < highest) continue;
    best = own;
    highest = score;
  }
  return highest ? addressOf(best) : 0;
}

/** 0: not to be used at all. */
function fitness(own: Route, device: u32): u32 {
  const difference0 = bswap<u64>(own.to0 ^ reply.src0);
  const difference1 = bswap<u64>(own.to1 ^ reply.src1);
  const common = difference0 ? clz(difference0) : 64 + clz(difference1);
  const narrow = isNarrow(own.to0, own.to1);
  const wanted = isNarrow(reply.src0, reply.src1);
  if (wanted && own.device != device) return 0;
  const equal: u32 = common == 128 ? 1 : 0;
  const scope: u32 = narrow == wanted ? 1 : 0;
  const near: u32 = own.device == device ? 1 : 0;
  return (equal << 31) | (scope << 30) | (near << 29) | (<u32>common + 1);
}

/** Link-local or loopback. */
function isNarrow(word0: u64, word1: u64): bool {
  return isLinkLocal(word0) || (word0 == 0 && word1 == load<u64>(loopback6, 8));
}
