import {
  type ConntrackLike,
  type ConntrackModule,
  type FirewallLike,
  type FirewallOptions,
  MissingFeature,
  type PacketResult,
} from "./api.js";
import { dissect, NAMES } from "./dissect.js";
import type { RecordingHeader, Scenario, Step, Topology } from "./recording.js";
import { helpersInUse, type Ruleset, readRuleset } from "./rules.js";

/** Whether early drop finds a victim depends on the hash, in Linux as here: a fixed key makes replays repeatable. */
const SEED = new Uint8Array(16);

/** One scenario's engine, set up as its kernel was. */
export interface Driver {
  conntrack: ConntrackLike;
  firewall?: FirewallLike;
  /** The packet got lost behind tracking, by something that this driver does not simulate. */
  losesLater(step: Step): boolean;
  process(packet: Uint8Array, step: Step, time: number): PacketResult;
}

/** Settings of the recording machine that differ from the defaults. */
const MACHINE = { nf_conntrack_log_invalid: 255, nf_conntrack_max: 262144 };
/** Its number of hash buckets, unless a scenario had fewer. An implementation may lay out its table otherwise. */
const BUCKETS = 262144;
/** Where most packets enter. */
const ENTRY = "tun0";
/** Its devices take packets of any size, unless a scenario says otherwise. */
const MTU = 65535;
const PLAIN: Topology = { dev: { tun0: [], tun1: [] }, default: "tun1" };

export function isFirewallScenario(scenario: Scenario): boolean {
  return scenario.iptables !== undefined || scenario.topo !== undefined;
}

export function createDriver(
  module: ConntrackModule,
  scenario: Scenario,
  header: RecordingHeader,
): Promise<Driver> {
  return isFirewallScenario(scenario)
    ? createFirewall(module, scenario, header)
    : createConntrack(module, scenario);
}

async function createConntrack(module: ConntrackModule, scenario: Scenario): Promise<Driver> {
  const ruleset = readRuleset(scenario.rules);
  if (ruleset.needs) throw new MissingFeature(`needs rules: ${ruleset.needs}`);
  const conntrack = await module.Conntrack.create({ sysctl: sysctlOf(scenario), hashSeed: SEED });
  setBuckets(conntrack, scenario);
  if (scenario.timeouts) conntrack.addTimeoutPolicy?.(POLICY, scenario.timeouts);
  for (const helper of helpersInUse(ruleset, scenario)) {
    if (!conntrack.addHelper) throw new MissingFeature(`needs the helper ${helper.name}`);
    conntrack.addHelper(helper);
  }
  const losesLater = (step: Step) => isLostLater(ruleset, step);
  return {
    conntrack,
    losesLater,
    process: (packet, step, time) => {
      const policy = timeoutPolicyOf(conntrack, scenario, packet);
      return conntrack.track(packet, { time, confirm: !losesLater(step), ...policy });
    },
  };
}

const POLICY = "recorded";

function timeoutPolicyOf(conntrack: ConntrackLike, { timeouts }: Scenario, packet: Uint8Array) {
  if (!timeouts || NAMES[dissect(packet).protocol] !== timeouts.protocol) return {};
  if (!conntrack.addTimeoutPolicy) throw new MissingFeature("timeout policies are not built yet");
  return { timeoutPolicy: POLICY };
}

/**
 * Routing loses packets between PREROUTING and FORWARD. Past that, only a filter rule does; without one it was
 * conntrack itself (confirmation, a helper), which is ours to decide.
 */
function isLostLater(ruleset: Ruleset, step: Step): boolean {
  return step.fate === "route-drop" || (step.fate === "post-drop" && ruleset.drops);
}

async function createFirewall(
  module: ConntrackModule,
  scenario: Scenario,
  header: RecordingHeader,
): Promise<Driver> {
  if (!module.Firewall) throw new MissingFeature("Firewall is not built yet");
  const { "4": ipv4, "6": ipv6 } = scenario.iptables ?? {};
  const firewall = await module.Firewall.fromIptablesSave(
    { ...(ipv4 !== undefined && { ipv4 }), ...(ipv6 !== undefined && { ipv6 }) },
    firewallOptions(scenario, header.topo?.[scenario.topo ?? "plain"] ?? PLAIN),
  );
  setBuckets(firewall.conntrack, scenario);
  return {
    conntrack: firewall.conntrack,
    firewall,
    losesLater: () => false,
    process: (packet, { iif }, time) =>
      firewall.process(packet, iif === "local" ? { time, local: true } : { time, in: iif ?? ENTRY }),
  };
}

function sysctlOf({ sysctl, max }: Scenario): Record<string, number> {
  return { ...MACHINE, ...sysctl, ...(max !== undefined && { nf_conntrack_max: max }) };
}

function setBuckets(conntrack: ConntrackLike, { buckets = BUCKETS }: Scenario): void {
  if ("nf_conntrack_buckets" in conntrack.sysctls()) conntrack.setSysctl("nf_conntrack_buckets", buckets);
}

function firewallOptions(scenario: Scenario, topology: Topology): FirewallOptions {
  const interfaces: Record<string, string[]> = {};
  for (const [device, addresses] of Object.entries(topology.dev)) interfaces[device] = [...addresses];
  const mtu = Object.fromEntries(Object.keys(interfaces).map((device) => [device, MTU]));
  for (const command of scenario.setup ?? []) {
    const address = /^address add (\S+) dev (\w+)/.exec(command);
    const link = /^link set (\w+) mtu (\d+)$/.exec(command);
    if (address) interfaces[address[2]!]?.push(address[1]!);
    else if (link) mtu[link[1]!] = Number(link[2]);
    else throw new MissingFeature(`unknown set-up: ${command}`);
  }
  return {
    sysctl: sysctlOf(scenario),
    ...(scenario.timeoutPolicies && { timeoutPolicies: scenario.timeoutPolicies }),
    interfaces,
    routes: [{ to: "default", dev: topology.default }],
    ...(scenario.ipset !== undefined && { ipset: scenario.ipset }),
    mtu,
  };
}
