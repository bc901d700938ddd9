/** The forms of conntrack-tools, against what the tool printed of the tables of recorded scenarios. */
import { beforeAll, describe, expect, it } from "vitest";
import {
  conntrackEventLine,
  conntrackEventSave,
  conntrackEventXml,
  conntrackExpectEventLine,
  conntrackExpectLine,
  conntrackLine,
  conntrackSave,
  conntrackXml,
  type ListedFlow,
  parseListing,
  parseListingLine,
  procLine,
  XML_HEAD,
  XML_TAIL,
} from "../../src/format/index.js";
import type { ExpectationEvent, FlowEvent } from "../../src/index.js";
import * as module from "../../src/index.js";
import { runCommand } from "../conformance/commands.js";
import { isCovered } from "../conformance/covered.js";
import { createDriver } from "../conformance/driver.js";
import { replayable } from "../conformance/nft.js";
import { fromHex, type Scenario } from "../conformance/recording.js";
import { comparable, linesOf, type ToolRecording, toolRecording, withoutExpired } from "./tool-recording.js";

/** What prints a whole listing in each of the tool's forms. */
const FORMS: Readonly<Record<string, (flows: readonly ListedFlow[]) => string[]>> = {
  "": (flows) => flows.map((flow) => conntrackLine(flow)),
  extended: (flows) => flows.map((flow) => conntrackLine(flow, { extended: true })),
  id: (flows) => flows.map((flow) => conntrackLine(flow, { id: true })),
  "extended,id": (flows) => flows.map((flow) => conntrackLine(flow, { extended: true, id: true })),
  ktimestamp: (flows) => flows.map((flow) => conntrackLine(flow, { ktimestamp: true })),
  labels: (flows) => flows.map((flow) => conntrackLine(flow, { labels: new Map() })),
  save: (flows) => flows.map((flow) => conntrackSave(flow)),
  xml: (flows) => document(flows.map((flow) => conntrackXml(flow))),
  "xml,id,ktimestamp": (flows) =>
    document(flows.map((flow) => conntrackXml(flow, { id: true, ktimestamp: true }))),
};

/** The tool prints a document only when there is something to tell. */
const document = (flows: string[]) => (flows.length > 0 ? [...XML_HEAD.split("\n"), ...flows, XML_TAIL] : []);

/** What /proc does not tell is taken out of the tool's lines. */
const UNTOLD = [
  / helper=\S+/,
  /<helper>.*<\/helper>/,
  / --orig-vtag .*/,
  / \[start=[^\]]*\]/,
  /<timestamp>.*<\/timestamp>/,
  /(?<=-u )EXPECTED,/,
];
const told = (line: string) =>
  UNTOLD.reduce((text, part) => text.replace(part, ""), line).replace("-u EXPECTED ", "-u UNSET ");

describe.each(["curated", "captures", "counted"])("recording %s", (name) => {
  const recorded: ToolRecording[] = [];
  beforeAll(async () => {
    for await (const line of linesOf<ToolRecording>(toolRecording(name))) recorded.push(line);
    expect(recorded.length).toBeGreaterThan(20);
  });

  it("/proc lines are read and printed again as they were", () => {
    for (const { proc } of recorded) {
      expect(Array.from(parseListing(proc.join("\n")), procLine)).toEqual(proc);
    }
  });

  it.each(Object.keys(FORMS))("a table read from /proc is printed as the tool prints it: -o %s", (form) => {
    let lines = 0;
    for (const { proc, list, name: scenario } of recorded) {
      const theirs = (list[form] ?? []).map(told);
      const flows = [...parseListing(proc.join("\n"))];
      expect(comparable(FORMS[form]!(flows)), scenario).toEqual(comparable(theirs));
      lines += theirs.length;
    }
    expect(lines).toBeGreaterThan(100);
  });

  it("the tool's lines are read and printed again as they were", () => {
    for (const { list } of recorded) {
      for (const form of ["", "extended", "id"] as const) {
        const options = { extended: form === "extended", id: form === "id" };
        for (const line of list[form] ?? []) {
          expect(conntrackLine(parseListingLine(line), options)).toBe(line);
        }
      }
    }
  });
});

const PATIENCE = 120_000;

type EventPrinter = (events: readonly FlowEvent[]) => string[];

const EVENT_FORMS: Readonly<Record<string, EventPrinter>> = {
  "": (events) => events.map((event) => conntrackEventLine(event)),
  "extended,id": (events) => events.map((event) => conntrackEventLine(event, { extended: true, id: true })),
  timestamp: (events) => events.map((event) => conntrackEventLine(event, { timestamp: true })),
  save: (events) => events.map((event) => conntrackEventSave(event)),
  xml: (events) => document(events.map((event) => conntrackEventXml(event))),
};

