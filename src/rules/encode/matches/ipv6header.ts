import { Ipv6headerRecord } from "../../../../assembly/shared/header-records.js";
import { MatchKind } from "../../../../assembly/shared/match-record.js";
import { IPV6_HEADER_BITS, type Ipv6headerMatch } from "../../matches/ipv6header.js";
import type { EncodeContext } from "../context.js";
import { matchRecord } from "../record.js";

export function encodeIpv6header({ headers, soft, invert }: Ipv6headerMatch, { image }: EncodeContext): void {
  const at = matchRecord(image, MatchKind.IPV6HEADER, Ipv6headerRecord.SIZE, Number(invert));
  image.u8(
    at + Ipv6headerRecord.HEADERS,
    headers.reduce((bits, name) => bits | IPV6_HEADER_BITS[name], 0),
  );
  image.u8(at + Ipv6headerRecord.SOFT, Number(soft));
}
