/** Moments to go back to: an image of the engine's memory, and what helpers remember. */
import type { Engine } from "./engine/engine.js";
import { ConntrackError } from "./errors.js";
import type { HelperMemories } from "./helper-runner.js";
import type { Parts } from "./snapshot.js";

/**
 * A moment of one Conntrack, with or without rules, to which its rewind() leads back: flows with their ids and order, the
 * clock, settings, statistics, fragments, events and log entries that wait, counters of rules and what they remember are
 * exactly as they were. A Flow that was not there at that moment must not be used any more, and batches are to be cleared.
 *
 * It is an image of the engine's memory, taken and put back as fast as that is copied; for bytes to be kept or sent
 * elsewhere there is Conntrack.snapshot(). Going back is refused (CT_BAD_OPTION) when batches, helpers, timeout policies,
 * rules, sets or devices have been added or replaced since.
 */
export class Checkpoint {
  /** Size of the image. */
  readonly bytes: number;
  readonly #engine: Engine;
  readonly #image: Uint8Array;
  readonly #placed: number;
  readonly #memories: HelperMemories;
  readonly #sysctls: Readonly<Record<string, number>>;

  /** Use Conntrack.checkpoint(). */
  constructor({ engine, helpers, sysctls }: Parts) {
    this.#engine = engine;
    this.#memories = cloned(helpers.memories);
    this.#sysctls = sysctls.all();
    this.#image = engine.image();
    this.#placed = engine.placed;
    this.bytes = this.#image.length;
  }

  /** Use Conntrack.rewind(). @throws ConntrackError CT_BAD_OPTION */
  restore({ engine, helpers, sysctls }: Parts): void {
    if (engine !== this.#engine)
      throw new ConntrackError("CT_BAD_OPTION", "the checkpoint is of another Conntrack");
    if (engine.placed !== this.#placed) {
      throw new ConntrackError(
        "CT_BAD_OPTION",
        "batches, helpers, timeout policies, rules, sets or devices have been added or replaced since the checkpoint",
      );
    }
    engine.load(this.#image);
    helpers.memories = cloned(this.#memories);
    sysctls.recall(this.#sysctls);
  }
}

/** @throws ConntrackError CT_BAD_OPTION */
function cloned(memories: HelperMemories): HelperMemories {
  try {
    return structuredClone(memories);
  } catch (error) {
    throw new ConntrackError(
      "CT_BAD_OPTION",
      `a helper remembers what cannot be copied: ${(error as Error).message}`,
    );
  }
}
