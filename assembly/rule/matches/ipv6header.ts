/** `-m ipv6header`: which extension headers a packet has. */
import { Packet } from "../../layout";
import { Ipv6HeaderBit, Ipv6headerRecord } from "../../shared/header-records";
import { MatchRecord } from "../../shared/match-record";
import { ExtensionHeader, Protocol } from "../../shared/protocol";
import { IPV6_HEADER } from "../../wire/header-size";
import { extensionLength, isExtension } from "../../wire/ipv6-extension";
import { outcome, Outcome } from "../outcome";
import { saw } from "../seen";
import { capturedBytes } from "../packet-bytes";

/** The headers cannot be told. */
const UNKNOWN: u32 = 0xffffffff;

export function matchIpv6header(at: usize, packet: Packet): Outcome {
  const found = headersOf(packet);
  saw(found, 0);
  if (found == UNKNOWN) return Outcome.FAILS;
  const wanted = <u32>load<u8>(at, Ipv6headerRecord.HEADERS);
  const inverted = load<u8>(at, MatchRecord.INVERTED) != 0;
  // Inverted and soft: none of them, where inverted alone means not exactly these.
  if (load<u8>(at, Ipv6headerRecord.SOFT)) return outcome((found & wanted) == (inverted ? 0 : wanted));
  return outcome((found == wanted) != inverted);
}

/** Ipv6HeaderBit set. */
function headersOf(packet: Packet): u32 {
  const captured = capturedBytes(packet);
  let found: u32 = 0;
  let header = <u32>load<u8>(packet.l3, 6);
  let offset = IPV6_HEADER;
  while (header != ExtensionHeader.NO_NEXT && (header == Protocol.ESP || isExtension(header))) {
    if (offset + 2 > captured) return offset > captured ? found | Ipv6HeaderBit.PROTOCOL : UNKNOWN;
    if (header == Protocol.ESP) return found | Ipv6HeaderBit.ESP;
    found |= bitOf(header);
    const at = <usize>packet.l3 + offset;
    const next = <u32>load<u8>(at);
    offset += extensionLength(header, at);
    header = next;
  }
  return found | (header == ExtensionHeader.NO_NEXT ? Ipv6HeaderBit.NONE : Ipv6HeaderBit.PROTOCOL);
}

function bitOf(header: u32): u32 {
  switch (header) {
    case ExtensionHeader.HOP_BY_HOP:
      return Ipv6HeaderBit.HOP_BY_HOP;
    case ExtensionHeader.ROUTING:
      return Ipv6HeaderBit.ROUTING;
    case ExtensionHeader.FRAGMENT:
      return Ipv6HeaderBit.FRAGMENT;
    case Protocol.AH:
      return Ipv6HeaderBit.AUTHENTICATION;
    default:
      return Ipv6HeaderBit.DESTINATION;
  }
}
