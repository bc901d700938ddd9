import { PacketType, PkttypeRecord } from "../../../../assembly/shared/header-records.js";
import { MatchKind } from "../../../../assembly/shared/match-record.js";
import type { PkttypeMatch } from "../../matches/pkttype.js";
import type { EncodeContext } from "../context.js";
import { matchRecord } from "../record.js";

const TYPES: { readonly [T in PkttypeMatch["type"]]: PacketType } = {
  unicast: PacketType.UNICAST,
  broadcast: PacketType.BROADCAST,
  multicast: PacketType.MULTICAST,
  otherhost: PacketType.OTHER_HOST,
};

export function encodePkttype({ type, invert }: PkttypeMatch, { image }: EncodeContext): void {
  const at = matchRecord(image, MatchKind.PKTTYPE, PkttypeRecord.SIZE, Number(invert));
  image.u8(at + PkttypeRecord.TYPE, TYPES[type]);
}
