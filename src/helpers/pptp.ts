/**
 * PPTP (RFC 2637): a call's data travel over enhanced GRE, between the addresses of the control connection, under an
 * id that each end has chosen. Understood are starting and stopping the session, outgoing and incoming calls, and
 * their end. A message is seen when a segment begins with it and holds all of it.
 *
 * The connection's client is taken for the PPTP client (PNS), as in Linux. Where it is translated, clients may choose the
 * same id, so the server is told another one: the port that the connection's source is translated to.
 */
import type { Endpoints, Following, Helper, HelperContext } from "./helper.js";

/** Length, message type "control", magic cookie, kind of control message, reserved. */
const HEADER = 12;
const CONTROL_MESSAGE = 1;
const MAGIC_COOKIE = 0x1a2b3c4d;
const SUCCESS = 1;

interface State {
  session: "none" | "requested" | "confirmed" | "stopping" | "refused";
  call: "none" | "outgoing" | "outgoing-confirmed" | "incoming" | "incoming-replied" | "incoming-confirmed";
  /** As the server knows it. */
  clientId: number;
  serverId: number;
  /** As the client knows it, of a translated connection: that of the last outgoing call. */
  ownId: number;
  /** The engine knows of the call that ends with the connection. */
  known: boolean;
}

type Context = HelperContext<State>;

/** Who sends the message, its length (each kind has one), and what it does. */
interface Message {
  readonly from: "original" | "reply";
  readonly length: number;
  /** Where the client's id stands that has to be translated. */
  readonly id?: number;
  /** False for one that makes no sense, which is left as it is. */
  handle(context: Context): boolean;
}

const MESSAGES: Readonly<Record<number, Message>> = {
  1: { from: "original", length: 156, handle: startRequest },
  2: { from: "reply", length: 156, handle: startReply },
  3: { from: "original", length: 16, handle: stopRequest },
  4: { from: "reply", length: 16, handle: stopReply },
  7: { from: "original", length: 168, id: 12, handle: outgoingCallRequest },
  8: { from: "reply", length: 32, id: 14, handle: outgoingCallReply },
  9: { from: "reply", length: 220, handle: incomingCallRequest },
  10: { from: "original", length: 24, id: 12, handle: incomingCallReply },
  11: { from: "reply", length: 28, id: 12, handle: incomingCallConnected },
  12: { from: "original", length: 16, id: 12, handle: callClearRequest },
  13: { from: "reply", length: 148, id: 12, handle: callDisconnectNotify },
  // What goes wrong on the line, and its options, concern tracking only in that they name the call.
  14: { from: "reply", length: 40, id: 12, handle: () => true },
  15: { from: "reply", length: 24, id: 12, handle: () => true },
};

export const pptp: Helper<State> = {
  name: "pptp",
  protocol: "tcp",
  port: 1723,
  families: ["ipv4"],
  classes: [{ max: 2, timeout: 300 }],
  createState: () => ({ session: "none", call: "none", clientId: 0, serverId: 0, ownId: 0, known: false }),
  packet(context) {
    const { payload, state, ctState, direction } = context;
    // What ends with the connection is the call of ids 0 and 0 until a message names another.
    if (!state.known) nameCall(context);
    if (ctState !== "ESTABLISHED" || payload.length < HEADER) return;
    if (u16(payload, 2) !== CONTROL_MESSAGE) return;
    if (u16(payload, 4) * 0x10000 + u16(payload, 6) !== MAGIC_COOKIE) return;
    const message = MESSAGES[u16(payload, 8)];
    if (message?.from !== direction || payload.length < message.length) return;
    if (message.handle(context) && message.id !== undefined) translateId(context, message.id);
    return;
  },
};

function translateId({ direction, state, nat }: Context, at: number): void {
  const id = direction === "original" ? state.clientId : state.ownId;
  nat?.replace(at, 2, Uint8Array.of(id >>> 8, id & 0xff));
}

function startRequest({ state }: Context): boolean {
  if (state.session === "none") state.session = "requested";
  return true;
}

