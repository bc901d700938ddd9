import { HelperRecord } from "../../../../assembly/shared/flow-records.js";
import { MatchKind } from "../../../../assembly/shared/match-record.js";
import type { HelperMatch } from "../../matches/helper.js";
import type { EncodeContext } from "../context.js";
import { matchRecord } from "../record.js";

const NAME_BYTES = 16;

export function encodeHelper({ helper, invert }: HelperMatch, { image }: EncodeContext): void {
  const at = matchRecord(image, MatchKind.HELPER, HelperRecord.SIZE, Number(invert));
  image.bytes(at + HelperRecord.NAME, new TextEncoder().encode(helper).subarray(0, NAME_BYTES));
}
