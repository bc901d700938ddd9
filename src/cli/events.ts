/** `ctwasm events`: what happens to flows, as it happens. */
import { Command, InvalidArgumentError } from "commander";
import { conntrackExpectEventLine, expectationEventJson, type ListedEvent } from "../format/index.js";
import type { Conntrack, ConntrackEvent, ExpectationEvent, FlowEvent } from "../index.js";
import { runCapture } from "./capture.js";
import { addCaptureArgument, addEngineOptions, type CaptureFlags, settingsOf } from "./common.js";
import { withLabelNames } from "./connlabels.js";
import { ExitCode } from "./exit-code.js";
import { say, UsageError, verb } from "./fail.js";
import { addFilterOptions, type FilterOptions, filterOf, matcher } from "./filter.js";
import { eventPrinter, type Form, formOption } from "./form.js";
import { interruptSignal } from "./interrupt.js";
import { Output } from "./output.js";

interface EventsOptions extends CaptureFlags, FilterOptions {
  readonly output?: Form;
  readonly eventMask?: ReadonlySet<string>;
}

/** A batch brings three events a packet at most; what expires at the same time comes on top. */
const EVENTS = 1 << 16;
/** Packets in a batch: few, so that lines do not wait for later packets. */
const BATCH = 64;
/** A capture whose last packet is no older than this is being taken now. */
const LIVE_MS = 5000;
/** How often the clock of a live capture is moved on while nothing comes, and how far it stays behind. */
const TICK_MS = 1000;
const BEHIND_MS = 1000;

const CONNTRACK: Form = { name: "conntrack", options: {} };

const HELP = `
Prints a line for each flow that begins (NEW), changes (UPDATE) or ends
(DESTROY), as conntrack -E does. While packets of now come in, flows also end
when their time is up and no packet comes.

Exit status: 0 success, 2 wrong usage, 3 unreadable or damaged input (what came
before it is printed), 130 interrupted.

Examples:
  tcpdump -i any -U -w - | ctwasm events -
  ctwasm events -e NEW,DESTROY -o timestamp,id -p tcp capture.pcap
  ctwasm events --follow -o jsonl growing.pcap
`;

export function eventsCommand(): Command {
  const command = addCaptureArgument(new Command("events"))
    .description("Prints what happens to flows while captures are read, as conntrack -E does.")
    .addOption(formOption())
    .option("-e, --event-mask <list>", "NEW, UPDATES, DESTROY, EXPECT or ALL; default all but EXPECT", mask)
    .option("--follow", "go on reading when a file grows, until interrupted");
  addFilterOptions(addEngineOptions(command));
  return command.addHelpText("after", HELP).action(verb(events));
}

async function events(files: string[], options: EventsOptions): Promise<ExitCode> {
  const form = withLabelNames(options.output ?? CONNTRACK, options);
  const { eventMask = new Set(["NEW", "UPDATE", "DESTROY"]) } = options;
  const printer = eventPrinter(form);
  if (!printer) throw new UsageError(`events have no form ${form.name}: conntrack, save, xml, json or jsonl`);
  const matches = matcher(filterOf(options));
  const output = new Output();
  let shown = 0;
  const print = (text: string) => {
    if (shown++ === 0 && printer.head !== undefined) output.line(printer.head);
    output.line(text);
  };
  const printAll = (conntrack: Conntrack) => {
    for (const event of conntrack.drainEvents()) {
      if (isOfExpectation(event)) {
        if (eventMask.has("EXPECT")) print(expectationText(form, event));
      } else if (eventMask.has(event.kind) && matches(event))
        print(printer.line(event satisfies ListedEvent));
    }
    const lost = conntrack.takeLostEvents();
    output.flush();
    if (lost) say(`${lost} events were lost`);
  };
  const clock = new LiveClock();
  const run = await runCapture(files, {
    settings: settingsOf(options),
    helpers: options.helper ?? [],
    machine: options,
    eventCapacity: EVENTS,
    signal: interruptSignal(),
    follow: options.follow === true,
    batch: BATCH,
    onBegin: (conntrack) => clock.start(() => advance(conntrack, printAll)),
    onBatch: ({ conntrack, packets }) => {
      clock.note(packets.times[packets.count - 1] ?? 0);
      printAll(conntrack);
    },
  }).finally(() => clock.stop());
  if (run.lastTime !== undefined) run.conntrack.expire({ time: run.lastTime });
  printAll(run.conntrack);
  if (shown > 0 && printer.tail !== undefined) output.line(printer.tail);
  output.flush();
  say(`${shown} flow events have been shown.`);
  if (run.interrupted) process.stderr.write(run.totals.text());
  if (run.interrupted) return ExitCode.INTERRUPTED;
  return run.damaged ? ExitCode.UNREADABLE : ExitCode.OK;
}

function advance(conntrack: Conntrack, printAll: (conntrack: Conntrack) => void): void {
  conntrack.expire({ time: Date.now() - BEHIND_MS });
  printAll(conntrack);
}

/** Moves time on while a live capture is silent. */
class LiveClock {
  #live = false;
  #timer: NodeJS.Timeout | undefined;

  start(tick: () => void): void {
    this.#timer = setInterval(() => {
      if (this.#live) tick();
    }, TICK_MS);
    // A timer is no reason for the process to live.
    this.#timer.unref();
  }
  note(time: number): void {
    this.#live = Math.abs(Date.now() - time) < LIVE_MS;
  }
  stop(): void {
    clearInterval(this.#timer);
  }
}

function isOfExpectation(event: ConntrackEvent): event is ExpectationEvent {
  return event.kind === "EXP_NEW" || event.kind === "EXP_DESTROY";
}

function expectationText({ name, options }: Form, event: ExpectationEvent): string {
  if (name === "conntrack") return conntrackExpectEventLine(event, options);
  if (name === "json" || name === "jsonl") return JSON.stringify(expectationEventJson(event));
  throw new UsageError(`expectations have no form ${name}: conntrack, json or jsonl`);
}

const KINDS: Readonly<Record<string, readonly (FlowEvent["kind"] | "EXPECT")[]>> = {
  NEW: ["NEW"],
  UPDATE: ["UPDATE"],
  UPDATES: ["UPDATE"],
  DESTROY: ["DESTROY"],
  EXPECT: ["EXPECT"],
  ALL: ["NEW", "UPDATE", "DESTROY", "EXPECT"],
};

function mask(text: string): ReadonlySet<string> {
  const kinds = text.split(",").map((word) => KINDS[word.toUpperCase()]);
  if (kinds.includes(undefined))
    throw new InvalidArgumentError(`expected names of ${Object.keys(KINDS).join(", ")}`);
  return new Set(kinds.flatMap((of) => of ?? []));
}
