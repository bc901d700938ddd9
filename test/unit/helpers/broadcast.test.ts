import { describe, expect, it } from "vitest";
import { netbiosNs } from "../../../src/helpers/netbios-ns.js";
import { snmp } from "../../../src/helpers/snmp.js";
import { latin1, udp } from "./packets.js";
import { announced, trackerWith } from "./session.js";

const HOST = "10.9.0.1";
const BROADCAST = "10.9.255.255";

describe.each([
  { helper: netbiosNs, seconds: 3 },
  { helper: snmp, seconds: 30 },
])("$helper.name", ({ helper, seconds }) => {
  const { name, port } = helper;
  const question = udp({ src: HOST, dst: BROADCAST, sport: 2000, dport: port }, latin1("?"));
  const answer = (src: string, sport = port) => udp({ src, dst: HOST, sport, dport: 2000 }, latin1("!"));

  /** As it is run by who knows the machine's interfaces. */
  const onInterface = {
    ...helper,
    packet: (context: Parameters<typeof helper.packet>[0]) =>
      helper.packet({ ...context, broadcastMask: "255.255.0.0" }),
  };

  it("admits answers of all hosts of the network for a while", async () => {
    const conntrack = await trackerWith(onInterface);
    conntrack.track(question, { time: 0, hook: "OUTPUT" });
    expect(conntrack.procNetNfConntrackExpect()).toBe(
      `${seconds} l3proto = 2 proto=17 src=${BROADCAST} dst=${HOST} sport=${port} dport=2000 PERMANENT ${name}\n`,
    );
    expect([...conntrack.flows()][0]?.timeout).toBe(seconds);
    for (const [src, sport, state] of [
      ["10.9.3.3", port, "RELATED"],
      ["10.9.3.4", port, "RELATED"],
      ["10.8.3.4", port, "NEW"],
      ["10.9.3.5", port + 1, "NEW"],
    ] as const) {
      expect(conntrack.track(answer(src, sport), { time: 1 }).ctState).toBe(state);
    }
    expect(announced(conntrack)).toHaveLength(1);
    expect(conntrack.track(answer("10.9.3.6"), { time: seconds * 1000 + 1 }).ctState).toBe("NEW");
  });

  it("announces it anew with each question", async () => {
    const conntrack = await trackerWith(onInterface);
    conntrack.track(question, { time: 0, hook: "OUTPUT" });
    conntrack.track(question, { time: 2000, hook: "OUTPUT" });
    expect(conntrack.track(answer("10.9.3.3"), { time: seconds * 1000 + 1000 }).ctState).toBe("RELATED");
    const kinds = conntrack.drainEvents().map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind !== "NEW")).toEqual(["EXP_NEW", "EXP_DESTROY", "EXP_NEW"]);
  });

  it("answers from the conventional port to a helper on another one", async () => {
    const conntrack = await trackerWith({ ...onInterface, port: 5555 });
    const other = udp({ src: HOST, dst: BROADCAST, sport: 2000, dport: 5555 }, latin1("?"));
    conntrack.track(other, { time: 0, hook: "OUTPUT" });
    expect(conntrack.track(answer("10.9.3.3"), { time: 0 }).ctState).toBe("RELATED");
  });

  it("announces nothing where no interfaces are known", async () => {
    const conntrack = await trackerWith({ name });
    expect(conntrack.track(question, { time: 0, hook: "OUTPUT" }).flow?.helper).toBe(name);
    expect(announced(conntrack)).toEqual([]);
  });
});
