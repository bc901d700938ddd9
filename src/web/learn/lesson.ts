/** What a lesson is made of, and how it is played. */
import type { CtStateName, VerdictName } from "../../index.js";
import { type Entry, Lab, type LabOptions, type Side } from "./lab.js";

export interface Words {
  readonly en: string;
  readonly zh: string;
}

/** What the step shows: a test holds the engine to it. */
export interface Expected {
  readonly ctState?: CtStateName;
  /** Of the flow, as PacketRecord.after.state. */
  readonly state?: string;
  readonly timeout?: number;
  readonly assured?: boolean;
  readonly reason?: string;
  readonly verdict?: VerdictName;
  /** Of the packet: see way.ts. */
  readonly way?: readonly string[];
  /** Flows and expectations afterwards. */
  readonly flows?: number;
  readonly expectations?: number;
}

export interface Step {
  readonly words: Words;
  readonly from?: Side;
  /** What `from` sends. */
  readonly packet?: Uint8Array;
  /** Seconds that pass first. */
  readonly wait?: number;
  readonly sysctl?: readonly [name: string, value: number];
  readonly expected?: Expected;
}

export interface Lesson extends LabOptions {
  readonly id: string;
  readonly title: Words;
  readonly words: Words;
  /** Anew for each play: segments are numbered on the way. */
  readonly steps: () => readonly Step[];
}

/** The lab after the first `count` steps. */
export async function play(lesson: Lesson, count: number): Promise<Lab> {
  const lab = await Lab.create(lesson);
  for (const step of lesson.steps().slice(0, count)) take(lab, step);
  return lab;
}

export function take(lab: Lab, { wait, sysctl, packet, from = "client" }: Step): Entry | undefined {
  if (wait) lab.wait(wait);
  if (sysctl) lab.setSysctl(...sysctl);
  return packet ? lab.send(from, packet) : undefined;
}
