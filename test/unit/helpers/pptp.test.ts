import { beforeEach, describe, expect, it } from "vitest";
import {
  CLIENT,
  disconnectNotify,
  gre,
  incomingConnected,
  incomingReply,
  incomingRequest,
  message,
  outgoingReply,
  outgoingRequest,
  PptpSession,
  SERVER,
  startReply,
  startRequest,
} from "./pptp-session.js";

const ID = 0x1001;
const PEER = 0x2002;

describe("pptp", () => {
  let session: PptpSession;

  beforeEach(async () => {
    session = await PptpSession.create();
  });

  it("expects the data of an outgoing call from either end", () => {
    session.call(ID, PEER);
    expect(session.expected()).toEqual([
      "300 l3proto = 2 proto=47 src=10.1.0.2 dst=203.0.113.10 srckey=0x1001 dstkey=0x2002 pptp",
      "300 l3proto = 2 proto=47 src=203.0.113.10 dst=10.1.0.2 srckey=0x2002 dstkey=0x1001 pptp",
    ]);
  });

  it("makes both directions of a call one flow, whichever end begins", () => {
    session.call(ID, PEER);
    expect(session.fromServer(ID).ctState).toBe("RELATED");
    expect(session.expected()).toEqual([]);
    expect(session.fromClient(PEER)).toMatchObject({ ctState: "ESTABLISHED", direction: "reply" });
    expect(session.greFlows()).toEqual(["srckey=0x2002 dstkey=0x1001"]);
  });

  it("follows incoming calls", () => {
    session.start();
    session.server(incomingRequest(PEER));
    session.client(incomingReply(ID, PEER));
    expect(session.expected()).toEqual([]);
    session.server(incomingConnected(ID));
    expect(session.expected()).toHaveLength(2);
    expect(session.fromClient(PEER).ctState).toBe("RELATED");
    expect(session.fromServer(ID).ctState).toBe("ESTABLISHED");
  });

  it("tells calls of several control connections between two hosts apart", () => {
    session.call(ID, PEER);
    const other = new PptpSession(session.conntrack, 40001);
    other.connect();
    other.call(0x1003, 0x2004);
    expect(session.fromClient(PEER).ctState).toBe("RELATED");
    expect(session.fromClient(0x2004).ctState).toBe("RELATED");
    expect(session.fromServer(0x1003).ctState).toBe("ESTABLISHED");
    expect(session.greFlows().sort()).toEqual(["srckey=0x1001 dstkey=0x2002", "srckey=0x1003 dstkey=0x2004"]);
  });

  it("ends the data with the call", () => {
    session.call(ID, PEER);
    session.fromClient(PEER);
    session.server(disconnectNotify(PEER));
    expect(session.greFlows()).toEqual([]);
    expect(session.fromClient(PEER).ctState).toBe("NEW");
    expect(session.greFlows()).toEqual(["srckey=0x0 dstkey=0x2002"]);
  });

  it("ends expectations with the call", () => {
    session.call(ID, PEER);
    session.server(disconnectNotify(PEER));
    expect(session.expected()).toEqual([]);
  });

  it("ends the data with the control connection, however that goes", () => {
    session.call(ID, PEER);
    session.fromClient(PEER);
    session.reset();
    session.conntrack.expire({ time: 11_000 });
    session.time = 11_000;
    expect(session.greFlows()).toEqual([]);
    expect(session.fromClient(PEER).ctState).toBe("NEW");
    expect(session.conntrack.stats()).toMatchObject({ entries: 1 });
  });

  it("ends the data with a deleted control connection", () => {
    session.call(ID, PEER);
    session.fromClient(PEER);
    session.conntrack.delete({ protocol: "tcp" });
    expect(session.fromServer(ID).ctState).toBe("NEW");
    expect(session.greFlows()).toEqual(["srckey=0x0 dstkey=0x1001"]);
  });

  it("notices within a batch that a call's ids are no longer known", () => {
    session.call(ID, PEER);
    session.fromClient(PEER);
    const batch = session.conntrack.createBatch(8);
    const [there, back] = [gre(CLIENT, SERVER, PEER), gre(SERVER, CLIENT, ID)];
    for (const packet of [there, back, there, back]) batch.push(packet, 40_000, packet.length);
    session.conntrack.trackBatch(batch);
    session.time = 40_000;
    expect(session.greFlows().sort()).toEqual([
      "srckey=0x0 dstkey=0x1001",
      "srckey=0x0 dstkey=0x2002",
      "srckey=0x1001 dstkey=0x2002",
    ]);
  });

  it.each([
    ["without a session", (s: PptpSession) => s.client(outgoingRequest(ID))],
    [
      "whose session was refused",
      (s: PptpSession) => {
        s.client(startRequest());
        s.server(startReply(2));
        s.client(outgoingRequest(ID));
      },
    ],
    ["that nobody requested", (s: PptpSession) => s.start()],
  ])("passes over the reply to a call %s", (_, before) => {
    before(session);
    expect(session.server(outgoingReply(PEER, ID)).verdict).toBe("ACCEPT");
    expect(session.expected()).toEqual([]);
  });

  it.each([
    ["another call's", outgoingReply(PEER, 0x1003)],
    ["a refusing", outgoingReply(PEER, ID, 2)],
    ["a cut", outgoingReply(PEER, ID).subarray(0, 31)],
    ["an empty", new Uint8Array()],
    ["a bad cookie's", outgoingReply(PEER, ID).with(4, 0)],
    ["a management", outgoingReply(PEER, ID).with(3, 2)],
    ["an unknown", message(16, 64)],
  ])("passes over %s message", (_, payload) => {
    session.start();
    session.client(outgoingRequest(ID));
    expect(session.server(payload).verdict).toBe("ACCEPT");
    expect(session.expected()).toEqual([]);
  });

  it("gives a call the ids that an earlier one has left", () => {
    for (let i = 0; i < 3; i++) {
      session.call(ID, PEER);
      expect(session.fromClient(PEER).ctState).toBe("RELATED");
      session.server(disconnectNotify(PEER));
    }
    expect(session.conntrack.stats()).toMatchObject({ expect_create: 6, expect_new: 3, expect_delete: 6 });
  });
});
