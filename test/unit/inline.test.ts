import { expect, it } from "vitest";
import { Conntrack, ConntrackError } from "../../src/index.js";
import { udp } from "../../src/packet/index.js";

const packet = udp({ src: "10.0.0.1", dst: "10.0.0.2", sport: 1, dport: 2 });

it("engines are made at once when theirs is inside, and not before", async () => {
  expect(() => Conntrack.createSync()).toThrow(ConntrackError);
  expect(() => Conntrack.createSync()).toThrow(/conntrack-wasm\/inline/);
  const inline = await import("../../src/inline.js");
  expect(inline.Conntrack).toBe(Conntrack);
  expect(Conntrack.createSync().track(packet, { time: 0 }).ctState).toBe("NEW");
  expect(() => Conntrack.createSync({ hashSeed: new Uint8Array(3) })).toThrow(/hashSeed/);
});
