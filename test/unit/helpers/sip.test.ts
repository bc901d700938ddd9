import { beforeEach, describe, expect, it } from "vitest";
import type { Conntrack } from "../../../src/index.js";
import { CLIENT, CLIENT6, latin1, SERVER, SERVER6, udp } from "./packets.js";
import { announced, Session, trackerWith } from "./session.js";
import { answer, description, invite, message, UdpCall } from "./sip-call.js";

const FROM_SERVER = `src=${SERVER} dst=${CLIENT}`;
const FROM_CLIENT = `src=${CLIENT} dst=${SERVER}`;

function stream(ends: string, port: number, kind = "audio"): string[] {
  return [port, port + 1].map((to) => `l3proto = 2 proto=17 ${ends} sport=0 dport=${to} sip/${kind}`);
}

const seconds = (conntrack: Conntrack) => [...conntrack.flows()][0]?.timeout;

describe("calls over UDP", () => {
  let conntrack: Conntrack;
  let call: UdpCall;

  beforeEach(async () => {
    conntrack = await trackerWith({ name: "sip", protocol: "udp" });
    call = new UdpCall(conntrack);
  });

  it("follows the media of both ends", () => {
    call.client(invite(description(CLIENT, "audio 4000")));
    call.server(answer(183, "1 INVITE", [], description(SERVER, "audio 6000")));
    expect(announced(conntrack)).toEqual([...stream(FROM_CLIENT, 6000), ...stream(FROM_SERVER, 4000)]);
    const rtp = udp({ src: SERVER, dst: CLIENT, sport: 6000, dport: 4000 }, latin1("media"));
    expect(conntrack.track(rtp, { time: 0 }).ctState).toBe("RELATED");
    const rtcp = udp({ src: CLIENT, dst: SERVER, sport: 4001, dport: 6001 }, latin1("report"));
    expect(conntrack.track(rtcp, { time: 0 }).ctState).toBe("RELATED");
    const stranger = udp({ src: "203.0.113.11", dst: CLIENT, sport: 6000, dport: 4001 }, latin1("media"));
    expect(conntrack.track(stranger, { time: 0 }).ctState).toBe("NEW");
  });

  it("tells audio, video and images apart, and takes the pair of an odd port", () => {
    call.client(invite(description(CLIENT, "audio 4001", "text 4100", "video 4002", "image 4004")));
    expect(announced(conntrack)).toEqual([
      ...stream(FROM_SERVER, 4000),
      ...stream(FROM_SERVER, 4002, "video"),
      ...stream(FROM_SERVER, 4004, "image"),
    ]);
  });

  it("follows them over IPv6", () => {
    new UdpCall(conntrack, { ipv6: true }).client(invite(description(CLIENT6, "audio 4000")));
    expect(announced(conntrack)).toHaveLength(2);
    const rtp = udp({ src: SERVER6, dst: CLIENT6, sport: 1, dport: 4000 }, latin1("media"));
    expect(conntrack.track(rtp, { time: 0 }).ctState).toBe("RELATED");
  });

  it("keeps the flow for an hour", () => {
    call.client("\r\n\r\n");
    expect(seconds(conntrack)).toBe(3600);
  });

  it.each(["UPDATE", "PRACK", "ACK"])("reads the description of %s", (method) => {
    call.client(message(`${method} sip:x SIP/2.0`, [`CSeq: 2 ${method}`], description(CLIENT, "audio 4000")));
    expect(announced(conntrack)).toEqual(stream(FROM_SERVER, 4000));
  });

  it.each([
    ["a refusal", answer(486, "1 INVITE")],
    ["a redirection", answer(302, "1 INVITE")],
    ["BYE", message("BYE sip:x SIP/2.0", ["CSeq: 2 BYE"])],
    ["the next INVITE", invite("", 2)],
  ])("forgets media that nobody has claimed with %s", (_, text) => {
    call.client(invite(description(CLIENT, "audio 4000")));
    call.server(text);
    expect(announced(conntrack)).toEqual([]);
  });

  it.each([
    ["a refusal of another request", answer(486, "2 INVITE")],
    ["an answer to BYE", answer(481, "1 BYE")],
    ["Trying", answer(100, "1 INVITE")],
  ])("keeps media with %s", (_, text) => {
    call.client(invite(description(CLIENT, "audio 4000")));
    call.server(text);
    expect(announced(conntrack)).toEqual(stream(FROM_SERVER, 4000));
  });

  it("lets a stream name an address of its own", () => {
    const lines = [
      "v=0",
      "c=IN IP4 192.0.2.1",
      "m=audio 4000 RTP",
      `c=IN IP4 ${CLIENT}`,
      "m=video 4002 RTP",
      "",
    ];
    call.client(invite(lines.join("\r\n")));
    expect(announced(conntrack)).toEqual(stream(FROM_SERVER, 4000));
  });

  it.each([
    ["media elsewhere", invite(description("192.0.2.1", "audio 4000"))],
    ["a refused stream", invite(description(CLIENT, "audio 0"))],
    ["other methods", message("INFO sip:x SIP/2.0", ["CSeq: 1 INFO"], description(CLIENT, "audio 4000"))],
    ["no description", invite("v=x\r\nm=audio 4000 RTP\r\n")],
    ["no SIP", "\0\x01\x02 binary stuff"],
  ])("passes over %s", (_, text) => {
    expect(call.client(text).verdict).toBe("ACCEPT");
    expect(announced(conntrack)).toEqual([]);
  });

  it.each([
    ["a request without number", message("INVITE sip:x SIP/2.0", [])],
    ["an answer without number", message("SIP/2.0 200 OK", [])],
    ["an answer without code", answer(Number.NaN, "1 INVITE")],
    ["a privileged port", invite(description(CLIENT, "audio 1023"))],
    ["a port out of range", invite(description(CLIENT, "audio 65536"))],
    ["media without an address", invite("v=0\r\nm=audio 4000 RTP\r\n")],
  ])("drops %s", (_, text) => {
    const result = call.client(text);
    expect([result.verdict, result.reason]).toEqual(["DROP", "HELPER_DROP"]);
    expect([...conntrack.flows()]).toEqual([]);
  });

  it("drops nothing for what a capture left out", () => {
    const text = invite(description(CLIENT, "audio 4000"));
    expect(call.client(text, { captured: text.indexOf("00 RTP") }).verdict).toBe("ACCEPT");
  });

  it("shares media that two flows announce", () => {
    call.client(invite(description(CLIENT, "audio 4000")));
    const fork = new UdpCall(conntrack, { port: 5061 });
    expect(fork.client(invite(description(CLIENT, "audio 4000"))).verdict).toBe("ACCEPT");
    expect(announced(conntrack)).toEqual(stream(FROM_SERVER, 4000));
  });

  it("leaves no half of a pair when there is no room for both", async () => {
    conntrack.setSysctl("nf_conntrack_expect_max", 3);
    const result = call.client(invite(description(CLIENT, "audio 4000", "video 4002")));
    expect(result.verdict).toBe("DROP");
    expect(announced(conntrack)).toEqual([]);
    call.client(invite(description(CLIENT, "audio 4000")));
    expect(call.client(invite(description(CLIENT, "audio 4000", "video 4002"))).verdict).toBe("DROP");
    expect(announced(conntrack)).toEqual(stream(FROM_SERVER, 4000));
  });
});

