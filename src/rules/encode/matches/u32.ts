import { U32Record, U32Step } from "../../../../assembly/shared/header-records.js";
import { MatchKind } from "../../../../assembly/shared/match-record.js";
import type { U32Match } from "../../matches/u32.js";
import type { EncodeContext } from "../context.js";
import { matchRecord } from "../record.js";

const STEPS = { "&": U32Step.AND, "<<": U32Step.LEFT, ">>": U32Step.RIGHT, "@": U32Step.AT } as const;

export function encodeU32({ tests, invert }: U32Match, { image }: EncodeContext): void {
  const words = tests.flatMap(({ start, steps, ranges }) => [
    start,
    steps.length,
    ranges.length,
    ...steps.flatMap(({ operation, number }) => [STEPS[operation], number]),
    ...ranges.flatMap(({ min, max }) => [min, max]),
  ]);
  const at = matchRecord(image, MatchKind.U32, U32Record.SIZE + 4 * words.length, Number(invert));
  image.u8(at + U32Record.COUNT, tests.length);
  words.forEach((word, i) => {
    image.u32(at + U32Record.TESTS + 4 * i, word);
  });
}
