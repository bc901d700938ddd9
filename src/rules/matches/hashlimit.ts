import { parseNumber } from "../../text/number.js";
import { splitWord, type Word } from "../../text/source.js";
import { extension } from "../extension.js";
import { quotedIfBlank } from "../lexer.js";
import { flag, type GivenOption, invertible, option, type Reader } from "../option.js";
import { words } from "../printers.js";
import { formatRate, isBucketSizeAccepted, PER_SECOND, parseRate } from "../rate.js";
import { addressLength, text, U32_MAX, uint } from "../readers.js";
import { badArgument, ruleError, UnsupportedRuleError } from "../rule-error.js";
import { ratio } from "../sight.js";

export type HashlimitKey = "srcip" | "srcport" | "dstip" | "dstport";

export interface HashlimitMatch {
  readonly name: "hashlimit";
  /** "upto": matches while the bucket has credit; "above": when it has not. */
  readonly comparison: "upto" | "above";
  /**
   * packets: `cost` is the time that one costs, in microseconds, `burst` how many may come at once. bytes: `cost` is
   * what every 16 bytes of a packet, and one time more, cost of a second's credit of 2^32 - 1; `burst` is how often an
   * empty bucket may be filled in one go.
   */
  readonly rate:
    | { readonly unit: "packets"; readonly cost: number; readonly burst: number }
    | { readonly unit: "bytes"; readonly cost: number; readonly burst: number };
  /** What one bucket stands for; none: all packets share one. */
  readonly mode: readonly HashlimitKey[];
  /** Rules with the same name share their table. */
  readonly table: string;
  readonly sourcePrefix: number;
  readonly destinationPrefix: number;
  /** Buckets of the table; undefined: by memory. */
  readonly size?: number;
  /** Most entries; undefined: as many as the kernel likes. */
  readonly max?: number;
  /** Milliseconds. */
  readonly expire: number;
  readonly gcInterval: number;
}

/** In the order in which they are printed. */
const KEYS: readonly HashlimitKey[] = ["srcip", "srcport", "dstip", "dstport"];
const LARGEST_BURST = 1_000_000;
/** The largest first. */
const UNITS = [
  ["mb", 1024 * 1024],
  ["kb", 1024],
  ["b", 1],
] as const;
/** Milliseconds. */
const GC_INTERVAL = 1000;
const BYTE_EXPIRE = 15_000;
/** What a second gives to a bucket of bytes. */
const CREDIT = U32_MAX;
/** "s" to "second". */
const SECOND = /^s(?:e(?:c(?:o(?:nd?)?)?)?)?$/i;

interface Rate {
  /** Bytes a second; undefined for packets. */
  readonly bytes?: number;
  readonly cost: number;
  /** Milliseconds of the unit of time that was given. */
  readonly period: number;
}

/** "512kb": bytes. */
function readBytes(word: Word): number | undefined {
  const [, digits, unit] = /^([0-9]+)(b|kb|mb)$/.exec(word.text) ?? [];
  if (digits === undefined || unit === undefined) return undefined;
  const bytes = Number(digits) * (UNITS.find(([name]) => name === unit)?.[1] ?? 1);
  return bytes > 0 && bytes <= Number.MAX_SAFE_INTEGER ? bytes : undefined;
}

const rate: Reader<Rate> = (word) => {
  const [amount, second] = splitWord(word, "/");
  const bytes = amount && readBytes(amount);
  if (bytes !== undefined && second && SECOND.test(second.text)) {
    return { bytes, cost: costOf(bytes), period: BYTE_EXPIRE };
  }
  const { cost, seconds } = parseRate(word, PER_SECOND.hashlimit);
  return { cost, period: seconds * 1000 };
};

/** Packets or bytes, as the rate has it. */
const burst: Reader<number> = (word) => {
  const bytes = readBytes(word);
  if (bytes !== undefined && bytes <= U32_MAX) return bytes;
  const number = parseNumber(word.text, 1, LARGEST_BURST);
  if (number === undefined) {
    throw badArgument(word, `a number from 1 to ${LARGEST_BURST}, or of bytes (kb, mb)`);
  }
  return number;
};

const mode: Reader<HashlimitKey[]> = (word) => {
  const given = splitWord(word, ",").filter((part) => part.text !== "");
  const unknown = given.find((part) => !KEYS.includes(part.text as HashlimitKey));
  if (unknown) throw badArgument(unknown, `a list of ${KEYS.join(", ")}`);
  return KEYS.filter((key) => given.some((part) => part.text === key));
};

const prefix: Reader<number> = (word, context) => {
  return uint(0, addressLength(context.family) * 8)(word, context);
};

const options = {
  "hashlimit-upto": option(rate, { aliases: ["hashlimit"], invertible: true }),
  "hashlimit-above": invertible(rate),
  "hashlimit-burst": option(burst),
  "hashlimit-mode": option(mode),
  "hashlimit-name": option(text(1, 255)),
  "hashlimit-srcmask": option(prefix),
  "hashlimit-dstmask": option(prefix),
  "hashlimit-htable-size": option(uint(0, U32_MAX)),
  "hashlimit-htable-max": option(uint(0, U32_MAX)),
  "hashlimit-htable-expire": option(uint(0, U32_MAX)),
  "hashlimit-htable-gcinterval": option(uint(0, U32_MAX)),
  "hashlimit-rate-match": flag(),
  "hashlimit-rate-interval": option(uint(1, U32_MAX)),
};

