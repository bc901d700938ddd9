import { beforeEach, describe, expect, it } from "vitest";
import type { Conntrack } from "../../../src/index.js";
import { CLIENT, CLIENT6, latin1, SERVER, SERVER6, udp } from "./packets.js";
import { announced, Session, trackerWith } from "./session.js";
import { answer, description, invite, register, UdpCall } from "./sip-call.js";

const CONTACT = `Contact: "Alice" <sip:alice@${CLIENT}:5070>`;

function line(flags: string, port = 5070, protocol = 17): string {
  return `l3proto = 2 proto=${protocol} src=${SERVER} dst=${CLIENT} sport=0 dport=${port} ${flags} sip/signalling`;
}
const WAITING = "PERMANENT,INACTIVE";
const ACTIVE = "PERMANENT";

describe("registrations", () => {
  let conntrack: Conntrack;
  let registrar: UdpCall;

  /** A call of the registrar's that arrives at the contact. */
  const called = (sport: number, time = 0) =>
    conntrack.track(
      udp(
        { src: SERVER, dst: CLIENT, sport, dport: 5070 },
        latin1(invite(description(SERVER, "audio 6000"))),
      ),
      { time },
    ).ctState;

  beforeEach(async () => {
    conntrack = await trackerWith({ name: "sip", protocol: "udp" });
    registrar = new UdpCall(conntrack);
  });

  it("expects calls once they are granted", () => {
    registrar.client(register(CONTACT, "Expires: 600"));
    expect(announced(conntrack)).toEqual([line(WAITING)]);
    expect(called(6001)).toBe("NEW");
    registrar.server(answer(200, "7 REGISTER", [CONTACT, "Expires: 300"]));
    expect(announced(conntrack)).toEqual([line(ACTIVE)]);
    expect(called(6002, 1000)).toBe("RELATED");
    expect(called(6003, 2000)).toBe("RELATED");
    expect(called(6004, 301_000)).toBe("NEW");
  });

  it("reads calls that arrive so", () => {
    registrar.client(register(CONTACT, "Expires: 600"));
    registrar.server(answer(200, "7 REGISTER", [CONTACT, "Expires: 300"]));
    called(6002);
    const media = `l3proto = 2 proto=17 src=${CLIENT} dst=${SERVER} sport=0`;
    expect(announced(conntrack)).toEqual([
      `${media} dport=6000 sip/audio`,
      `${media} dport=6001 sip/audio`,
      line(ACTIVE),
    ]);
  });

  it("does not let the caller register in turn", () => {
    registrar.client(register(CONTACT, "Expires: 600"));
    registrar.server(answer(200, "7 REGISTER", [CONTACT, "Expires: 300"]));
    const text = register(`Contact: <sip:${SERVER}:5071>`, "Expires: 60");
    conntrack.track(udp({ src: SERVER, dst: CLIENT, sport: 6002, dport: 5070 }, latin1(text)), { time: 0 });
    expect(announced(conntrack)).toEqual([line(ACTIVE)]);
  });

  it.each([
    ["the compact name", `m: <sip:${CLIENT}:5070>;expires=60`],
    ["a folded line", `Contact:\r\n <sip:${CLIENT}:5070>;expires=60`],
    ["a parameter before the header field", `Contact: <sip:${CLIENT}:5070>;expires=60\r\nExpires: 0`],
    ["its own transport", `Contact: <sip:${CLIENT}:5070;transport=UDP>;expires=60`],
  ])("reads a contact with %s", (_, contact) => {
    registrar.client(register(contact));
    expect(announced(conntrack)).toEqual([line(WAITING)]);
  });

  it("takes 5060 when no port is named", () => {
    registrar.client(register(`Contact: <sip:${CLIENT}>;expires=60`));
    expect(announced(conntrack)).toEqual([line(WAITING, 5060)]);
  });

  it("reads addresses of IPv6 in brackets", () => {
    const six = new UdpCall(conntrack, { ipv6: true });
    const contact = `Contact: <sip:alice@[${CLIENT6.replace("::", ":0:0:0:0:000")}]:5070>`;
    six.client(register(contact, "Expires: 600"));
    six.server(answer(200, "7 REGISTER", [contact, "Expires: 300"]));
    const packet = udp({ src: SERVER6, dst: CLIENT6, sport: 6000, dport: 5070 }, latin1("OPTIONS sip:x"));
    expect(conntrack.track(packet, { time: 0 }).ctState).toBe("RELATED");
  });

  it.each([
    ["somebody else's address", "Contact: <sip:alice@192.0.2.1:5070>;expires=60"],
    ["a name", "Contact: <sip:alice@example.com>;expires=60"],
    ["all", "Contact: *"],
    ["another transport", `Contact: <sip:${CLIENT}:5070;transport=tcp>;expires=60`],
    ["a privileged port", `Contact: <sip:${CLIENT}:80>;expires=60`],
    ["no time at all", CONTACT],
    ["the end of a registration", `${CONTACT};expires=0`],
  ])("announces nothing for %s", (_, contact) => {
    expect(registrar.client(register(contact)).verdict).toBe("ACCEPT");
    expect(announced(conntrack)).toEqual([]);
  });

  it("drops what it cannot read or keep", () => {
    expect(registrar.client(register(`${CONTACT};expires=x`)).verdict).toBe("DROP");
    registrar.client(register(CONTACT, "Expires: 600"));
    const other = new UdpCall(conntrack, { port: 5061 });
    expect(other.client(register(CONTACT, "Expires: 600")).verdict).toBe("DROP");
  });

  it.each([
    ["refused", answer(403, "7 REGISTER")],
    ["taken back", answer(200, "7 REGISTER", [CONTACT, "Expires: 0"])],
    ["not among those known", answer(200, "7 REGISTER", [`Contact: <sip:${CLIENT}:5071>;expires=60`])],
  ])("ends when it is %s", (_, text) => {
    registrar.client(register(CONTACT, "Expires: 600"));
    registrar.server(text);
    expect(announced(conntrack)).toEqual([]);
  });

  it("finds its contact among others", () => {
    registrar.client(register(CONTACT, "Expires: 600"));
    const others = `Contact: <sip:bob@192.0.2.1>;expires=9, <sip:alice@${CLIENT}:5071>;expires=9`;
    registrar.server(answer(200, "7 REGISTER", [others, `${CONTACT};expires=60`]));
    expect(announced(conntrack)).toEqual([line(ACTIVE)]);
  });

  it.each([
    ["provisional", answer(100, "7 REGISTER", [CONTACT, "Expires: 60"])],
    ["late", answer(200, "6 REGISTER", [CONTACT, "Expires: 60"])],
  ])("waits on after an answer that is %s", (_, text) => {
    registrar.client(register(CONTACT, "Expires: 600"));
    registrar.server(text);
    expect(announced(conntrack)).toEqual([line(WAITING)]);
  });

  it("expects TCP where it was registered over TCP", async () => {
    conntrack = await trackerWith({ name: "sip", protocol: "udp" }, { name: "sip", protocol: "tcp" });
    const session = new Session(conntrack, { serverPort: 5060 });
    session.client(register(CONTACT, "Expires: 600"));
    session.server(answer(200, "7 REGISTER", [CONTACT, "Expires: 60"]));
    expect(announced(conntrack)).toEqual([line(ACTIVE, 5070, 6)]);
    const call = new Session(conntrack, {
      client: SERVER,
      server: CLIENT,
      clientPort: 6000,
      serverPort: 5070,
    });
    call.client(invite(description(SERVER, "audio 6000")));
    expect(announced(conntrack)).toHaveLength(3);
  });
});
