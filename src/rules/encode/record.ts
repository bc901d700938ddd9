/** Records of matches and targets, one behind the other. */
import { type MatchKind, MatchRecord } from "../../../assembly/shared/match-record.js";
import { type TargetKind, TargetRecord } from "../../../assembly/shared/target-record.js";
import type { ProgramImage } from "./image.js";

const RECORD_ALIGNMENT = 8;

/** The record of a match, with what all have written. Returns its offset. */
export function matchRecord(image: ProgramImage, kind: MatchKind, size: number, inverted = 0): number {
  const length = Math.ceil(size / RECORD_ALIGNMENT) * RECORD_ALIGNMENT;
  const at = image.reserve(length, RECORD_ALIGNMENT);
  image.u8(at + MatchRecord.KIND, kind);
  image.u8(at + MatchRecord.INVERTED, inverted);
  image.u16(at + MatchRecord.LENGTH, length);
  return at;
}

/** The record of a target. Returns its offset. */
export function targetRecord(image: ProgramImage, kind: TargetKind, size: number): number {
  const at = image.reserve(size, RECORD_ALIGNMENT);
  image.u8(at + TargetRecord.KIND, kind);
  return at;
}
