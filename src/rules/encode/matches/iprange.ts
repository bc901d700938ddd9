import { IprangeRecord } from "../../../../assembly/shared/header-records.js";
import { MatchKind } from "../../../../assembly/shared/match-record.js";
import type { IprangeMatch } from "../../matches/iprange.js";
import type { AddressBytes } from "../../values.js";
import type { EncodeContext } from "../context.js";
import { matchRecord } from "../record.js";

const HALF = 0xffffffffffffffffn;

export function encodeIprange({ source, destination }: IprangeMatch, { image }: EncodeContext): void {
  const inverted = Number(source?.invert ?? false) | (destination?.invert ? 2 : 0);
  const at = matchRecord(image, MatchKind.IPRANGE, IprangeRecord.SIZE, inverted);
  image.u8(at + IprangeRecord.CHECKS, (source ? 1 : 0) | (destination ? 2 : 0));
  const write = (to: number, address: AddressBytes) => {
    const number = addressNumber(address);
    image.u64(to, number >> 64n);
    image.u64(to + 8, number & HALF);
  };
  [source, destination].forEach((range, i) => {
    if (!range) return;
    const to = at + (i === 0 ? IprangeRecord.SOURCE : IprangeRecord.DESTINATION);
    write(to, range.min);
    write(to + 16, range.max);
  });
}

export function addressNumber(address: AddressBytes): bigint {
  return address.reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
}
