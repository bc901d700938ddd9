import { ConnlabelRecord } from "../../../../assembly/shared/flow-records.js";
import { MatchKind } from "../../../../assembly/shared/match-record.js";
import type { ConnlabelMatch } from "../../matches/connlabel.js";
import type { EncodeContext } from "../context.js";
import { matchRecord } from "../record.js";

export function encodeConnlabel({ label, set, invert }: ConnlabelMatch, { image }: EncodeContext): void {
  const at = matchRecord(image, MatchKind.CONNLABEL, ConnlabelRecord.SIZE, Number(invert));
  image.u8(at + ConnlabelRecord.LABEL, label);
  image.u8(at + ConnlabelRecord.SET, Number(set));
}
