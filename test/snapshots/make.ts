/**
 * Makes the snapshots of this folder: `npx tsx test/snapshots/make.ts`. A version of the format is recorded once, when it
 * is new, and stays: test/unit/snapshot-versions.test.ts shows that what was saved by it can still be read.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { Conntrack, Firewall, LinkType } from "../../src/index.js";
import { sctp, tcp, udp } from "../../src/packet/index.js";
import { readCapture } from "../../src/pcap/index.js";

/** In the middle of an FTP session: expectations wait, data connections are open, others are over. */
export const PACKETS = 284;
const SETTINGS = { nf_conntrack_acct: 1, nf_conntrack_timestamp: 1, nf_conntrack_tcp_timeout_close: 77 };
const RULES = `*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -i wan -p tcp --dport 8080 -j DNAT --to-destination 10.1.0.80:80
-A POSTROUTING -o wan -j MASQUERADE
COMMIT
`;

/** Both families, helpers and what they announced, counters, timestamps, marks, labels, a timeout policy, SCTP. */
async function host(): Promise<Conntrack> {
  const conntrack = await Conntrack.create({
    sysctl: SETTINGS,
    timeoutPolicies: { short: { protocol: "udp", timeouts: { unreplied: 5, replied: 50 } } },
  });
  for (const name of ["ftp", "sip", "tftp"]) conntrack.addHelper({ name });
  let last = 0;
  let count = 0;
  for await (const { bytes, time } of readCapture(readFileSync("test/captures/lab.pcap"))) {
    conntrack.track(bytes, { time, link: LinkType.ETHERNET });
    last = time;
    if (++count === PACKETS) break;
  }
  const ends = { src: "10.1.0.10", dst: "192.0.2.53", sport: 4000, dport: 5000 };
  conntrack.track(udp({ ...ends, payload: "?" }), { time: last, timeoutPolicy: "short" });
  conntrack.track(sctp({ ...ends, chunks: [{ type: "INIT" }] }), { time: last });
  conntrack.update({ protocol: "udp" }, { mark: 7, labels: [1, 100] });
  return conntrack;
}

/** Translated flows, both ways. */
async function router(): Promise<Conntrack> {
  const firewall = await Firewall.fromIptablesSave(
    { ipv4: RULES },
    {
      interfaces: { lan: ["10.1.0.1/16"], wan: ["198.51.100.1/24"] },
      routes: [{ to: "default", dev: "wan" }],
    },
  );
  for (const client of ["10.1.0.2", "10.1.0.3"]) {
    const question = udp({ src: client, dst: "203.0.113.10", sport: 5000, dport: 53, payload: "?" });
    firewall.process(question, { time: 1000, in: "lan" });
  }
  const request = { src: "203.0.113.7", dst: "198.51.100.1", sport: 40000, dport: 8080, flags: "SYN" };
  firewall.process(tcp({ ...request, seq: 1 }), { time: 2000, in: "wan" });
  return firewall.conntrack;
}

/** What of a state has to be the same after it has been read. */
export function described(conntrack: Conntrack): string {
  const sorted = (text: string) =>
    text
      .split("\n")
      .filter((line) => line !== "")
      .sort();
  const flows = [...conntrack.flows()].map((flow) => {
    const { helper, labels, start, tcp: window } = flow;
    return `${flow.line()} ${JSON.stringify({ helper, labels, start, window, master: flow.master?.line() })}`;
  });
  return JSON.stringify(
    {
      flows: flows.sort(),
      expectations: sorted(conntrack.procNetNfConntrackExpect()),
      stats: conntrack.stats(),
      sysctls: conntrack.sysctls(),
    },
    null,
    2,
  );
}

async function make(): Promise<void> {
  for (const [name, conntrack] of Object.entries({ host: await host(), router: await router() })) {
    const bytes = conntrack.snapshot();
    const version = new DataView(bytes.buffer);
    const path = `test/snapshots/${version.getUint16(8, true)}.${version.getUint16(10, true)}-${name}`;
    writeFileSync(`${path}.snapshot`, bytes, { flag: "wx" });
    writeFileSync(`${path}.json`, `${described(conntrack)}\n`, { flag: "wx" });
  }
}

if (process.argv[1]?.endsWith("make.ts")) await make();
