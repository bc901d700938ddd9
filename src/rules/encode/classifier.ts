/** Classifiers of long chains, which spare the engine the rules that cannot match (assembly/rule/classifier.ts). */
import {
  ClassifierRecord,
  ClassifierTag,
  Dimension,
  DimensionRecord,
} from "../../../assembly/shared/classifier-record.js";
import { RULE_ALIGNMENT } from "../../../assembly/shared/rule-record.js";
import type { Rule, RuleFamily } from "../ruleset.js";
import type { ProgramImage } from "./image.js";
import { type Interval, intervalsOf } from "./intervals.js";

/** Fewer rules are asked one by one. */
const WORTHWHILE = 16;
/** A dimension that fewer rules than one in so many look at tells too little for its search. */
const ONE_IN = 8;
/** Bits that the rows of a dimension have together at most, a rule: the widest rules count as looking elsewhere. */
const BITS_A_RULE = 8;
/** So many rules may stand before a classifier that look at devices alone, as at the loopback device. */
const DEVICES_FIRST = 8;
const WORD = 64;
const ALL = 0xffffffffffffffffn;

const DIMENSIONS = [
  Dimension.SOURCE,
  Dimension.DESTINATION,
  Dimension.PROTOCOL,
  Dimension.SOURCE_PORT,
  Dimension.DESTINATION_PORT,
  Dimension.IN,
  Dimension.OUT,
] as const;
const DEVICES: readonly Dimension[] = [Dimension.IN, Dimension.OUT];

/** A rule and where it has been encoded. */
export interface ChainRule {
  readonly rule: Rule;
  readonly at: number;
}

/** Rules of a chain from `first` on, and what stands for them. */
export interface Classified {
  readonly first: number;
  /** What comes in their place: offset of the classifier, tagged to begin; and what follows each of them. */
  readonly begin: number;
  readonly next: number;
}

/** What a dimension knows of the rules. */
interface Table {
  readonly kind: Dimension;
  /** Values have 128 bits, not up to 32. */
  readonly wide: boolean;
  /** Values at which the rules change. */
  readonly boundaries: readonly bigint[];
  /** Rules that have something to do with the values between two boundaries, ascending. */
  readonly rows: readonly (readonly number[])[];
  /** Rules that do not look at the dimension. */
  readonly any: readonly number[];
}

/**
 * The classifier of a chain; undefined where it would not pay. Rules at the chain's beginning that look at none of
 * the dimensions, or at devices alone, stay before it: what accepts established connections is asked first.
 */
export function encodeClassifier(
  image: ProgramImage,
  family: RuleFamily,
  chain: readonly ChainRule[],
): Classified | undefined {
  const tables = DIMENSIONS.map((kind) => ({ kind, of: chain.map(({ rule }) => intervalsOf(rule, kind)) }));
  const first = chain.findIndex((_, i) =>
    tables.some(({ kind, of }) => of[i] && (i >= DEVICES_FIRST || !DEVICES.includes(kind))),
  );
  if (first < 0 || chain.length - first < WORTHWHILE) return undefined;
  const rules = chain.slice(first);
  const useful = tables
    .map(({ kind, of }) => ({ kind, of: of.slice(first) }))
    .filter(({ of }) => of.filter((intervals) => intervals).length * ONE_IN >= rules.length);
  if (useful.length === 0) return undefined;
  const at = writeClassifier(
    image,
    rules,
    useful.map(({ kind, of }) => tabulate(kind, isWide(kind, family), of)),
  );
  return {
    first,
    begin: at + ClassifierTag.CONTINUE + ClassifierTag.START,
    next: at + ClassifierTag.CONTINUE,
  };
}

function isWide(kind: Dimension, family: RuleFamily): boolean {
  if (DEVICES.includes(kind)) return true;
  return family === "ipv6" && (kind === Dimension.SOURCE || kind === Dimension.DESTINATION);
}