const CAPTURES = new URL("../../../shared/kernel-traces/captures.jsonl.gz", import.meta.url);
const CURATED = new URL("../conformance/recordings/curated.jsonl.gz", import.meta.url);
const RECORDINGS: readonly (readonly [tool: string, packets: URL])[] = [
  ["curated", CURATED],
  ["counted", CURATED],
  ["captures", CAPTURES],
];

/** NAT has found the port or the id that a flow wanted taken, and has drawn another one. */
const CHOSEN_AT_RANDOM = /^nat\/(.*clash|snat-port-range)/;

describe.each(RECORDINGS)(
  "what the engine leads to is printed as the tool prints the kernel's: %s",
  (tool, packets) => {
    const scenarios: { name: string; theirs: ToolRecording; ours: Outcome }[] = [];
    beforeAll(async () => {
      const recorded = new Map<string, ToolRecording>();
      for await (const line of linesOf<ToolRecording>(toolRecording(tool))) recorded.set(line.name, line);
      for await (const scenario of linesOf<Scenario>(packets)) {
        const theirs = recorded.get(scenario.name);
        if (!theirs || (packets === CURATED && !isCovered("curated", scenario))) continue;
        if (CHOSEN_AT_RANDOM.test(scenario.name)) continue;
        scenarios.push({ name: scenario.name, theirs, ours: await replay(scenario, theirs.set) });
      }
      if (packets === CURATED) expect(scenarios.length).toBeGreaterThan(50);
    }, PATIENCE);

    it.each(Object.keys(FORMS))("tables, -o %s", (form) => {
      for (const { name, theirs, ours } of scenarios) {
        expect(comparable(ours.tables[form]!), name).toEqual(comparable(theirs.list[form] ?? []));
      }
    });

    it("expectations", () => {
      for (const { name, theirs, ours } of scenarios) {
        expect(comparable(ours.expectations), name).toEqual(comparable(theirs.expect));
      }
    });

    it.each(Object.keys(EVENT_FORMS))("events, -o %s", (form) => {
      for (const { name, theirs, ours } of scenarios) {
        expect(comparable(withoutExpired(ours.events[form]!)), name).toEqual(
          comparable(withoutExpired(theirs.events[form] ?? [])),
        );
      }
    });

    it("events of expectations", () => {
      for (const { name, theirs, ours } of scenarios) {
        expect(comparable(ours.expectationEvents), name).toEqual(comparable(theirs.events.expect ?? []));
      }
    });
  },
);

/** Lines by form: engines are not kept, there are a thousand of them. */
interface Outcome {
  readonly tables: Readonly<Record<string, readonly string[]>>;
  readonly expectations: readonly string[];
  readonly events: Readonly<Record<string, readonly string[]>>;
  readonly expectationEvents: readonly string[];
}

/** What there is after the scenario's last packet, and what happened on the way. */
async function replay(scenario: Scenario, set: Readonly<Record<string, number>>): Promise<Outcome> {
  const settings = replayable({ ...scenario, sysctl: { ...scenario.sysctl, ...set } });
  const driver = await createDriver(module, settings, { format: "", version: 1 });
  const conntrack = driver.conntrack as module.Conntrack;
  for (const step of scenario.steps) {
    if (step.in !== undefined) driver.process(fromHex(step.in), step, (step.t ?? 0) / 1000);
    else if (step.cmd !== undefined) runCommand(conntrack, step);
    for (const [name, value] of Object.entries(step.sysctl ?? {})) conntrack.setSysctl(name, value);
  }
  const all = conntrack.drainEvents();
  const events = all.filter((event): event is FlowEvent => !event.kind.startsWith("EXP"));
  const ofExpectations = all.filter((event): event is ExpectationEvent => event.kind.startsWith("EXP"));
  const flows = [...conntrack.flows()];
  return {
    tables: Object.fromEntries(Object.entries(FORMS).map(([form, print]) => [form, print(flows)])),
    // Without -f the tool lists those of IPv4.
    expectations: conntrack
      .expectations()
      .filter(({ family }) => family === "ipv4")
      .map(conntrackExpectLine),
    events: Object.fromEntries(Object.entries(EVENT_FORMS).map(([form, print]) => [form, print(events)])),
    expectationEvents: ofExpectations.map((event) => conntrackExpectEventLine(event)),
  };
}
