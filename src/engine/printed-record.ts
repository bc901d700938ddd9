/** One living flow after the other, as lines are printed of them: nothing is made for any of them. */
import { Status } from "../../assembly/shared/status.js";
import type { PrintedFlow, PrintedTuple } from "../format/printed-flow.js";
import { nameOfProtocol } from "../protocol.js";
import type { Engine } from "./engine.js";
import { LivingFlowRecord, type TupleWords } from "./flow-record.js";

const NOTHING: Uint8Array = new Uint8Array(0);

export class PrintedRecord extends LivingFlowRecord implements PrintedFlow {
  readonly original = new TuplePlace();
  readonly reply = new TuplePlace();
  readonly #helperName: (number: number) => string | undefined;

  /** `helperName`: how the helper with a number is called. */
  constructor(engine: Engine, helperName: (number: number) => string | undefined) {
    super(engine, 0);
    this.#helperName = helperName;
  }

  /** Becomes the flow at an address; false when none lives there. */
  moveTo(address: number): boolean {
    this.at = address;
    this.home = address;
    if (!(this.status & Status.CONFIRMED)) return false;
    this.#place(this.original, 0);
    this.#place(this.reply, 1);
    return true;
  }

  get family(): PrintedFlow["family"] {
    return this.ipv6 ? "ipv6" : "ipv4";
  }
  get protocol(): string {
    return nameOfProtocol(this.protocolNumber);
  }
  get helper(): string | undefined {
    return this.#helperName(this.helperNumber);
  }

  #place(tuple: TuplePlace, direction: 0 | 1): void {
    const { src, dst } = tuple;
    src.bytes = dst.bytes = this.engine.u8;
    src.ipv6 = dst.ipv6 = this.ipv6;
    src.at = this.addressAt(direction, 0);
    dst.at = this.addressAt(direction, 1);
    tuple.words = this.words;
    tuple.high = this.word(direction, 0);
    tuple.low = this.word(direction, 1);
  }
}

class TuplePlace implements PrintedTuple {
  readonly src = { bytes: NOTHING, at: 0, ipv6: false };
  readonly dst = { bytes: NOTHING, at: 0, ipv6: false };
  words: TupleWords;
  high = 0;
  low = 0;

  get sport(): number | undefined {
    return this.words === "ports" ? this.high : undefined;
  }
  get dport(): number | undefined {
    return this.words === "ports" ? this.low : undefined;
  }
  get type(): number | undefined {
    return this.words === "icmp" ? this.low >>> 8 : undefined;
  }
  get code(): number | undefined {
    return this.words === "icmp" ? this.low & 255 : undefined;
  }
  get icmpId(): number | undefined {
    return this.words === "icmp" ? this.high : undefined;
  }
  get srckey(): number | undefined {
    return this.words === "keys" ? this.high : undefined;
  }
  get dstkey(): number | undefined {
    return this.words === "keys" ? this.low : undefined;
  }
}
