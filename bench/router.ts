import { type Batch, CtState, Firewall, LinkType } from "../src/index.js";
import type { Contestant, ContestantName } from "./contestant.js";
import { fill } from "./ours.js";
import { RING_SLOTS, type Ring } from "./ring.js";
import { SLOT_BYTES } from "./workload.js";

const NETWORK = {
  interfaces: { lan0: ["10.255.255.254/8"], wan0: ["198.51.100.1/24"] },
  routes: [{ to: "default", dev: "wan0" }],
};

/** A router, as users drive it. */
export class Router implements Contestant {
  readonly judges = true;
  readonly #firewall: Firewall;
  readonly #batch: Batch;

  private constructor(
    readonly name: ContestantName,
    firewall: Firewall,
  ) {
    this.#firewall = firewall;
    const options = { link: LinkType.ETHERNET, bytes: RING_SLOTS * SLOT_BYTES, in: "lan0" };
    this.#batch = firewall.createBatch(RING_SLOTS, options);
  }

  /** `rules`: of the nat table; undefined: there is none. */
  static async create(name: ContestantName, mostFlows: number, rules?: readonly string[]): Promise<Router> {
    const chains = ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"].map((chain) => `:${chain} ACCEPT [0:0]`);
    const ipv4 = rules && ["*nat", ...chains, ...rules, "COMMIT", ""].join("\n");
    const sysctl = { nf_conntrack_max: mostFlows };
    return new Router(
      name,
      await Firewall.fromIptablesSave(ipv4 === undefined ? {} : { ipv4 }, { ...NETWORK, sysctl }),
    );
  }

  trackBatch(ring: Ring): number {
    const batch = this.#batch;
    fill(batch, ring);
    this.#firewall.processBatch(batch);
    let established = 0;
    const states = batch.ctStates;
    for (let i = 0; i < ring.count; i++) if (states[i] === CtState.ESTABLISHED) established++;
    return established;
  }

  trackEach(ring: Ring): number {
    return this.trackBatch(ring);
  }

  trackAndSweep(ring: Ring): number {
    return this.trackBatch(ring);
  }

  verifyChecksums(on: boolean): void {
    this.#firewall.conntrack.setSysctl("nf_conntrack_checksum", on ? 1 : 0);
  }

  expire(time: number): void {
    this.#firewall.conntrack.expire({ time });
  }

  flowCount(): number {
    return this.#firewall.conntrack.memory().flows;
  }

  timeWaitCount(): number {
    let count = 0;
    for (const _ of this.#firewall.conntrack.flows({ state: "TIME_WAIT" })) count++;
    return count;
  }

  tableBytes(): number {
    return this.#firewall.conntrack.memory().bytes;
  }
}
