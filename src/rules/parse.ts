/** Reads what iptables-save and ip6tables-save print, and whatever else iptables-restore takes. */
import { parseBigNumber } from "../text/number.js";
import { endOfLine, partOf, type SourceLine, sourceLines, type Word, wholeLine } from "../text/source.js";
import { NO_COUNTERS } from "./chain-draft.js";
import { splitLine } from "./lexer.js";
import { badArgument, named, ruleError, UnsupportedRuleError } from "./rule-error.js";
import { type Counters, readLine } from "./rule-reader.js";
import { type RuleFamily, type Ruleset, TABLE_NAMES, type Table, type TableName } from "./ruleset.js";
import { TableDraft } from "./table-draft.js";

export interface ParseOptions {
  /** Which of iptables-save and ip6tables-save the text is from. */
  readonly family: RuleFamily;
  /**
   * "refuse" (default): a match or target that is not supported is an error. "report": its rule stays, marked as
   * `unsupported`, and never matches.
   */
  readonly unsupported?: "refuse" | "report";
  /** Names of labels, by number, as parseConnlabels() of the format entry reads them: for `-m connlabel`. */
  readonly connlabels?: ReadonlyMap<number, string>;
}

/**
 * The text of a table replaces what the text had of it before, as iptables-restore flushes it.
 * @throws SourceError CT_BAD_RULE: what iptables-restore or the kernel would refuse. Names of hosts are refused, too,
 *   and where iptables reads past an error ("10x/minute" as 10), this does not.
 */
export function parseRuleset(text: string, options: ParseOptions): Ruleset {
  return new RulesetReader(text, options).read();
}

class RulesetReader {
  readonly #tables = new Map<TableName, Table>();
  #table: TableDraft | undefined;

  constructor(
    readonly text: string,
    readonly options: ParseOptions,
  ) {}

  read(): Ruleset {
    const lines = sourceLines(this.text);
    for (const line of lines) this.#readLine(line);
    const last = lines.at(-1) as SourceLine;
    if (this.#table) throw ruleError(endOfLine(last), `the table ${this.#table.name} does not end`, "COMMIT");
    return { family: this.options.family, tables: [...this.#tables.values()] };
  }

  #readLine(line: SourceLine): void {
    const { text } = line;
    if (text === "" || text.startsWith("#")) return;
    if (text.endsWith("\r"))
      throw ruleError(endOfLine(line), "lines end with a carriage return", "a line feed alone");
    const table = this.#table;
    if (!table) {
      if (!text.startsWith("*"))
        throw ruleError(wholeLine(line), "no table has begun", "* and the name of a table");
      this.#begin(splitLine(line, 1)[0] ?? endOfLine(line));
    } else if (text === "COMMIT") {
      this.#tables.set(table.name, table.commit());
      this.#table = undefined;
    } else if (text.startsWith(":")) {
      this.#readChain(table, line);
    } else {
      this.#readRule(table, line);
    }
  }

  #begin(word: Word): void {
    const name = TABLE_NAMES.find((one) => one === word.text);
    if (!name) throw ruleError(word, `no table is called ${named(word.text)}`, TABLE_NAMES.join(", "));
    this.#table = new TableDraft(name, this.options.family, this.#tables.get(name));
  }

  #readChain(table: TableDraft, line: SourceLine): void {
    const [name, policy, counters, more] = splitLine(line, 1);
    if (!name || !policy)
      throw ruleError(endOfLine(line), "the line ends too early", "CHAIN POLICY [PACKETS:BYTES]");
    if (more) throw badArgument(more, "the end of the line");
    table.declare(name, policy, counters ? readCounters(counters) : NO_COUNTERS);
  }

  #readRule(table: TableDraft, line: SourceLine): void {
    const close = line.text.startsWith("[") ? line.text.indexOf("]") : -1;
    if (line.text.startsWith("[") && close < 0)
      throw ruleError(endOfLine(line), "the counters do not end", "]");
    const counters = close < 0 ? NO_COUNTERS : readCounters(partOf(wholeLine(line), 0, close + 1));
    const words = splitLine(line, close + 1);
    try {
      const read = readLine(words, line, counters, {
        family: this.options.family,
        connlabels: this.options.connlabels ?? new Map(),
        kindOf: (chain) => table.kindOf(chain),
      });
      if (read) table.apply(read);
    } catch (error) {
      if (!(error instanceof UnsupportedRuleError) || this.options.unsupported !== "report") throw error;
      table.addUnsupported(words, counters, error);
    }
  }
}

/** [PACKETS:BYTES] */
function readCounters(word: Word): Counters {
  const [, packets = "", bytes = ""] = /^\[([0-9]+):([0-9]+)\]$/.exec(word.text) ?? [];
  const counters = { packets: parseDecimal(packets), bytes: parseDecimal(bytes) };
  if (counters.packets === undefined || counters.bytes === undefined) {
    throw badArgument(word, "[PACKETS:BYTES]");
  }
  return { packets: counters.packets, bytes: counters.bytes };
}

function parseDecimal(text: string): bigint | undefined {
  return text === "" ? undefined : parseBigNumber(text.replace(/^0+(?=.)/, ""));
}
