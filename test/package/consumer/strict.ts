// Every entry under strict settings: compiled, not run.
import { Conntrack, ConntrackError, type FlowFilter, LinkType, type TrackResult } from "conntrack-wasm";
import { flowJson, procLine } from "conntrack-wasm/format";
import type { Helper } from "conntrack-wasm/helpers";
import { Conntrack as Inline } from "conntrack-wasm/inline";
import { dissect, ethernet, type TcpFields, tcp } from "conntrack-wasm/packet";
import { type CapturedPacket, readCapture } from "conntrack-wasm/pcap";
import { parseIpsets, parseRuleset, printRuleset, type Rule } from "conntrack-wasm/rules";

export async function main(source: Uint8Array): Promise<string> {
  const conntrack: Conntrack = await Conntrack.create({ sysctl: { nf_conntrack_max: 10 } });
  const fields: TcpFields = { src: "10.0.0.1", dst: "10.0.0.2", sport: 1, dport: 2, flags: ["SYN"] };
  const frame: Uint8Array = ethernet(tcp(fields));
  const result: TrackResult = conntrack.track(frame, { time: 0, link: LinkType.ETHERNET });
  const packets: CapturedPacket[] = [];
  for await (const packet of readCapture(source)) packets.push(packet);
  const filter: FlowFilter = { protocol: "tcp" };
  for (const flow of conntrack.flows(filter)) procLine(flow);
  const helper: Pick<Helper, "name"> = { name: "mine" };
  const state: "NEW" | "ESTABLISHED" | "RELATED" | "INVALID" | "UNTRACKED" = result.ctState;
  if (result.flow) JSON.stringify(flowJson(result.flow));
  const ruleset = parseRuleset("*filter\n-A INPUT -j LOG\nCOMMIT\n", {
    family: "ipv4",
    unsupported: "report",
  });
  const rule: Rule | undefined = ruleset.tables[0]?.chains[0]?.rules[0];
  if (rule?.target?.name === "LOG")
    printRuleset(ruleset, { counters: rule.target.level > parseIpsets("").length });
  const error: Error = new ConntrackError("CT_BAD_OPTION", helper.name);
  return `${state} ${dissect(frame, LinkType.ETHERNET)?.src ?? error.message} ${typeof Inline.createSync}`;
}
