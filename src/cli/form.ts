/** `-o`: in which form flows and events are printed. */
import { InvalidArgumentError, Option } from "commander";
import {
  type ConntrackOptions,
  CSV_HEAD,
  conntrackEventLine,
  conntrackEventSave,
  conntrackEventXml,
  conntrackLine,
  conntrackSave,
  conntrackXml,
  eventJson,
  type FlowRow,
  flowCsv,
  flowJson,
  type LineWriter,
  type ListedEvent,
  type PrintedFlow,
  writeProc,
  XML_HEAD,
  XML_TAIL,
} from "../format/index.js";

const NAMES = ["proc", "conntrack", "save", "xml", "json", "jsonl", "csv", "parquet"] as const;
export type FormName = (typeof NAMES)[number];
/** Names of `conntrack -o`; any of them alone means the form conntrack. */
const EXTRAS = ["extended", "id", "timestamp", "ktimestamp", "labels"] as const;

export interface Form {
  readonly name: FormName;
  readonly options: ConntrackOptions;
}

/** Commander's parser for `-o FORM[,...]`. */
export function parseForm(text: string): Form {
  let name: FormName | undefined;
  const options: Record<string, unknown> = {};
  for (const word of text.split(",")) {
    if ((NAMES as readonly string[]).includes(word)) {
      if (name) throw new InvalidArgumentError(`${name} and ${word} are two forms`);
      name = word as FormName;
    } else if ((EXTRAS as readonly string[]).includes(word)) {
      options[word] = word === "labels" ? new Map() : true;
    } else {
      throw new InvalidArgumentError(`${word} is none of ${[...NAMES, ...EXTRAS].join(", ")}`);
    }
  }
  const extras = Object.keys(options);
  if (name && name !== "conntrack" && name !== "xml" && extras.length > 0) {
    throw new InvalidArgumentError(`${extras[0]} goes with conntrack or xml, not with ${name}`);
  }
  return { name: name ?? "conntrack", options };
}

export function formOption(): Option {
  return new Option(
    "-o, --output <form>",
    `${NAMES.join(", ")}; with ${EXTRAS.join(", ")} as for conntrack -o`,
  ).argParser(parseForm);
}

/** What is printed before the first flow or event, and behind the last one. */
interface Frame {
  readonly head?: string;
  readonly tail?: string;
}
export interface FlowPrinter extends Frame {
  write(lines: LineWriter, flow: Printed): void;
}
export interface EventPrinter extends Frame {
  line(event: ListedEvent): string;
}
/** A flow of the table, or one that has ended. */
export type Printed = PrintedFlow & FlowRow;

/** For flows, living and ended. Parquet is no text: see parquet.ts. */
export function flowPrinter({ name, options }: Form): FlowPrinter {
  switch (name) {
    case "conntrack":
      return { write: (lines, flow) => lines.text(conntrackLine(flow, options)) };
    case "save":
      return { write: (lines, flow) => lines.text(conntrackSave(flow)) };
    case "xml":
      return {
        head: XML_HEAD,
        write: (lines, flow) => lines.text(conntrackXml(flow, options)),
        tail: XML_TAIL,
      };
    case "json":
    case "jsonl":
      return { write: (lines, flow) => lines.text(JSON.stringify(flowJson(flow))) };
    case "csv":
      return { head: CSV_HEAD, write: (lines, flow) => lines.text(flowCsv(flow)) };
    default:
      return { write: writeProc };
  }
}

/** Undefined for forms that have none for events. */
export function eventPrinter({ name, options }: Form): EventPrinter | undefined {
  switch (name) {
    case "conntrack":
      return { line: (event) => conntrackEventLine(event, options) };
    case "save":
      return { line: conntrackEventSave };
    case "xml":
      return { head: XML_HEAD, line: (event) => conntrackEventXml(event, options), tail: XML_TAIL };
    case "json":
    case "jsonl":
      return { line: (event) => JSON.stringify(eventJson(event)) };
    default:
      return undefined;
  }
}
