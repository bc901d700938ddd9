/** What matches remember: buckets, lists, counts of connections. */
import { describe, expect, it } from "vitest";
import { datagram, machine, mangle, markOf, syn } from "./machine.js";

describe("limit", () => {
  it("lets the burst pass, then one packet whenever its time has come", async () => {
    const fw = await machine(["-m limit --limit 1/second --limit-burst 3"]);
    expect([0, 1, 2, 3, 4].map((time) => markOf(fw, time))).toEqual([1, 1, 1, 0, 0]);
    expect([900, 1004, 1008, 2008].map((time) => markOf(fw, time))).toEqual([0, 1, 0, 1]);
    expect([60_000, 60_000, 60_000, 60_000].map((time) => markOf(fw, time))).toEqual([1, 1, 1, 0]);
  });

  it("starts anew with new rules", async () => {
    const rules = ["-m limit --limit 1/hour --limit-burst 1"];
    const fw = await machine(rules);
    expect([markOf(fw, 0), markOf(fw, 1)]).toEqual([1, 0]);
    fw.replaceRules({ ipv4: mangle(rules) });
    expect(markOf(fw, 2)).toBe(1);
  });
});

describe("hashlimit", () => {
  const rule =
    "-m hashlimit --hashlimit-upto 1/second --hashlimit-burst 2 --hashlimit-mode srcip --hashlimit-name h";

  it("has a bucket for each address", async () => {
    const fw = await machine([rule]);
    const from = (host: number) => markOf(fw, host, datagram(`10.1.0.${host}`));
    expect([from(2), from(2), from(2), from(3), from(3), from(3)]).toEqual([1, 1, 0, 1, 1, 0]);
  });

  it("forgets a bucket that nobody has used for a while", async () => {
    const fw = await machine([`${rule} --hashlimit-htable-expire 3000`]);
    expect([0, 0, 0].map((time) => markOf(fw, time))).toEqual([1, 1, 0]);
    expect([10_000, 10_000, 10_000].map((time) => markOf(fw, time))).toEqual([1, 1, 0]);
  });

  it("keeps its table when new rules name it, too", async () => {
    const fw = await machine([rule]);
    expect([0, 0, 0].map((time) => markOf(fw, time))).toEqual([1, 1, 0]);
    fw.replaceRules({ ipv4: mangle([rule]) });
    expect(markOf(fw, 0)).toBe(0);
    fw.replaceRules({ ipv4: mangle([]) });
    fw.replaceRules({ ipv4: mangle([rule]) });
    expect(markOf(fw, 0)).toBe(1);
  });

  it("above matches what has no credit", async () => {
    const fw = await machine([rule.replace("upto", "above")]);
    expect([0, 0, 0].map((time) => markOf(fw, time))).toEqual([0, 0, 1]);
  });
});

describe("recent", () => {
  it("counts the packets of an address within some seconds", async () => {
    const fw = await machine([
      "-m recent --name r --rcheck --seconds 10 --hitcount 3",
      "-m recent --name r --set",
    ]);
    expect([0, 1000, 2000, 3000].map((time) => markOf(fw, time))).toEqual([2, 2, 2, 3]);
    expect(markOf(fw, 3000, datagram("10.1.0.9"))).toBe(2);
    expect(markOf(fw, 60_000)).toBe(2);
  });

  it("remembers 100 addresses, those seen last", async () => {
    const fw = await machine(["-m recent --name r --rcheck", "-m recent --name r --set"]);
    for (let host = 1; host <= 101; host++) markOf(fw, host, datagram(`10.1.1.${host}`));
    expect(markOf(fw, 200, datagram("10.1.1.2"))).toBe(3);
    expect(markOf(fw, 200, datagram("10.1.1.1"))).toBe(2);
  });

  it("forgets an address that is removed", async () => {
    const fw = await machine(["-p udp -m recent --name r --set", "-p tcp -m recent --name r --remove"]);
    expect([markOf(fw, 0), markOf(fw, 1, syn(1)), markOf(fw, 2, syn(2))]).toEqual([1, 2, 0]);
  });

  it("refuses more hits than a list keeps stamps for", async () => {
    await expect(machine(["-m recent --rcheck --hitcount 256"])).rejects.toMatchObject({
      code: "CT_BAD_RULE",
    });
  });
});

describe("connlimit", () => {
  it("counts the connections that an address has, until they end", async () => {
    const fw = await machine(["-p tcp -m connlimit --connlimit-above 2"]);
    expect([1, 2, 3].map((sport) => markOf(fw, 0, syn(sport)))).toEqual([0, 0, 1]);
    expect(markOf(fw, 0, syn(1))).toBe(1);
    expect(markOf(fw, 0, syn(4, "10.1.0.3"))).toBe(0);
    // SYN_SENT lasts two minutes.
    expect(markOf(fw, 130_000, syn(5))).toBe(0);
  });
});

describe("quota and statistic", () => {
  it("a packet that exceeds the quota uses it up", async () => {
    const fw = await machine(["-m quota --quota 60"]);
    const long = datagram();
    expect(long.length).toBe(28);
    expect([1, 2, 3, 4].map((time) => markOf(fw, time))).toEqual([1, 1, 0, 0]);
  });

  it("nth matches one packet of so many, random some", async () => {
    const nth = await machine(["-m statistic --mode nth --every 3 --packet 1"]);
    expect([0, 1, 2, 3, 4, 5].map((time) => markOf(nth, time))).toEqual([0, 1, 0, 0, 1, 0]);
    const random = await machine(["-m statistic --mode random --probability 0.5"]);
    const hits = Array.from({ length: 400 }, (_, time) => markOf(random, time)).filter((mark) => mark).length;
    expect(hits).toBeGreaterThan(100);
    expect(hits).toBeLessThan(300);
  });
});
