/**
 * An engine that goes to any moment of a capture, forwards and backwards, and is there what it would be had it tracked
 * all packets up to then without stopping: with the same ids, in the same order.
 */
import type { Conntrack } from "../../index.js";
import type { Settings } from "../model.js";
import type { Capture } from "./capture.js";
import { type Mark, Replay } from "./replay.js";

/** All marks together. */
const MOST_BYTES = 64 << 20;
const MOST_MARKS = 64;
/** Packets between marks, to begin with. */
const NEAREST = 8192;

export class Journey {
  readonly #capture: Capture;
  readonly #settings: Settings;
  #replay: Replay;
  /** In the order of the capture. */
  #marks: Mark[] = [];
  #distance = NEAREST;
  /** In front of the part of a batch that leads to the moment: there the way goes on. */
  #pause: Mark | undefined;

  private constructor(capture: Capture, settings: Settings, replay: Replay) {
    this.#capture = capture;
    this.#settings = settings;
    this.#replay = replay;
  }

  /** @throws ConntrackError as Replay.begin() */
  static async begin(capture: Capture, settings: Settings): Promise<Journey> {
    return new Journey(capture, settings, await Replay.begin(capture, settings));
  }

  /** As it is at the moment; not to be changed. */
  get conntrack(): Conntrack {
    return this.#replay.conntrack;
  }

  /** Packets tracked. */
  get packets(): number {
    return this.#replay.packets;
  }

  /** When the next packet comes. */
  nextTime(): Promise<number | undefined> {
    return this.#replay.nextTime();
  }

  /** Goes to a moment. Stopped on the way, it can go on from there. */
  async to(time: number, signal: AbortSignal, onProgress: (done: number) => void): Promise<void> {
    if (this.#pause) await this.#replay.goTo(this.#pause, true);
    this.#pause = undefined;
    await this.#approach(time);
    await this.#replay.to(time, { signal, onProgress, whole: true, onChunk: () => this.#passMark() });
    this.#pause = this.#replay.mark();
    await this.#replay.to(time, { signal });
    this.#replay.conntrack.expire({ time });
  }

  close(): Promise<void> {
    return this.#replay.close();
  }

  /** Goes to the nearest place in front of the moment that there is. */
  async #approach(time: number): Promise<void> {
    const replay = this.#replay;
    const nearest = this.#marks.findLast((mark) => mark.latest <= time && replay.canGoTo(mark));
    const isBefore = replay.latest <= time;
    if (nearest && (!isBefore || nearest.packets > replay.packets)) await replay.goTo(nearest);
    else if (!isBefore) {
      await replay.close();
      this.#marks = [];
      this.#replay = await Replay.begin(this.#capture, this.#settings);
    }
  }

  #passMark(): void {
    const replay = this.#replay;
    if (replay.packets < (this.#marks.at(-1)?.packets ?? 0) + this.#distance) return;
    this.#marks.push(replay.mark());
    this.#marks = this.#marks.filter((mark) => replay.canGoTo(mark));
    while (this.#marks.length > MOST_MARKS || this.#bytes > MOST_BYTES) {
      this.#distance *= 2;
      this.#marks = this.#marks.filter((_, i) => i % 2 === 1);
    }
  }

  get #bytes(): number {
    return this.#marks.reduce((sum, { checkpoint }) => sum + checkpoint.bytes, 0);
  }
}