function tabulate(kind: Dimension, wide: boolean, of: readonly (readonly Interval[] | undefined)[]): Table {
  const values = new Set([0n]);
  for (const intervals of of) {
    for (const { min, max } of intervals ?? []) values.add(min).add(max + 1n);
  }
  const boundaries = [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const places = new Map(boundaries.map((value, place) => [value, place]));
  const spans = of.map((intervals) =>
    intervals?.map(({ min, max }) => ({ from: places.get(min)!, to: places.get(max + 1n)! })),
  );
  const widths = spans.map((list) => list?.reduce((sum, { from, to }) => sum + to - from, 0) ?? 0);
  const everywhere = tooWide(widths);
  const rows: number[][] = boundaries.map(() => []);
  const any: number[] = [];
  spans.forEach((list, rule) => {
    if (!list || everywhere.has(rule)) {
      any.push(rule);
      return;
    }
    for (const { from, to } of list) for (let i = from; i < to; i++) rows[i]!.push(rule);
  });
  // What begins behind the largest address is never met, and has no room.
  if (boundaries.at(-1)! >> (wide ? 128n : 32n)) {
    boundaries.pop();
    rows.pop();
  }
  return { kind, wide, boundaries, rows, any };
}

/** The rules to be treated as if they did not look at the dimension, so that all rows together stay small. */
function tooWide(widths: readonly number[]): Set<number> {
  let bits = widths.reduce((sum, width) => sum + width, 0);
  const wide = new Set<number>();
  const byWidth = [...widths.keys()].sort((a, b) => widths[b]! - widths[a]!);
  for (const rule of byWidth) {
    if (bits <= BITS_A_RULE * widths.length) break;
    bits -= widths[rule]!;
    wide.add(rule);
  }
  return wide;
}

function writeClassifier(image: ProgramImage, rules: readonly ChainRule[], tables: readonly Table[]): number {
  const words = Math.ceil(rules.length / WORD);
  const summaryWords = Math.ceil(words / WORD);
  const at = image.reserve(ClassifierRecord.SIZE, RULE_ALIGNMENT);
  image.u32(at + ClassifierRecord.WORDS, words);
  image.u32(at + ClassifierRecord.SUMMARY_WORDS, summaryWords);
  image.u32(at + ClassifierRecord.DIMENSION_COUNT, tables.length);
  const addresses = image.reserve(4 * rules.length, 8);
  image.pointer(at + ClassifierRecord.RULES, addresses);
  rules.forEach((rule, i) => {
    image.pointer(addresses + 4 * i, rule.at);
  });
  const left = image.reserve(8 * (summaryWords + words), 8);
  image.pointer(at + ClassifierRecord.LEFT, left);
  denseWords([...rules.keys()], words).forEach((word, i) => {
    image.u64(left + 8 * (summaryWords + i), word);
  });
  const dimensions = image.reserve(DimensionRecord.SIZE * tables.length, 8);
  image.pointer(at + ClassifierRecord.DIMENSIONS, dimensions);
  tables.forEach((table, i) => {
    writeDimension(image, dimensions + DimensionRecord.SIZE * i, table, { words, summaryWords });
  });
  return at;
}

interface Shape {
  readonly words: number;
  readonly summaryWords: number;
}

function writeDimension(image: ProgramImage, at: number, table: Table, shape: Shape): void {
  const { kind, wide, boundaries, rows, any } = table;
  const { words, summaryWords } = shape;
  image.u32(at + DimensionRecord.KIND, kind);
  image.u32(at + DimensionRecord.BOUNDARY_COUNT, boundaries.length);
  const values = image.reserve((wide ? 16 : 4) * boundaries.length, 8);
  image.pointer(at + DimensionRecord.BOUNDARIES, values);
  boundaries.forEach((value, i) => {
    if (wide) {
      image.u64(values + 16 * i, value >> 64n);
      image.u64(values + 16 * i + 8, value & ALL);
    } else image.u32(values + 4 * i, Number(value));
  });
  const dense = image.reserve(8 * words, 8);
  image.pointer(at + DimensionRecord.ANY, dense);
  const anyWords = denseWords(any, words);
  anyWords.forEach((word, i) => {
    image.u64(dense + 8 * i, word);
  });
  const anySummary = image.reserve(8 * summaryWords, 8);
  image.pointer(at + DimensionRecord.ANY_SUMMARY, anySummary);
  summaryOf(anyWords, summaryWords).forEach((word, i) => {
    image.u64(anySummary + 8 * i, word);
  });
  const pointers = image.reserve(4 * (rows.length + 1), 8);
  image.pointer(at + DimensionRecord.ROWS, pointers);
  const written = new Map<string, number>();
  // No value lies below the first boundary, which is 0; packets without ports have this row.
  [[], ...rows].forEach((row, i) => {
    const name = row.join(",");
    const known = written.get(name) ?? writeRow(image, row, summaryWords);
    written.set(name, known);
    image.pointer(pointers + 4 * i, known);
  });
}

/** The summary, then the words that are not zero. */
function writeRow(image: ProgramImage, row: readonly number[], summaryWords: number): number {
  const words = new Map<number, bigint>();
  for (const rule of row) {
    const word = Math.floor(rule / WORD);
    words.set(word, (words.get(word) ?? 0n) | (1n << BigInt(rule % WORD)));
  }
  const at = image.reserve(8 * (summaryWords + words.size), 8);
  const summary = new Array<bigint>(summaryWords).fill(0n);
  let place = at + 8 * summaryWords;
  for (const [word, bits] of words) {
    summary[Math.floor(word / WORD)]! |= 1n << BigInt(word % WORD);
    image.u64(place, bits);
    place += 8;
  }
  summary.forEach((word, i) => {
    image.u64(at + 8 * i, word);
  });
  return at;
}

function denseWords(rules: readonly number[], words: number): bigint[] {
  const dense = new Array<bigint>(words).fill(0n);
  for (const rule of rules) dense[Math.floor(rule / WORD)]! |= 1n << BigInt(rule % WORD);
  return dense;
}

function summaryOf(dense: readonly bigint[], summaryWords: number): bigint[] {
  const summary = new Array<bigint>(summaryWords).fill(0n);
  dense.forEach((word, i) => {
    if (word) summary[Math.floor(i / WORD)]! |= 1n << BigInt(i % WORD);
  });
  return summary;
}
