import { describe, expect, it } from "vitest";
import { Firewall } from "../../../src/firewall.js";
import { dissect, tcp, udp } from "../../../src/packet/index.js";
import { masqueradeWith, NETWORK, OUTSIDE } from "./masquerade.js";

const GATEKEEPER = "203.0.113.10";
const RULES = masqueradeWith("RAS", "udp", 1719);

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const address = (text: string) => text.split(".").map(Number);

/** A RegistrationRequest: a terminal is called at port 1720, and registers from port 1719. */
function registration(terminal: string): Uint8Array {
  const ip = hex(Uint8Array.from(address(terminal)));
  return Buffer.from(
    `0cc00007060008914a0004800100${ip}06b80100${ip}06b76880b500534c046461746160b500534c0670726f6475637402312e3040` +
      "022870020200456784020062006f0062040067006b003160b500534c0670726f6475637402312e30",
    "hex",
  );
}

/** Where the registration that left says that its terminal is called, and where it registers from. */
function register(firewall: Firewall, terminal: string): { called: number; says: string } {
  const packet = udp({
    src: terminal,
    dst: GATEKEEPER,
    sport: 1719,
    dport: 1719,
    payload: registration(terminal),
  });
  const [out] = firewall.process(packet, { time: 0, in: "lan0" }).packets;
  const says = hex(out!).slice(2 * 28);
  return { called: Number.parseInt(says.slice(36, 40), 16), says };
}

function call(firewall: Firewall, port: number) {
  const packet = tcp({
    src: GATEKEEPER,
    dst: OUTSIDE,
    sport: 50_000,
    dport: port,
    flags: "SYN",
  });
  const { ctState, packets } = firewall.process(packet, { time: 0, in: "wan0" });
  const out = packets[0] && dissect(packets[0]);
  return { ctState, to: out && `${out.dst}:${out.dport}` };
}

describe("H.323 through NAT", () => {
  const router = () => Firewall.fromIptablesSave({ ipv4: RULES }, NETWORK);

  it("registers a terminal under the router's address, at which its gatekeeper can call it", async () => {
    const firewall = await router();
    const { says } = register(firewall, "10.1.0.2");
    expect(says).toContain(`0100${hex(Uint8Array.from(address(OUTSIDE)))}06b80100`);
    expect(says).not.toContain(hex(Uint8Array.from(address("10.1.0.2"))));
    expect(call(firewall, 1720)).toEqual({ ctState: "RELATED", to: "10.1.0.2:1720" });
  });

  it("registers a second terminal at another port", async () => {
    const firewall = await router();
    register(firewall, "10.1.0.2");
    const { called } = register(firewall, "10.1.0.3");
    expect(called).toBeGreaterThan(1720);
    expect(call(firewall, called)).toEqual({ ctState: "RELATED", to: "10.1.0.3:1720" });
    expect(call(firewall, 1720)).toEqual({ ctState: "RELATED", to: "10.1.0.2:1720" });
  });

  it("keeps the port when the terminal registers again", async () => {
    const firewall = await router();
    register(firewall, "10.1.0.2");
    const { called } = register(firewall, "10.1.0.3");
    expect(register(firewall, "10.1.0.3").called).toBe(called);
  });
});
