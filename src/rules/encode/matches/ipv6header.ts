import { Ipv6HeaderBit, Ipv6headerRecord } from "../../../../assembly/shared/header-records.js";
import { MatchKind } from "../../../../assembly/shared/match-record.js";
import type { Ipv6HeaderName, Ipv6headerMatch } from "../../matches/ipv6header.js";
import type { EncodeContext } from "../context.js";
import { matchRecord } from "../record.js";

const BITS: { readonly [N in Ipv6HeaderName]: Ipv6HeaderBit } = {
  "hop-by-hop": Ipv6HeaderBit.HOP_BY_HOP,
  dst: Ipv6HeaderBit.DESTINATION,
  route: Ipv6HeaderBit.ROUTING,
  frag: Ipv6HeaderBit.FRAGMENT,
  auth: Ipv6HeaderBit.AUTHENTICATION,
  esp: Ipv6HeaderBit.ESP,
  none: Ipv6HeaderBit.NONE,
  prot: Ipv6HeaderBit.PROTOCOL,
};

export function encodeIpv6header({ headers, soft, invert }: Ipv6headerMatch, { image }: EncodeContext): void {
  const at = matchRecord(image, MatchKind.IPV6HEADER, Ipv6headerRecord.SIZE, Number(invert));
  image.u8(
    at + Ipv6headerRecord.HEADERS,
    headers.reduce((bits, name) => bits | BITS[name], 0),
  );
  image.u8(at + Ipv6headerRecord.SOFT, Number(soft));
}
