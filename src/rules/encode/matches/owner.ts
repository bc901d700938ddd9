import { OwnerCheck, OwnerRecord } from "../../../../assembly/shared/header-records.js";
import { MatchKind } from "../../../../assembly/shared/match-record.js";
import type { OwnerMatch } from "../../matches/owner.js";
import { badRule, type EncodeContext } from "../context.js";
import { matchRecord } from "../record.js";

export function encodeOwner(match: OwnerMatch, { image, rule }: EncodeContext): void {
  const { uid, gid, socketExists, supplementaryGroups } = match;
  if (supplementaryGroups) {
    throw badRule(rule, "owner: --suppl-groups is not supported, packets have one group");
  }
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
  image.u8(
    at + OwnerRecord.CHECKS,
    bits(() => true),
  );
  image.u32(at + OwnerRecord.UID_MIN, uid?.min ?? 0);
  image.u32(at + OwnerRecord.UID_MAX, uid?.max ?? 0);
  image.u32(at + OwnerRecord.GID_MIN, gid?.min ?? 0);
  image.u32(at + OwnerRecord.GID_MAX, gid?.max ?? 0);
}
