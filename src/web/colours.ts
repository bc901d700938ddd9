/** One colour for each state, everywhere; the values are in style.css, light and dark. */
const COLOURS: Readonly<Record<string, string>> = {
  NEW: "--new",
  ESTABLISHED: "--established",
  RELATED: "--related",
  INVALID: "--invalid",
  UNTRACKED: "--untracked",
  DROP: "--drop",
  REJECT: "--drop",
  SYN_SENT: "--new",
  SYN_SENT2: "--syn-sent2",
  SYN_RECV: "--syn-recv",
  FIN_WAIT: "--fin-wait",
  CLOSE_WAIT: "--close-wait",
  LAST_ACK: "--last-ack",
  TIME_WAIT: "--time-wait",
  CLOSE: "--invalid",
  UNREPLIED: "--new",
  REPLIED: "--syn-recv",
  ASSURED: "--established",
  udp: "--udp",
  icmp: "--icmp",
  icmpv6: "--icmp",
};

/** Of a ct state, or of a flow's state with or without the protocol in front. */
export function stateColour(name: string): string {
  const state = name.split(" ").at(-1) ?? name;
  return `var(${COLOURS[name] ?? COLOURS[state] ?? "--untracked"})`;
}
