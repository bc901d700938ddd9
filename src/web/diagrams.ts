/** State machines as pictures: where each state stands, and which ways lead from one to another. */
export interface Diagram {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly Node[];
  readonly edges: readonly Edge[];
}

export interface Node {
  readonly name: string;
  /** The middle. */
  readonly x: number;
  readonly y: number;
}

export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly label: string;
}

/** Where a flow comes from and where it goes to. */
export const NONE = "NONE";
export const GONE = "gone";

const TCP: Diagram = {
  width: 660,
  height: 268,
  nodes: [
    { name: NONE, x: 55, y: 34 },
    { name: "SYN_SENT", x: 215, y: 34 },
    { name: "SYN_RECV", x: 400, y: 34 },
    { name: "ESTABLISHED", x: 590, y: 34 },
    { name: "SYN_SENT2", x: 307, y: 88 },
    { name: "FIN_WAIT", x: 590, y: 138 },
    { name: "CLOSE_WAIT", x: 590, y: 234 },
    { name: "LAST_ACK", x: 400, y: 234 },
    { name: "TIME_WAIT", x: 215, y: 234 },
    { name: "CLOSE", x: 215, y: 166 },
    { name: GONE, x: 55, y: 234 },
  ],
  edges: [
    { from: NONE, to: "SYN_SENT", label: "SYN" },
    { from: "SYN_SENT", to: "SYN_RECV", label: "SYN ACK" },
    { from: "SYN_RECV", to: "ESTABLISHED", label: "ACK" },
    { from: "SYN_SENT", to: "SYN_SENT2", label: "SYN back" },
    { from: "SYN_SENT2", to: "SYN_RECV", label: "SYN ACK" },
    { from: "ESTABLISHED", to: "FIN_WAIT", label: "FIN" },
    { from: "FIN_WAIT", to: "CLOSE_WAIT", label: "ACK" },
    { from: "FIN_WAIT", to: "LAST_ACK", label: "FIN" },
    { from: "CLOSE_WAIT", to: "LAST_ACK", label: "FIN" },
    { from: "LAST_ACK", to: "TIME_WAIT", label: "ACK" },
    { from: "TIME_WAIT", to: GONE, label: "120 s" },
    { from: "SYN_SENT", to: "CLOSE", label: "RST" },
    { from: "ESTABLISHED", to: "CLOSE", label: "RST" },
    { from: "CLOSE", to: GONE, label: "10 s" },
  ],
};

const SCTP: Diagram = {
  width: 660,
  height: 220,
  nodes: [
    { name: NONE, x: 50, y: 34 },
    { name: "CLOSED", x: 160, y: 34 },
    { name: "COOKIE_WAIT", x: 300, y: 34 },
    { name: "COOKIE_ECHOED", x: 455, y: 34 },
    { name: "ESTABLISHED", x: 600, y: 34 },
    { name: "SHUTDOWN_SENT", x: 585, y: 114 },
    { name: "SHUTDOWN_RECD", x: 430, y: 114 },
    { name: "SHUTDOWN_ACK_SENT", x: 430, y: 190 },
    { name: "HEARTBEAT_SENT", x: 160, y: 114 },
    { name: GONE, x: 50, y: 190 },
  ],
  edges: [
    { from: NONE, to: "CLOSED", label: "INIT" },
    { from: "CLOSED", to: "COOKIE_WAIT", label: "INIT ACK" },
    { from: "COOKIE_WAIT", to: "COOKIE_ECHOED", label: "ECHO" },
    { from: "COOKIE_ECHOED", to: "ESTABLISHED", label: "ACK" },
    { from: "ESTABLISHED", to: "SHUTDOWN_SENT", label: "" },
    { from: "ESTABLISHED", to: "SHUTDOWN_RECD", label: "" },
    { from: "SHUTDOWN_SENT", to: "SHUTDOWN_ACK_SENT", label: "" },
    { from: "SHUTDOWN_RECD", to: "SHUTDOWN_ACK_SENT", label: "" },
    { from: "SHUTDOWN_ACK_SENT", to: GONE, label: "" },
    { from: NONE, to: "HEARTBEAT_SENT", label: "" },
  ],
};

/** Protocols without states of their own. */
const PLAIN: Diagram = {
  width: 660,
  height: 130,
  nodes: [
    { name: NONE, x: 55, y: 34 },
    { name: "UNREPLIED", x: 220, y: 34 },
    { name: "REPLIED", x: 410, y: 34 },
    { name: "ASSURED", x: 590, y: 34 },
    { name: GONE, x: 410, y: 104 },
  ],
  edges: [
    { from: NONE, to: "UNREPLIED", label: "first" },
    { from: "UNREPLIED", to: "REPLIED", label: "reply" },
    { from: "REPLIED", to: "ASSURED", label: "more" },
    { from: "UNREPLIED", to: GONE, label: "" },
    { from: "REPLIED", to: GONE, label: "" },
    { from: "ASSURED", to: GONE, label: "" },
  ],
};

export function diagramOf(protocol: string): Diagram {
  return protocol === "tcp" ? TCP : protocol === "sctp" ? SCTP : PLAIN;
}