describe("calls over TCP", () => {
  const update = (port: number, name = "Content-Length") =>
    message("UPDATE sip:x SIP/2.0", ["CSeq: 1 UPDATE"], description(CLIENT, `audio ${port}`)).replace(
      "Content-Length",
      name,
    );
  let conntrack: Conntrack;
  let session: Session;

  beforeEach(async () => {
    conntrack = await trackerWith({ name: "sip", protocol: "tcp" });
    session = new Session(conntrack, { serverPort: 5060 });
  });

  it("reads all messages of a segment", () => {
    session.client(update(4000) + message("OPTIONS sip:x SIP/2.0", []) + update(4002, "l"));
    expect(announced(conntrack)).toEqual([...stream(FROM_SERVER, 4000), ...stream(FROM_SERVER, 4002)]);
    expect(seconds(conntrack)).toBe(3600);
  });

  it("drops a segment for a message in it, and keeps what those before it announced", () => {
    const result = session.client(update(4000) + message("BYE sip:x SIP/2.0", []) + update(4002));
    expect(result.verdict).toBe("DROP");
    expect(announced(conntrack)).toEqual(stream(FROM_SERVER, 4000));
  });

  it.each([
    ["a message without length", update(4000, "X-Length")],
    ["a message that goes on in the next segment", update(4000).slice(0, -1)],
    ["the rest of one", update(4000).slice(20)],
    ["a length that is none", update(4000).replace(/Length: \d+/, "Length: x")],
  ])("passes over %s", (_, text) => {
    expect(session.client(text).verdict).toBe("ACCEPT");
    expect(announced(conntrack)).toEqual([]);
  });
});
