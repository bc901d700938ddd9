import { ChunkRule, PortCheck, SctpRecord } from "../../../../assembly/shared/header-records.js";
import { MatchKind } from "../../../../assembly/shared/match-record.js";
import type { SctpChunk, SctpMatch } from "../../matches/sctp.js";
import type { EncodeContext } from "../context.js";
import { matchRecord } from "../record.js";
import { invertedPorts, writePorts } from "./ports.js";

const ALL_TYPES: readonly SctpChunk[] = Array.from({ length: 256 }, (_, type) => ({ type }));
const RULES = { all: ChunkRule.ALL, any: ChunkRule.ANY, only: ChunkRule.ONLY } as const;

export function encodeSctp(match: SctpMatch, { image }: EncodeContext): void {
  const { chunks } = match;
  const listed = chunks?.types === "all" ? ALL_TYPES : (chunks?.types ?? []);
  const withFlags = listed.filter(({ flags }) => flags);
  const size = SctpRecord.SIZE + SctpRecord.FLAG_SIZE * withFlags.length;
  const inverted = invertedPorts(match) | (chunks?.invert ? PortCheck.FLAGS : 0);
  const at = matchRecord(image, MatchKind.SCTP, size, inverted);
  writePorts(image, at, match);
  if (!chunks) return;
  image.u8(at + SctpRecord.RULE, RULES[chunks.match]);
  image.u8(at + SctpRecord.FLAG_COUNT, withFlags.length);
  const types = new Uint8Array(32);
  for (const { type } of listed) types[type >> 3]! |= 1 << (type & 7);
  image.bytes(at + SctpRecord.TYPES, types);
  withFlags.forEach(({ type, flags }, i) => {
    const to = at + SctpRecord.FLAGS + SctpRecord.FLAG_SIZE * i;
    image.bytes(to, [type, flags!.mask, flags!.value]);
  });
}
