import { MultiportRecord, PortCheck } from "../../../../assembly/shared/header-records.js";
import { MatchKind } from "../../../../assembly/shared/match-record.js";
import type { MultiportMatch } from "../../matches/multiport.js";
import type { EncodeContext } from "../context.js";
import { matchRecord } from "../record.js";
import { writeRange } from "./ports.js";

const PORTS = {
  source: PortCheck.SOURCE,
  destination: PortCheck.DESTINATION,
  either: PortCheck.SOURCE | PortCheck.DESTINATION,
} as const;

export function encodeMultiport({ ports, ranges, invert }: MultiportMatch, { image }: EncodeContext): void {
  const size = MultiportRecord.SIZE + 4 * ranges.length;
  const at = matchRecord(image, MatchKind.MULTIPORT, size, Number(invert));
  image.u8(at + MultiportRecord.PORTS, PORTS[ports]);
  image.u8(at + MultiportRecord.COUNT, ranges.length);
  ranges.forEach((range, i) => {
    writeRange(image, at + MultiportRecord.RANGES + 4 * i, range);
  });
}
