/**
 * PPTP (RFC 2637): a call's data travel over enhanced GRE, between the addresses of the control connection, under an
 * id that each end has chosen. Understood are starting and stopping the session, outgoing and incoming calls, and
 * their end. A message is seen when a segment begins with it and holds all of it.
 *
 * The connection's client is taken for the PPTP client (PNS), as in Linux.
 */
import type { Endpoints, Helper, HelperContext } from "./helper.js";

/** Length, message type "control", magic cookie, kind of control message, reserved. */
const HEADER = 12;
const CONTROL_MESSAGE = 1;
const MAGIC_COOKIE = 0x1a2b3c4d;
const SUCCESS = 1;

interface State {
  session: "none" | "requested" | "confirmed" | "stopping" | "refused";
  call: "none" | "outgoing" | "outgoing-confirmed" | "incoming" | "incoming-replied" | "incoming-confirmed";
  clientId: number;
  serverId: number;
  /** The engine knows of the call that ends with the connection. */
  known: boolean;
}

type Context = HelperContext<State>;

/** Who sends the message, its length (each kind has one), and what it does. */
interface Message {
  readonly from: "original" | "reply";
  readonly length: number;
  handle(context: Context): void;
}

const MESSAGES: Readonly<Record<number, Message>> = {
  1: { from: "original", length: 156, handle: startRequest },
  2: { from: "reply", length: 156, handle: startReply },
  3: { from: "original", length: 16, handle: stopRequest },
  4: { from: "reply", length: 16, handle: stopReply },
  7: { from: "original", length: 168, handle: outgoingCallRequest },
  8: { from: "reply", length: 32, handle: outgoingCallReply },
  9: { from: "reply", length: 220, handle: incomingCallRequest },
  10: { from: "original", length: 24, handle: incomingCallReply },
  11: { from: "reply", length: 28, handle: incomingCallConnected },
  12: { from: "original", length: 16, handle: callClearRequest },
  13: { from: "reply", length: 148, handle: callDisconnectNotify },
};

export const pptp: Helper<State> = {
  name: "pptp",
  protocol: "tcp",
  port: 1723,
  families: ["ipv4"],
  classes: [{ max: 2, timeout: 300 }],
  createState: () => ({ session: "none", call: "none", clientId: 0, serverId: 0, known: false }),
  packet(context) {
    const { payload, state, ctState, direction } = context;
    // What ends with the connection is the call of ids 0 and 0 until a message names another.
    if (!state.known) nameCall(context);
    if (ctState !== "ESTABLISHED" || payload.length < HEADER) return;
    if (u16(payload, 2) !== CONTROL_MESSAGE) return;
    if (u16(payload, 4) * 0x10000 + u16(payload, 6) !== MAGIC_COOKIE) return;
    const message = MESSAGES[u16(payload, 8)];
    if (message?.from === direction && payload.length >= message.length) message.handle(context);
    return;
  },
};

function startRequest({ state }: Context): void {
  if (state.session === "none") state.session = "requested";
}

function startReply({ payload, state }: Context): void {
  if (state.session !== "requested" && state.session !== "confirmed") return;
  state.session = payload[14] === SUCCESS ? "confirmed" : "refused";
}

function stopRequest({ state }: Context): void {
  state.session = "stopping";
}

function stopReply({ payload, state }: Context): void {
  if (state.session === "requested" || state.session === "confirmed") return;
  state.session = payload[12] === SUCCESS ? "none" : "refused";
}

function outgoingCallRequest(context: Context): void {
  const { payload, state } = context;
  if (state.session !== "confirmed") return;
  state.call = "outgoing";
  state.clientId = u16(payload, 12);
  nameCall(context);
}

function outgoingCallReply(context: Context): void {
  const { payload, state } = context;
  if (state.session !== "confirmed") return;
  if (state.call !== "outgoing" && state.call !== "outgoing-confirmed") return;
  if (u16(payload, 14) !== state.clientId) return;
  if (payload[16] !== SUCCESS) {
    state.call = "none";
    return;
  }
  state.call = "outgoing-confirmed";
  state.serverId = u16(payload, 12);
  nameCall(context);
  expectData(context);
}

function incomingCallRequest(context: Context): void {
  const { payload, state } = context;
  if (state.session !== "confirmed") return;
  state.call = "incoming";
  state.serverId = u16(payload, 12);
  nameCall(context);
}

function incomingCallReply(context: Context): void {
  const { payload, state } = context;
  if (state.call !== "incoming" && state.call !== "incoming-replied") return;
  if (u16(payload, 14) !== state.serverId) return;
  if (payload[16] !== SUCCESS) {
    state.call = "none";
    return;
  }
  state.call = "incoming-replied";
  state.clientId = u16(payload, 12);
  nameCall(context);
}

function incomingCallConnected(context: Context): void {
  const { payload, state } = context;
  if (state.session !== "confirmed") return;
  if (state.call !== "incoming-replied" && state.call !== "incoming-confirmed") return;
  if (u16(payload, 12) !== state.clientId) return;
  state.call = "incoming-confirmed";
  expectData(context);
}

/** The call goes on until the server has confirmed its end. */
function callClearRequest({ state }: Context): void {
  if (state.session === "confirmed") state.call = "none";
}

function callDisconnectNotify({ state, gre }: Context): void {
  state.call = "none";
  gre.end();
}

function nameCall({ state, gre }: Context): void {
  state.known = true;
  gre.call(state.clientId, state.serverId);
}

/** Either end may send first: an expectation for each, or none when not all that the call needs can be had. */
function expectData({ original, reply, state, expect, expectations, gre }: Context): void {
  const { clientId, serverId } = state;
  const expectFrom = ({ src, dst }: Endpoints, id: number, peerId: number) =>
    expect({
      protocol: "gre",
      source: { address: src, port: id },
      destination: { address: dst, port: peerId },
      eitherEnd: true,
    });
  if (expectFrom(original, clientId, serverId) !== "ADDED") return;
  let added = 1;
  if (expectFrom(reply, serverId, clientId) === "ADDED") {
    added = 2;
    if (gre.addKeys()) return;
  }
  for (const pending of expectations().slice(0, added)) pending.remove();
}

function u16(payload: Uint8Array, at: number): number {
  return ((payload[at] ?? 0) << 8) | (payload[at + 1] ?? 0);
}
