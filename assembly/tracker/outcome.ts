/** What a tracker makes of a packet. */
export enum Outcome {
  ACCEPT = 0,
  /** The packet is INVALID; packet.reason says why. */
  INVALID = 1,
  /** The packet passes and ends its flow. */
  ACCEPT_AND_DESTROY = 2,
  /** The flow is over and the packet opens a new one with the same tuple. */
  REOPEN = 3,
}