function startReply({ payload, state }: Context): boolean {
  if (state.session !== "requested" && state.session !== "confirmed") return false;
  state.session = payload[14] === SUCCESS ? "confirmed" : "refused";
  return true;
}

function stopRequest({ state }: Context): boolean {
  state.session = "stopping";
  return true;
}

function stopReply({ payload, state }: Context): boolean {
  if (state.session === "requested" || state.session === "confirmed") return false;
  state.session = payload[12] === SUCCESS ? "none" : "refused";
  return true;
}

function outgoingCallRequest(context: Context): boolean {
  const { payload, state, nat, reply } = context;
  if (state.session !== "confirmed") return false;
  state.call = "outgoing";
  state.clientId = u16(payload, 12);
  if (nat) {
    state.ownId = state.clientId;
    state.clientId = reply.dport;
  }
  nameCall(context);
  return true;
}

function outgoingCallReply(context: Context): boolean {
  const { payload, state } = context;
  if (state.session !== "confirmed") return false;
  if (state.call !== "outgoing" && state.call !== "outgoing-confirmed") return false;
  if (u16(payload, 14) !== state.clientId) return false;
  if (payload[16] !== SUCCESS) {
    state.call = "none";
    return true;
  }
  state.call = "outgoing-confirmed";
  state.serverId = u16(payload, 12);
  nameCall(context);
  expectData(context);
  return true;
}

function incomingCallRequest(context: Context): boolean {
  const { payload, state } = context;
  if (state.session !== "confirmed") return false;
  state.call = "incoming";
  state.serverId = u16(payload, 12);
  nameCall(context);
  return true;
}

function incomingCallReply(context: Context): boolean {
  const { payload, state } = context;
  if (state.call !== "incoming" && state.call !== "incoming-replied") return false;
  if (u16(payload, 14) !== state.serverId) return false;
  if (payload[16] !== SUCCESS) {
    state.call = "none";
    return true;
  }
  state.call = "incoming-replied";
  // Linux does not translate the ids of incoming calls.
  state.clientId = u16(payload, 12);
  nameCall(context);
  return true;
}

function incomingCallConnected(context: Context): boolean {
  const { payload, state } = context;
  if (state.session !== "confirmed") return false;
  if (state.call !== "incoming-replied" && state.call !== "incoming-confirmed") return false;
  if (u16(payload, 12) !== state.clientId) return false;
  state.call = "incoming-confirmed";
  expectData(context);
  return true;
}

/** The call goes on until the server has confirmed its end. */
function callClearRequest({ state }: Context): boolean {
  if (state.session !== "confirmed") return false;
  state.call = "none";
  return true;
}

function callDisconnectNotify({ state, gre }: Context): boolean {
  state.call = "none";
  gre.end();
  return true;
}

function nameCall({ state, gre, nat }: Context): void {
  state.known = true;
  gre.call(nat ? state.ownId : state.clientId, state.serverId, state.clientId);
}

/** Either end may send first: an expectation for each, or none when not all that the call needs can be had. */
function expectData({ original, reply, state, expect, expectations, gre, nat }: Context): void {
  const { clientId, serverId } = state;
  const ownId = nat ? state.ownId : clientId;
  const expectFrom = ({ src, dst }: Endpoints, id: number, peerId: number, follow: Following) =>
    expect({
      protocol: "gre",
      source: { address: src, port: id },
      destination: { address: dst, port: peerId },
      eitherEnd: true,
      ...(nat && { follow }),
    });
  const out: Following = { port: clientId, portOf: "source", towards: "server" };
  const back: Following = { port: ownId, towards: "client" };
  if (expectFrom(original, ownId, serverId, out) !== "ADDED") return;
  let added = 1;
  if (expectFrom(reply, serverId, clientId, back) === "ADDED") {
    added = 2;
    if (gre.addKeys()) return;
  }
  for (const pending of expectations().slice(0, added)) pending.remove();
}

function u16(payload: Uint8Array, at: number): number {
  return ((payload[at] ?? 0) << 8) | (payload[at + 1] ?? 0);
}
