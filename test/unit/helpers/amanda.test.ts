import { beforeEach, describe, expect, it } from "vitest";
import type { Conntrack } from "../../../src/index.js";
import { CLIENT, CLIENT6, latin1, SERVER, SERVER6, SYN, tcp, udp } from "./packets.js";
import { announced, trackerWith } from "./session.js";

const line = (port: number) => `l3proto = 2 proto=6 src=${CLIENT} dst=${SERVER} sport=0 dport=${port} amanda`;

describe("amanda", () => {
  let conntrack: Conntrack;

  const request = (text: string, [src, dst] = [CLIENT, SERVER], sport = 850) =>
    conntrack.track(udp({ src, dst, sport, dport: 10080 }, latin1(text)), { time: 0 });
  const reply = (text: string, [src, dst] = [SERVER, CLIENT], dport = 850) =>
    conntrack.track(udp({ src, dst, sport: 10080, dport }, latin1(text)), { time: 0 });

  beforeEach(async () => {
    conntrack = await trackerWith({ name: "amanda" });
    request("SERVICE sendbackup\n");
  });

  it("follows the streams of a CONNECT line", () => {
    reply("Amanda 2.6 REP\nCONNECT DATA 50001 MESG 50002 INDEX 50003 STATE 50004\n\n");
    expect(announced(conntrack)).toEqual([50001, 50002, 50003, 50004].map(line));
    const ends = { src: CLIENT, dst: SERVER, sport: 1000, dport: 50002 };
    expect(conntrack.track(tcp(ends, { flags: SYN }), { time: 0 }).ctState).toBe("RELATED");
    expect(announced(conntrack)).toEqual([50001, 50003, 50004].map(line));
  });

  it("follows them over IPv6", () => {
    request("x", [CLIENT6, SERVER6]);
    reply("CONNECT MESG 50002\n", [SERVER6, CLIENT6]);
    expect(announced(conntrack)).toHaveLength(1);
  });

  it.each([
    "CONNECT DATA 50001",
    "connect DATA 50001\n",
    "CONNECT data 50001\n",
    "CONNECT\nDATA 50001\n",
    "CONNECT DATA 0 MESG 50001\n",
    "CONNECT DATA x MESG 50001\n",
    "",
  ])("passes over %j", (text) => {
    expect(reply(text).verdict).toBe("ACCEPT");
    expect(announced(conntrack)).toEqual([]);
  });

  it("passes over requests", () => {
    request("CONNECT DATA 50001\n");
    expect(announced(conntrack)).toEqual([]);
  });

  it("drops a reply whose ports another flow has announced", () => {
    reply("CONNECT DATA 50001\n");
    request("x", undefined, 851);
    expect(reply("CONNECT DATA 50001 MESG 50002\n", undefined, 851).verdict).toBe("DROP");
    expect(announced(conntrack)).toEqual([50001, 50002].map(line));
  });

  it("gives the flow five minutes with each reply", () => {
    const seconds = () => [...conntrack.flows()][0]?.timeout;
    expect(seconds()).toBe(30);
    reply("");
    expect(seconds()).toBe(300);
  });
});
