/**
 * Replays recorded scenarios through the public API and compares every answer with the kernel's. Runs wherever
 * the package does: nothing here knows of files or of Node.
 */
import { type ConntrackModule, type EventView, MissingFeature } from "./api.js";
import { Choices } from "./chosen-ports.js";
import { runCommand } from "./commands.js";
import type { Comparer, Difference, EndComparer, Observation } from "./compare.js";
import { compareEvents, compareExpired, noneExpired } from "./compare-events.js";
import {
  compareCounters,
  compareDevice,
  compareDropHook,
  compareMark,
  comparePath,
  compareSets,
} from "./compare-firewall.js";
import { compareFlows } from "./compare-flow.js";
import {
  compareEmitted,
  compareForwarded,
  compareReplies,
  compareTracked,
  summarize,
} from "./compare-packets.js";
import { compareEarlyDrop, compareStat } from "./compare-stat.js";
import { compareExpectations, compareTable } from "./compare-table.js";
import { compareDirection, compareFate, compareLog, compareReason, compareState } from "./compare-verdict.js";
import { createDriver, type Driver, isFirewallScenario } from "./driver.js";
import { dependsOnTries, tickPhases, withChosenTarget, withOurChoices } from "./loose.js";
import { replayable } from "./nft.js";
import { fromHex, groupOf, type RecordingHeader, type Scenario, type Step } from "./recording.js";

export interface StepDifference {
  step: number;
  /** The packet or command of the step, for people. */
  what: string;
  differences: Difference[];
}

export interface ScenarioResult {
  name: string;
  group: string;
  steps: number;
  /** Steps that differ, in order. */
  differing: StepDifference[];
}

/** The aspect of steps that could not be compared because something threw. */
export const EXCEPTION = "exception";
/** The aspect of steps that could not be compared because the API lacks what they need. */
const UNSUPPORTED = "unsupported";

const TRACKING: readonly Comparer[] = [
  compareState,
  compareDirection,
  compareFate,
  compareReason,
  compareLog,
  compareTable,
  compareFlows,
  compareEvents,
  compareExpectations,
];
const CONNTRACK: readonly Comparer[] = [...TRACKING, compareTracked, compareEmitted];
const FIREWALL: readonly Comparer[] = [
  ...TRACKING,
  comparePath,
  compareDropHook,
  compareDevice,
  compareMark,
  compareForwarded,
  compareReplies,
];
const AT_THE_END: readonly EndComparer[] = [
  compareStat,
  compareEarlyDrop,
  compareExpired,
  compareCounters,
  compareSets,
];

/** `comparers`: what to compare after each step, if not all of it. */
export async function replayScenario(
  module: ConntrackModule,
  scenario: Scenario,
  header: RecordingHeader,
  comparers?: readonly Comparer[],
): Promise<ScenarioResult> {
  const asked = replayable(scenario);
  let best: ScenarioResult | undefined;
  for (const phase of tickPhases(asked)) {
    const result = await replayAt(phase, module, asked, header, comparers);
    if (!best || result.differing.length < best.differing.length) best = result;
    if (best.differing.length === 0) break;
  }
  return best!;
}

/** `phase`: milliseconds that are added to all times. */
async function replayAt(
  phase: number,
  module: ConntrackModule,
  scenario: Scenario,
  header: RecordingHeader,
  comparers: readonly Comparer[] | undefined,
): Promise<ScenarioResult> {
  const result: ScenarioResult = {
    name: scenario.name,
    group: groupOf(scenario.name),
    steps: scenario.steps.length,
    differing: [],
  };
  let driver: Driver;
  try {
    driver = await createDriver(module, scenario, header);
  } catch (error) {
    giveUp(result, scenario, 0, error);
    return result;
  }
  replaySteps(phase, driver, scenario, result, comparers);
  return result;
}

function replaySteps(
  phase: number,
  driver: Driver,
  scenario: Scenario,
  result: ScenarioResult,
  chosen: readonly Comparer[] | undefined,
): void {
  const comparers = chosen ?? (isFirewallScenario(scenario) ? FIREWALL : CONNTRACK);
  const expired = noneExpired();
  const choices = new Choices();
  let time = phase;
  for (const [i, recorded] of scenario.steps.entries()) {
    if (recorded.t !== undefined) time = phase + recorded.t / 1000;
    try {
      const came = take(driver, withChosenTarget(recorded, choices), time);
      const step = withOurChoices(recorded, scenario, driver.conntrack, choices);
      const seen: Observation = { scenario, step, time, ...came, expired };
      const differences = comparers.flatMap((compare) => compare(seen));
      if (!chosen && i === scenario.steps.length - 1) {
        const ending = { scenario, expired, ...driver };
        const atTheEnd = AT_THE_END.flatMap((compare) => compare(ending));
        differences.push(...atTheEnd.filter(({ aspect }) => !dependsOnTries(aspect, choices)));
      }
      if (differences.length > 0) result.differing.push({ step: i, what: summarize(seen), differences });
    } catch (error) {
      giveUp(result, scenario, i, error);
      return;
    }
  }
}

/** Does one step and collects what came of it. */
function take(
  driver: Driver,
  step: Step,
  time: number,
): Omit<Observation, "scenario" | "step" | "time" | "expired"> {
  const { conntrack } = driver;
  if (step.in !== undefined) {
    const packet = fromHex(step.in);
    const lostLater = driver.losesLater(step);
    const result = driver.process(packet, step, time);
    const log = conntrack.drainLog?.().map(({ prefix }) => prefix.trim());
    const events = conntrack.drainEvents() as readonly EventView[];
    return { conntrack, packet, lostLater, result, events, ...(log && { log }) };
  }
  if (step.cmd !== undefined) runCommand(conntrack, step);
  for (const [name, value] of Object.entries(step.sysctl ?? {})) conntrack.setSysctl(name, value);
  return { conntrack, lostLater: false, events: conntrack.drainEvents() as readonly EventView[] };
}

/** Nothing from this step on can be compared: all of it differs, for the same reason. */
function giveUp(result: ScenarioResult, scenario: Scenario, from: number, error: unknown): void {
  const aspect = error instanceof MissingFeature ? UNSUPPORTED : EXCEPTION;
  const ours = error instanceof Error ? error.message : String(error);
  for (let i = from; i < scenario.steps.length; i++) {
    const step = scenario.steps[i]!;
    const what = summarize(step.in === undefined ? { step } : { step, packet: fromHex(step.in) });
    result.differing.push({ step: i, what, differences: [{ aspect, kernel: step.fate ?? "done", ours }] });
  }
}
