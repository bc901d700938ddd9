/** What a capture's packets came to. */
import { type Batch, CtState, type CtStateName, type ReasonCode } from "../index.js";

const REFUSED: ReadonlySet<string> = new Set(["DROP", "REJECT"]);

export class Totals {
  packets = 0;
  /** IP packets by ct state. */
  readonly states: Record<CtStateName, number> = {
    NEW: 0,
    ESTABLISHED: 0,
    RELATED: 0,
    INVALID: 0,
    UNTRACKED: 0,
  };
  dropped = 0;
  held = 0;
  /** Frames without an IP packet: ARP and the like. */
  notIp = 0;
  readonly reasons = new Map<ReasonCode, number>();

  /** Adds all packets of a tracked batch. `ruled`: they have met rules. */
  add(batch: Batch, ruled: boolean): void {
    const { length, ctStates } = batch;
    this.packets += length;
    let opening = 0;
    let established = 0;
    for (let i = 0; i < length; i++) {
      const state = ctStates[i];
      if (ruled && REFUSED.has(batch.verdict(i))) this.#addOther(batch, i);
      else if (state === CtState.ESTABLISHED) established++;
      else if (state === CtState.NEW) opening++;
      else this.#addOther(batch, i);
    }
    this.states.NEW += opening;
    this.states.ESTABLISHED += established;
  }

  #addOther(batch: Batch, i: number): void {
    const reason = batch.reason(i);
    const verdict = batch.verdict(i);
    if (reason === "NOT_IP" || reason === "LINK_TYPE") this.notIp++;
    else if (REFUSED.has(verdict)) this.dropped++;
    else if (verdict === "STOLEN") this.held++;
    else this.states[batch.ctState(i)]++;
    if (reason) this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
  }

  /** Lines for people. */
  text(): string {
    const states = Object.entries(this.states).map(([state, n]) => `${n} ${state}`);
    let text = `${this.packets} packets: ${states.join(", ")}, ${this.dropped} dropped`;
    if (this.held) text += `, ${this.held} held`;
    if (this.notIp) text += `, ${this.notIp} not IP`;
    text += "\n";
    for (const [reason, n] of [...this.reasons].sort((a, b) => b[1] - a[1])) text += `  ${n} ${reason}\n`;
    return text;
  }

  /** What to say about a capture that seems to have been taken before checksums were filled in. */
  hint(): string {
    // Only what this host sent lacks them: less than half of a capture.
    const wrong = (this.reasons.get("TCP_CHECKSUM") ?? 0) + (this.reasons.get("UDP_CHECKSUM") ?? 0);
    if (wrong * 10 > this.packets - this.notIp) {
      return "Many checksums are wrong: the capture was probably taken where hardware fills them in. Try --set nf_conntrack_checksum=0\n";
    }
    if (this.reasons.has("TABLE_FULL"))
      return "The table was full. Try --set nf_conntrack_max=0 for no limit\n";
    return "";
  }
}
