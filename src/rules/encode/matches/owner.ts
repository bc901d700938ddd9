import { OwnerCheck, OwnerRecord } from "../../../../assembly/shared/header-records.js";
import { MatchKind } from "../../../../assembly/shared/match-record.js";
import type { OwnerMatch } from "../../matches/owner.js";
import type { EncodeContext } from "../context.js";
import { matchRecord } from "../record.js";

export function encodeOwner(match: OwnerMatch, { image }: EncodeContext): void {
  const { uid, gid, socketExists, supplementaryGroups } = match;
  const bits = (test: (condition: { readonly invert: boolean }) => boolean) =>
    (uid && test(uid) ? OwnerCheck.UID : 0) |
    (gid && test(gid) ? OwnerCheck.GID : 0) |
    (socketExists && test(socketExists) ? OwnerCheck.SOCKET : 0);
  const at = matchRecord(
    image,
    MatchKind.OWNER,
    OwnerRecord.SIZE,
    bits(({ invert }) => invert),
  );
  image.u8(at + OwnerRecord.CHECKS, bits(() => true) | (supplementaryGroups ? OwnerCheck.GROUPS : 0));
  image.u32(at + OwnerRecord.UID_MIN, uid?.min ?? 0);
  image.u32(at + OwnerRecord.UID_MAX, uid?.max ?? 0);
  image.u32(at + OwnerRecord.GID_MIN, gid?.min ?? 0);
  image.u32(at + OwnerRecord.GID_MAX, gid?.max ?? 0);
}
