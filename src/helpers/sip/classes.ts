/** What SIP announces, as indices of expectation classes, and what it remembers of a flow. */
import type { ExpectationClass } from "../helper.js";

export const SIGNALLING = 0;
export const AUDIO = 1;
export const VIDEO = 2;
export const IMAGE = 3;

const TIMEOUT = 180;

export const CLASSES: readonly ExpectationClass[] = [
  { name: "signalling", max: 1, timeout: TIMEOUT },
  { name: "audio", max: 4, timeout: TIMEOUT },
  { name: "video", max: 4, timeout: TIMEOUT },
  { name: "image", max: 2, timeout: TIMEOUT },
];

/** Numbers (CSeq) of the requests whose answers matter. */
export interface Requests {
  register: number;
  invite: number;
  /**
   * The port at which a client waits for answers that sends from another one, as its Via says; of translated flows.
   * 0 when there is none.
   */
  answersTo: number;
}
