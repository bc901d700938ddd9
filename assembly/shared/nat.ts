/** Which end of a packet is translated. */
export enum Manip {
  SOURCE = 0,
  DESTINATION = 1,
}

/** What a NatRange asks for. */
export enum NatFlag {
  /** The range has addresses; otherwise the packet keeps its own. */
  ADDRESSES = 1,
  /** It has ports (or ICMP ids, or GRE keys). */
  PORTS = 2,
  /** `--random`, `--random-fully`: Linux treats them alike. */
  RANDOM = 4,
  /** `--persistent`: the address depends on the client only. */
  PERSISTENT = 8,
  /** The port keeps its distance from `basePort` (`--to-destination :5000-5010/80`). */
  OFFSET = 16,
  /** The addresses are a network that replaces the packet's, its host bits stay. */
  NETMAP = 32,
  /** The address is that of the device by which the packet leaves. */
  MASQUERADE = 64,
  /** The address is that of the device by which the packet came, or loopback for what this machine sends. */
  REDIRECT = 128,
}
