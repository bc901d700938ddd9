/** Prints flows, in any form, to standard output. */
import { isatty } from "node:tty";
import { UsageError } from "./fail.js";
import { type Form, flowPrinter, type Printed } from "./form.js";
import { Output, print } from "./output.js";
import { flowsParquet } from "./parquet.js";

/** `lists` one after the other; returns how many flows there were. */
export async function printFlows(form: Form, ...lists: Iterable<Printed>[]): Promise<number> {
  if (form.name === "parquet") return printParquet(concat(lists));
  const { head, write, tail } = flowPrinter(form);
  const list = form.name === "json";
  const output = new Output();
  let count = 0;
  for (const flows of lists) {
    for (const flow of flows) {
      if (count++ === 0 && head !== undefined) output.line(head);
      if (list) output.text(count === 1 ? "[\n  " : ",\n  ");
      write(output, flow);
      if (!list) output.end();
    }
  }
  if (list) output.line(count === 0 ? "[]" : "\n]");
  else if (count > 0 && tail !== undefined) output.line(tail);
  else if (count === 0 && form.name === "csv" && head !== undefined) output.line(head);
  output.flush();
  return count;
}

function* concat(lists: readonly Iterable<Printed>[]): Generator<Printed> {
  for (const flows of lists) yield* flows;
}

async function printParquet(flows: Iterable<Printed>): Promise<number> {
  if (isatty(1)) throw new UsageError("parquet is no text: redirect standard output to a file");
  const { bytes, count } = await flowsParquet(flows);
  print(bytes);
  return count;
}
