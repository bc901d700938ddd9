/** How a flow that a translated flow has announced is translated itself (Expectation.follow). */
export enum Follow {
  /** It is, towards the end from which the announcer's original packets come ... */
  TO_CLIENT = 1,
  /** ... or towards the other one. */
  TO_SERVER = 2,
  /** The port belongs to the source; the destination keeps its own. */
  PORT_OF_SOURCE = 4,
  /** The flow is media of a call: see nat/follow.ts. */
  MEDIA = 8,
  /** It only comes from where its announcer's packets go if it has the same source. */
  SIGNALLING = 16,
}
