/** How a flow that a translated flow has announced is translated itself (Expectation.follow). */
export enum Follow {
  /** It is led to the announcer's client ... */
  TO_CLIENT = 1,
  /** ... or to its server. */
  TO_SERVER = 2,
  /** The port belongs to the source; the destination keeps its own. */
  PORT_OF_SOURCE = 4,
  /** Its source looks like the announcer's only if it comes from the announcer's peer. */
  PEER_ONLY = 8,
  /** It looks as its own stream has been announced by the same flow, if it has, and else as with PEER_ONLY. */
  STREAM = 16,
  /** Led to the client, its source is its own; led to the server, it is the address that it went to. */
  FORWARDED = 32,
}
