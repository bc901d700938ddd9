import { hex, parseNumber } from "../../text/number.js";
import { partOf, type Word } from "../../text/source.js";
import { extension } from "../extension.js";
import { invertible, type Reader } from "../option.js";
import { given, words } from "../printers.js";
import { U32_MAX } from "../readers.js";
import { ruleError } from "../rule-error.js";
import type { Range } from "../values.js";

export interface U32Test {
  /**
   * How the value is found: four bytes at `start`, big-endian, then step by step; "@" adds the value to the base, and
   * reads again at base + `number`.
   */
  readonly start: number;
  readonly steps: readonly { readonly operation: "&" | "<<" | ">>" | "@"; readonly number: number }[];
  /** The value must lie in one of these. */
  readonly ranges: readonly Range[];
}

export interface U32Match {
  readonly name: "u32";
  readonly invert: boolean;
  /** All must hold. */
  readonly tests: readonly U32Test[];
}

/** What the kernel has room for. */
const MOST_TESTS = 10;
const MOST_STEPS = 9;
const MOST_RANGES = 10;

/** TEST && TEST ..., where TEST is LOCATION = RANGE, RANGE ... and LOCATION is NUMBER, then operators with numbers. */
class U32Reader {
  #at = 0;

  constructor(readonly word: Word) {}

  read(): U32Test[] {
    const tests: U32Test[] = [];
    do {
      if (tests.length === MOST_TESTS) throw this.#error(`there are at most ${MOST_TESTS} tests`);
      tests.push(this.#test());
    } while (this.#take("&&"));
    if (this.#at < this.word.text.length) throw this.#error("this cannot stand here", '"," or "&&"');
    return tests;
  }

  #test(): U32Test {
    const start = this.#number();
    const steps: U32Test["steps"][number][] = [];
    for (;;) {
      const operation = (["&", "<<", ">>", "@"] as const).find((one) => this.#take(one));
      if (!operation) break;
      if (steps.length === MOST_STEPS) throw this.#error(`there are at most ${MOST_STEPS} operators`);
      steps.push({ operation, number: this.#number() });
    }
    if (!this.#take("=")) throw this.#error("this cannot stand here", "an operator (&, <<, >>, @) or =");
    const ranges: Range[] = [];
    do {
      if (ranges.length === MOST_RANGES) throw this.#error(`there are at most ${MOST_RANGES} ranges`);
      const min = this.#number();
      ranges.push({ min, max: this.#take(":") ? this.#number() : min });
    } while (this.#take(","));
    return { start, steps, ranges };
  }

  #number(): number {
    this.#skipBlanks();
    const [digits] = /^(?:0x[0-9a-f]+|[0-9]+)/i.exec(this.word.text.slice(this.#at, this.#at + 100)) ?? [];
    const value = digits === undefined ? undefined : parseNumber(digits, 0, U32_MAX);
    if (digits === undefined || value === undefined)
      throw this.#error("this cannot stand here", "a number of 32 bits");
    this.#at += digits.length;
    return value;
  }

  #take(token: string): boolean {
    this.#skipBlanks();
    if (!this.word.text.startsWith(token, this.#at)) return false;
    this.#at += token.length;
    return true;
  }

  #skipBlanks(): void {
    while (this.word.text[this.#at] === " ") this.#at++;
  }

  #error(problem: string, expected?: string) {
    if (this.#at >= this.word.text.length)
      return ruleError(this.word, "the expression ends too early", expected);
    return ruleError(partOf(this.word, this.#at, this.#at + 1), problem, expected);
  }
}

const tests: Reader<U32Test[]> = (word) => new U32Reader(word).read();

const options = { u32: invertible(tests) };

export const u32 = extension<U32Match, typeof options>({
  name: "u32",
  options,
  required: [["u32"]],

  build({ u32 }) {
    return { name: "u32", invert: u32?.invert ?? false, tests: u32?.value ?? [] };
  },

  refusal({ tests }) {
    const isWide = tests.some(({ steps }) => {
      return steps.some(({ operation, number }) => (operation === "<<" || operation === ">>") && number > 31);
    });
    return isWide ? "32 bits cannot be shifted by more than 31" : undefined;
  },

  seen({ tests }, _sight, { a, b }) {
    const test = tests.length - Number(b) + 1;
    const value = a === 0n ? "beyond the packet" : hex(Number(a) - 1);
    return tests.length > 1 ? `${value} for test ${test}` : value;
  },

  print(match) {
    return words(given("--u32", match, ({ tests }) => `"${tests.map(printTest).join("&&")}"`));
  },
});

function printTest({ start, steps, ranges }: U32Test): string {
  const location = steps.map(({ operation, number }) => `${operation}${hex(number)}`).join("");
  const values = ranges.map(({ min, max }) => (min === max ? hex(min) : `${hex(min)}:${hex(max)}`));
  return `${hex(start)}${location}=${values.join(",")}`;
}
