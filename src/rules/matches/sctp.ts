import { Protocol } from "../../../assembly/shared/protocol.js";
import { splitWord, type Word } from "../../text/source.js";
import { extension } from "../extension.js";
import { invertible, option, type Reader } from "../option.js";
import { given, printRange, words } from "../printers.js";
import { ascending, portRange } from "../readers.js";
import { badArgument, named, ruleError } from "../rule-error.js";
import { CHUNK_FLAGS, SCTP_CHUNKS } from "../sctp-chunks.js";
import { list, type Sight } from "../sight.js";
import type { Inverted, Masked, Range } from "../values.js";

export interface SctpChunk {
  /** Chunk type, 0 to 255. */
  readonly type: number;
  /** Holds when (chunk flags & mask) === value. */
  readonly flags?: Masked;
}

export interface SctpMatch {
  readonly name: "sctp";
  readonly sourcePort?: Inverted<Range>;
  readonly destinationPort?: Inverted<Range>;
  readonly chunks?: Inverted<{
    readonly match: "all" | "any" | "only";
    /** "all": all 256 types. */
    readonly types: readonly SctpChunk[] | "all";
  }>;
}

const MATCH_TYPES = ["all", "any", "only"] as const;
type Chunks = NonNullable<SctpMatch["chunks"]>;

/** NAME or NAME:FLAGS; a capital letter asks for a flag, a small one for its absence. */
function readChunk(word: Word): SctpChunk {
  const [name = word, flags] = splitWord(word, ":");
  const found = SCTP_CHUNKS.find((one) => one.name === name.text.toUpperCase());
  if (!found)
    throw ruleError(name, `${named(name.text)} is no chunk of SCTP`, "a name such as DATA or INIT_ACK");
  if (!flags || flags.text === "") return { type: found.type };
  const bits = { value: 0, mask: 0 };
  for (const letter of flags.text) {
    const bit = CHUNK_FLAGS.get(found.type)?.get(letter.toUpperCase());
    if (bit === undefined) throw ruleError(flags, `${found.name} has no flag ${named(letter)}`);
    bits.mask |= bit;
    if (letter === letter.toUpperCase()) bits.value |= bit;
  }
  return { type: found.type, flags: bits };
}

/** Flags that are given for one chunk several times add up. */
function merge(chunks: readonly SctpChunk[]): SctpChunk[] {
  const byType = new Map<number, SctpChunk>();
  for (const chunk of chunks) {
    const earlier = byType.get(chunk.type)?.flags;
    const { flags } = chunk;
    const both = earlier &&
      flags && {
        mask: earlier.mask | flags.mask,
        value: earlier.value | flags.value,
      };
    byType.set(
      chunk.type,
      both ? { type: chunk.type, flags: both } : earlier ? { type: chunk.type, flags: earlier } : chunk,
    );
  }
  const order = SCTP_CHUNKS.map(({ type }) => type);
  return [...byType.values()].sort((a, b) => order.indexOf(a.type) - order.indexOf(b.type));
}

const chunkTypes: Reader<Omit<Chunks, "invert">> = (word, { second }) => {
  const match = MATCH_TYPES.find((one) => one === word.text.toLowerCase());
  if (!match) throw badArgument(word, MATCH_TYPES.join(" or "));
  const list = second("chunks");
  if (list.text.toUpperCase() === "ALL") return { match, types: "all" };
  if (list.text.toUpperCase() === "NONE" || list.text === "") return { match, types: [] };
  const chunks = splitWord(list, ",")
    .filter((part) => part.text !== "")
    .map(readChunk);
  return { match, types: merge(chunks) };
};

const options = {
  "source-port": option(ascending(portRange(Protocol.SCTP)), { aliases: ["sport"], invertible: true }),
  "destination-port": option(ascending(portRange(Protocol.SCTP)), { aliases: ["dport"], invertible: true }),
  "chunk-types": invertible(chunkTypes),
};

export const sctp = extension<SctpMatch, typeof options>({
  name: "sctp",
  options,
  protocols: [Protocol.SCTP],

  build(given) {
    const { "source-port": source, "destination-port": destination, "chunk-types": chunks } = given;
    return {
      name: "sctp",
      ...(source && { sourcePort: { ...source.value, invert: source.invert } }),
      ...(destination && { destinationPort: { ...destination.value, invert: destination.invert } }),
      ...(chunks && { chunks: { ...chunks.value, invert: chunks.invert } }),
    };
  },

  seen(match, sight) {
    return list(sight.ports(match), match.chunks && `chunks ${seenChunks(sight) || "none"}`);
  },

  print({ sourcePort, destinationPort, chunks }) {
    return words(
      given("--sport", sourcePort, printRange),
      given("--dport", destinationPort, printRange),
      given("--chunk-types", chunks, ({ match, types }) => `${match} ${printChunks(types)}`),
    );
  },
});

function printChunks(types: Chunks["types"]): string {
  if (types === "all") return "ALL";
  if (types.length === 0) return "NONE";
  return types
    .map(({ type, flags }) => {
      const name = SCTP_CHUNKS.find((one) => one.type === type)?.name;
      if (!flags) return name;
      const letters = [...(CHUNK_FLAGS.get(type) ?? [])].filter(([, bit]) => flags.mask & bit);
      return `${name}:${letters.map(([letter, bit]) => (flags.value & bit ? letter : letter.toLowerCase())).join("")}`;
    })
    .join(",");
}

const HEADER = 12;

function seenChunks(sight: Sight): string {
  const found: string[] = [];
  let at = HEADER;
  while (sight.fields.transport + at < sight.fields.length) {
    const [type, length] = [sight.transport8(at), sight.transport16(at + 2)];
    if (type === undefined || !length) break;
    found.push(SCTP_CHUNKS.find((one) => one.type === type)?.name ?? `${type}`);
    at += (length + 3) & ~3;
  }
  return found.join(",");
}
