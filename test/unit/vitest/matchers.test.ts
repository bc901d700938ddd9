/** The matchers that users' tests have: what they say yes and no to, and what they say when it is not so. */
import { beforeEach, describe, expect, it } from "vitest";
import { Firewall } from "../../../src/firewall.js";
import { tcp, udp } from "../../../src/packet/index.js";
import "../../../src/vitest/index.js";

const RULES = `*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:web - [0:0]
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -i lan -p tcp -m tcp --dport 443 -j web
-A FORWARD -i lan -p tcp -j REJECT --reject-with tcp-reset
-A FORWARD -i lan -p udp -m udp --dport 53 -j REJECT --reject-with icmp-admin-prohibited
-A web -j MARK --set-mark 0x7
-A web -j ACCEPT
COMMIT
*nat
-A POSTROUTING -o wan -j MASQUERADE
COMMIT
`;

const ends = { src: "10.1.0.2", dst: "203.0.113.10", sport: 40000 };
const web = tcp({ ...ends, dport: 443, flags: "SYN" });
const mail = tcp({ ...ends, dport: 25, flags: "SYN" });
const dns = udp({ ...ends, dport: 53 });
const other = udp({ ...ends, dport: 54 });

let firewall: Firewall;
beforeEach(async () => {
  firewall = await Firewall.fromIptablesSave(
    { ipv4: RULES },
    {
      interfaces: { lan: ["10.1.0.1/16"], wan: ["198.51.100.1/24"] },
      routes: [{ to: "default", dev: "wan" }],
    },
  );
});

const sent = (packet: Uint8Array, trace = true) => firewall.process(packet, { time: 0, in: "lan", trace });

function failure(assertion: () => void): string {
  try {
    assertion();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("it has not failed");
}

describe("what is so", () => {
  it("of a packet that passes", () => {
    const result = sent(web);
    expect(result).toBeAccepted();
    expect(result).toHaveCtState("NEW");
    expect(result).toHavePath(["PREROUTING", "FORWARD", "POSTROUTING"]);
    expect(result).toLeaveBy("wan");
    expect(result).toLeaveAs({ src: "198.51.100.1", dst: ends.dst, dport: 443, ttl: 63 });
    expect(result).toHaveMark(7);
    expect(result).not.toBeDropped();
    expect(result).not.toBeRejected();
  });

  it("of the rule that decides, named in any way", () => {
    const result = sent(web);
    expect(result).toBeDecidedBy({ table: "filter", chain: "web", number: 2 });
    expect(result).toBeDecidedBy({ chain: "web" });
    expect(result).toBeDecidedBy("filter web 2");
    expect(result).toBeDecidedBy("-A web -j ACCEPT");
    expect(result).toBeDecidedBy(/-j ACCEPT$/g);
    expect(result).not.toBeDecidedBy({ chain: "web", number: 1 });
    expect(result).not.toBeDecidedBy("filter FORWARD 2");
    expect(sent(other)).toBeDecidedBy({ chain: "FORWARD", number: "policy" });
    expect(sent(other)).toBeDecidedBy({ number: 0 });
    expect(sent(other)).toBeDecidedBy("filter FORWARD policy");
    expect(sent(other)).toBeDecidedBy("-P FORWARD DROP");
  });

  it("of the rules on its way", () => {
    const result = sent(web);
    expect(result).toMatchRule("filter FORWARD 2");
    expect(result).toMatchRule({ table: "nat", chain: "POSTROUTING", number: 1 });
    expect(result).not.toMatchRule("filter FORWARD 1");
  });

  it("of packets that do not pass", () => {
    expect(sent(other)).toBeDropped();
    expect(sent(other)).not.toLeaveBy("wan");
    expect(sent(mail)).toBeRejected();
    expect(sent(mail)).toBeRejected("tcp-reset");
    expect(sent(dns)).toBeRejected("icmp-admin-prohibited");
    expect(sent(dns)).not.toBeRejected("icmp-port-unreachable");
    expect(sent(dns)).not.toBeDropped();
  });
});

describe("what is not so is told", () => {
  it("with the rules and what they saw", () => {
    const message = failure(() => expect(sent(other)).toBeAccepted());
    expect(message).toBe(`\
expected the packet to be accepted, but it was dropped by filter FORWARD policy (-P FORWARD DROP)

ct state NEW, original; path PREROUTING > FORWARD
nat PREROUTING policy: -P PREROUTING ACCEPT
filter FORWARD 1: no  -A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
    no   -m conntrack --ctstate RELATED,ESTABLISHED  ct state NEW
filter FORWARD 2: no  -A FORWARD -i lan -p tcp -m tcp --dport 443 -j web
    yes  -i lan              comes by lan
    no   -p tcp              protocol udp
    -    -m tcp --dport 443  not asked
filter FORWARD 3: no  -A FORWARD -i lan -p tcp -j REJECT --reject-with tcp-reset
    yes  -i lan  comes by lan
    no   -p tcp  protocol udp
filter FORWARD 4: no  -A FORWARD -i lan -p udp -m udp --dport 53 -j REJECT --reject-with icmp-admin-prohibited
    yes  -i lan             comes by lan
    yes  -p udp             protocol udp
    no   -m udp --dport 53  destination port 54
filter FORWARD policy: -P FORWARD DROP`);
  });

  it.each([
    [
      "be accepted, but it was rejected with tcp-reset by filter FORWARD 3 (",
      () => expect(sent(mail)).toBeAccepted(),
    ],
    ["not to be accepted, but it was accepted by filter web 2", () => expect(sent(web)).not.toBeAccepted()],
    [
      "be rejected with tcp-reset, but it was rejected with icmp-admin-prohibited",
      () => expect(sent(dns)).toBeRejected("tcp-reset"),
    ],
    [
      "be decided by filter INPUT policy, but it was accepted by filter web 2",
      () => expect(sent(web)).toBeDecidedBy({ table: "filter", chain: "INPUT", number: 0 }),
    ],
    ["match the rule filter FORWARD 1, but", () => expect(sent(web)).toMatchRule("filter FORWARD 1")],
    ["have the ct state RELATED, but it is NEW", () => expect(sent(web)).toHaveCtState("RELATED")],
    [
      "have the path INPUT, but it is PREROUTING > FORWARD > POSTROUTING",
      () => expect(sent(web)).toHavePath(["INPUT"]),
    ],
    ["leave by lan, but it leaves by wan", () => expect(sent(web)).toLeaveBy("lan")],
    ["leave by wan, but it was dropped by filter FORWARD policy", () => expect(sent(other)).toLeaveBy("wan")],
    [
      "leave as src 10.1.0.2, but it leaves as src 198.51.100.1",
      () => expect(sent(web)).toLeaveAs({ src: ends.src }),
    ],
    ["have the mark 0x1, but it is 0x7", () => expect(sent(web)).toHaveMark(1)],
    [
      "(with { trace: true } the rules that it met stand here)",
      () => expect(sent(other, false)).toBeAccepted(),
    ],
  ])("%s", (words, assertion) => {
    expect(failure(assertion)).toContain(words);
  });

  it("also when the wrong thing is asked", () => {
    expect(failure(() => expect("ACCEPT").toBeAccepted())).toMatch(/firewall.process/);
    expect(failure(() => expect(sent(web, false)).toMatchRule("filter web 2"))).toMatch(/trace: true/);
  });
});