export const hashlimit = extension<HashlimitMatch, typeof options>({
  name: "hashlimit",
  options,
  required: [["hashlimit-upto", "hashlimit-above"], ["hashlimit-name"]],
  exclusive: [["hashlimit-upto", "hashlimit-above"]],

  build(given, { family }) {
    const classify = given["hashlimit-rate-match"] ?? given["hashlimit-rate-interval"];
    if (classify)
      throw new UnsupportedRuleError(classify.word, "match", `hashlimit with ${classify.word.text}`);
    const above = given["hashlimit-above"];
    const one = above ?? given["hashlimit-upto"];
    const { bytes, cost, period } = one?.value ?? { cost: 1, period: 1000 };
    const burst = given["hashlimit-burst"];
    if (bytes === undefined && burst && burst.value > LARGEST_BURST) {
      throw badArgument(burst.argument, `a number from 1 to ${LARGEST_BURST}`);
    }
    const size = given["hashlimit-htable-size"]?.value;
    const max = given["hashlimit-htable-max"]?.value;
    const width = addressLength(family) * 8;
    return {
      name: "hashlimit",
      comparison: (above !== undefined) === (one?.invert ?? false) ? "upto" : "above",
      rate:
        bytes === undefined
          ? { unit: "packets", cost, burst: burst?.value ?? 5 }
          : { unit: "bytes", cost, burst: refills(burst, cost) },
      mode: given["hashlimit-mode"]?.value ?? [],
      table: given["hashlimit-name"]?.value ?? "",
      sourcePrefix: given["hashlimit-srcmask"]?.value ?? width,
      destinationPrefix: given["hashlimit-dstmask"]?.value ?? width,
      ...(size && { size }),
      ...(max && { max }),
      expire: given["hashlimit-htable-expire"]?.value ?? period,
      gcInterval: given["hashlimit-htable-gcinterval"]?.value ?? GC_INTERVAL,
    };
  },

  refusal({ rate, table, expire, gcInterval }) {
    if (expire === 0) return "entries of the table have to live for a while";
    if (gcInterval === 0) return "the table has to be cleaned now and then";
    if (table.includes("/") || table === "." || table === "..")
      return "the name of a table cannot contain a slash";
    if (rate.unit === "packets" && !isBucketSizeAccepted(rate.cost, rate.burst))
      return "the burst is too large for this rate";
    return undefined;
  },

  seen(_, _sight, { a, b }) {
    return `credit for ${ratio(a, b)} such packets`;
  },

  print(match, family) {
    const { comparison, rate, mode, table, size, max, gcInterval, expire } = match;
    const width = addressLength(family) * 8;
    const printed = rate.unit === "packets" ? formatRate(rate.cost, PER_SECOND.hashlimit) : undefined;
    const usualExpire = printed ? printed.seconds * 1000 : BYTE_EXPIRE;
    const second = bytesPerSecond(rate.cost);
    return words(
      `--hashlimit-${comparison} ${printed?.text ?? formatRateOfBytes(rate.cost)}`,
      printed && `--hashlimit-burst ${rate.burst}`,
      !printed && rate.burst > 0 && `--hashlimit-burst ${formatBurst(rate.burst * second)}`,
      mode.length > 0 && `--hashlimit-mode ${mode.join(",")}`,
      `--hashlimit-name ${quotedIfBlank(table)}`,
      size !== undefined && `--hashlimit-htable-size ${size}`,
      max !== undefined && `--hashlimit-htable-max ${max}`,
      gcInterval !== GC_INTERVAL && `--hashlimit-htable-gcinterval ${gcInterval}`,
      expire !== usualExpire && `--hashlimit-htable-expire ${expire}`,
      match.sourcePrefix !== width && `--hashlimit-srcmask ${match.sourcePrefix}`,
      match.destinationPrefix !== width && `--hashlimit-dstmask ${match.destinationPrefix}`,
    );
  },
});

/** How many times what the rate allows in a second, as it has been rounded. */
function refills(burst: GivenOption<number> | undefined, cost: number): number {
  if (!burst) return 0;
  const second = bytesPerSecond(cost);
  if (burst.value < second) {
    throw ruleError(burst.argument, "the burst is smaller than what the rate allows in a second");
  }
  return Math.ceil(burst.value / Math.max(second, 1));
}

function costOf(bytes: number): number {
  return Math.floor(CREDIT / (Math.floor(bytes / 16) + 1));
}

function bytesPerSecond(cost: number): number {
  return (Math.floor(CREDIT / cost) - 1) * 16;
}

/** In the largest unit that leads to the same cost again, in 32 bits. */
function formatRateOfBytes(cost: number): string {
  const bytes = Math.max(bytesPerSecond(cost), 1);
  const [unit, size] = UNITS.find(
    ([, size]) => bytes >= size && costOf((Math.floor(bytes / size) * size) % 2 ** 32) === cost,
  ) ?? ["b", 1];
  return `${Math.floor(bytes / size)}${unit}/s`;
}

/** In the largest unit, rounded: reading it leads to the same number of refills again. */
function formatBurst(bytes: number): string {
  const [unit, size] = UNITS.find(([, size]) => bytes >= size) ?? ["b", 1];
  return `${Math.floor(bytes / size)}${unit}`;
}
