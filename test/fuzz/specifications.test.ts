/** Damaged specifications of `ctwasm test`: read, or refused with their place. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { InputError, UsageError } from "../../src/cli/fail.js";
import { readSpec } from "../../src/cli/spec.js";
import { scratchFolder } from "../scratch.js";
import { damaged } from "./text-mutation.js";

const RUNS = Number(process.env.FUZZ_RUNS ?? 200);
const file = join(scratchFolder(), "spec");

const TEXT = `# a home router
rules home.rules
interface lan 10.0.0.1/24
route default wan
sysctl nf_conntrack_tcp_loose=0
helper ftp
lan: tcp 10.0.0.2:4000 > 192.0.2.1:80 syn seq 100 => ACCEPT new out wan as 198.51.100.1 > 192.0.2.1:80
+5m wan: udp [2001:db8::9]:53 > [2001:db8::1]:53 len 20 => DROP rule filter INPUT policy path PREROUTING,INPUT
local: icmp 198.51.100.1 > 192.0.2.1 echo-request id 7 => REJECT with icmp-port-unreachable mark 0x7
`;
const JSON_TEXT = JSON.stringify({
  rules: "home.rules",
  interfaces: { lan: ["10.0.0.1/24"] },
  routes: [{ to: "default", dev: "lan" }],
  sysctl: { nf_conntrack_max: 5 },
  packets: [
    { in: "lan", packet: "udp 10.0.0.2:1 > 10.0.0.1:2", after: "5m", expect: { verdict: "DROP", mark: 1 } },
    {
      name: "b",
      in: "local",
      packet: "47 10.0.0.1 > 10.0.0.2",
      expect: { path: ["OUTPUT"], ctState: "NEW" },
    },
  ],
});

it("damaged specifications", async () => {
  let read = 0;
  await fc.assert(
    fc.asyncProperty(damaged([TEXT, JSON_TEXT]), async (text) => {
      writeFileSync(file, text);
      try {
        expect(Array.isArray((await readSpec(file)).cases)).toBe(true);
        read++;
      } catch (error) {
        if (!(error instanceof UsageError || error instanceof InputError)) throw error;
        expect(error.message.startsWith(file)).toBe(true);
        expect(error.message).not.toMatch(/undefined|is not a function|Cannot read/);
      }
    }),
    { numRuns: RUNS },
  );
  expect(read, "specifications that were read").toBeGreaterThan(RUNS / 20);
});
