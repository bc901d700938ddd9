import { AddrtypeDevice, AddrtypeRecord } from "../../../../assembly/shared/header-records.js";
import { MatchKind } from "../../../../assembly/shared/match-record.js";
import { ADDRESS_TYPES, type AddressType, type AddrtypeMatch } from "../../matches/addrtype.js";
import type { EncodeContext } from "../context.js";
import { matchRecord } from "../record.js";

const DEVICES = { in: AddrtypeDevice.IN, out: AddrtypeDevice.OUT } as const;

export function encodeAddrtype(match: AddrtypeMatch, { image }: EncodeContext): void {
  const { source, destination, limitInterface } = match;
  const inverted = Number(source?.invert ?? false) | (destination?.invert ? 2 : 0);
  const at = matchRecord(image, MatchKind.ADDRTYPE, AddrtypeRecord.SIZE, inverted);
  image.u16(at + AddrtypeRecord.SOURCE, typeBits(source?.types));
  image.u16(at + AddrtypeRecord.DESTINATION, typeBits(destination?.types));
  image.u8(at + AddrtypeRecord.DEVICE, limitInterface ? DEVICES[limitInterface] : AddrtypeDevice.ANY);
}

function typeBits(types: readonly AddressType[] = []): number {
  return types.reduce((bits, type) => bits | (1 << ADDRESS_TYPES.indexOf(type)), 0);
}
