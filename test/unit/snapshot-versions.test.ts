/** Snapshots that earlier versions have taken. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Conntrack, LinkType } from "../../src/index.js";
import { readCapture } from "../../src/pcap/index.js";
import { described, PACKETS } from "../snapshots/make.js";

const FOLDER = "test/snapshots";
const files = readdirSync(FOLDER).filter((file) => file.endsWith(".snapshot"));

describe("a snapshot of version", () => {
  it.each(files)("%s is read as it was meant", async (file) => {
    const conntrack = await Conntrack.restore(readFileSync(`${FOLDER}/${file}`));
    const now = JSON.parse(described(conntrack));
    const then = JSON.parse(readFileSync(`${FOLDER}/${file.replace(".snapshot", ".json")}`, "utf8"));
    expect(then.flows.length).toBeGreaterThan(2);
    // Settings and statistics that came later have their defaults.
    expect(now).toMatchObject(then);
  });

  it.each(files.filter((file) => file.includes("host")))("%s goes on", async (file) => {
    const conntrack = await Conntrack.restore(readFileSync(`${FOLDER}/${file}`));
    const states: string[] = [];
    for await (const { bytes, time, index } of readCapture(readFileSync("test/captures/lab.pcap"))) {
      if (index < PACKETS) continue;
      const { ctState, reason } = conntrack.track(bytes, { time, link: LinkType.ETHERNET });
      if (reason === undefined) states.push(ctState);
      else expect(reason).toMatch(/^(?:NOT_IP|FRAGMENT)$/);
    }
    expect(states).toContain("RELATED");
    expect(states).toContain("ESTABLISHED");
  });

  it("of today is among them", async () => {
    const [major, minor] = new Uint16Array((await Conntrack.create()).snapshot().slice(8, 12).buffer);
    expect(files.some((file) => file.startsWith(`${major}.${minor}-`))).toBe(true);
  });
});
