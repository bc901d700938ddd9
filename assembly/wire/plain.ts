/**
 * The frame that nearly every frame is, read with four comparisons: Ethernet or no link layer, IPv4 without options,
 * whole, no fragment, TCP or UDP. What is accepted here, parse.ts would read in the same way. (4 ns instead of 9.)
 */
import { Packet, Stage } from "../layout";
import { LinkType } from "../shared/link-type";
import { Family, Protocol } from "../shared/protocol";
import { fold, wordSum } from "./checksum";
import { ETHERNET_HEADER, IPV4_HEADER } from "./header-size";
import { RAW_IPV4 } from "./link";

const PORTS: u32 = 4;
const ETHERTYPE: usize = 12;
export const NO_PLAIN_LINK: u32 = 0xffffffff;

/** In the first eight bytes of the header: version and length, MF and fragment offset; and what they must be. */
const SHAPE: u64 = 0xff3f0000000000ff;
const PLAIN: u64 = 0x45;

/** Bytes before the IP header of a plain frame; NO_PLAIN_LINK where no frame is plain. */
// @ts-ignore: decorator
@inline
export function plainLinkHeader(link: u32): u32 {
  if (link == LinkType.ETHERNET) return ETHERNET_HEADER;
  return link == LinkType.RAW ? 0 : NO_PLAIN_LINK;
}

/**
 * Reads the packet, whose bytes are `captured` from `at` on, or leaves it alone: false.
 * @param header what plainLinkHeader() has said of its link
 */
// @ts-ignore: decorator
@inline
export function parsePlain(packet: Packet, at: usize, captured: u32, header: u32, verify: bool): bool {
  if (captured < ETHERNET_HEADER + IPV4_HEADER + PORTS) return false;
  if (header && load<u16>(at, ETHERTYPE) != RAW_IPV4) return false;
  at += header;
  captured -= header;
  const head = load<u64>(at);
  const total = <u32>bswap<u16>(<u16>(head >>> 16));
  // A difference below 0 sets the upper bit.
  const short = ((captured - total) | (total - (IPV4_HEADER + PORTS))) >>> 31;
  if (((head & SHAPE) ^ PLAIN) | short) return false;
  const protocol = <u32>load<u8>(at, 9);
  if (protocol != Protocol.TCP && protocol != Protocol.UDP) return false;
  if (verify && !headerSumHolds(at, head)) return false;
  const kind = protocol | (Family.IPV4 << 8) | (Stage.TUPLE << 16);
  store<u64>(
    changetype<usize>(packet),
    (<u64>load<u32>(at, IPV4_HEADER)) | ((<u64>kind) << 32),
    offsetof<Packet>("ports"),
  );
  packet.address = load<u64>(at, 12);
  packet.l3 = <u32>at;
  packet.l3Length = total;
  packet.l4 = <u32>at + IPV4_HEADER;
  packet.l4Length = total - IPV4_HEADER;
  packet.l4Captured = total - IPV4_HEADER;
  return true;
}

/** IPV4_HEADER bytes written out: a call would cost those packets, too, whose checksum nobody asks for. */
// @ts-ignore: decorator
@inline
function headerSumHolds(at: usize, head: u64): bool {
  return fold(wordSum(head) + wordSum(load<u64>(at, 8)) + <u64>load<u32>(at, 16)) == 0xffff;
}

if (offsetof<Packet>("cut") != offsetof<Packet>("protocol") + 3) ERROR("parsePlain");
if (offsetof<Packet>("protocol") != offsetof<Packet>("ports") + 4) ERROR("parsePlain");
