import { packetLimit } from "./scanner.js";

const OPTION_END = 0;
const OPTION_TIME_RESOLUTION = 9;
const OPTION_TIME_OFFSET = 14;

/** Beyond these no 64-bit timestamp could reach a second, and the arithmetic would mean nothing. */
const MAX_DECIMAL_EXPONENT = 19;
const MAX_BINARY_EXPONENT = 63;

const TWO_TO_32 = 2 ** 32;

/** What a pcapng Interface Description Block says about the packets that refer to it. */
export class CaptureInterface {
  readonly linkType: number;
  /** Bytes kept of each packet; 0 means no limit. */
  readonly snapLength: number;
  /** Largest captured length to believe. */
  readonly packetLimit: number;
  readonly #toTime: ClockScale;

  constructor(linkType: number, snapLength: number, clock: ClockScale) {
    this.linkType = linkType;
    this.snapLength = snapLength;
    this.packetLimit = packetLimit(snapLength);
    this.#toTime = clock;
  }

  /** Milliseconds since the Unix epoch at this 64-bit timestamp of the interface. */
  time(high: number, low: number): number {
    return this.#toTime.milliseconds(high, low);
  }
}

/** Turns the 64-bit timestamps of an interface into milliseconds with as few roundings as an f64 allows. */
export class ClockScale {
  readonly #ticksPerSecond: number;
  readonly #offsetMs: number;
  /** Ticks are whole fractions of a second and, in this millennium, exact in an f64. */
  readonly #coarse: boolean;
  /** Seconds and the remaining ticks can be told apart exactly in 32-bit arithmetic. */
  readonly #splittable: boolean;
  readonly #multiplier: number;
  readonly #divisor: number;

  /** @param offsetSeconds - added to every timestamp */
  constructor(ticksPerSecond: number, offsetSeconds: number) {
    this.#ticksPerSecond = ticksPerSecond;
    this.#offsetMs = offsetSeconds * 1000;
    this.#coarse = ticksPerSecond <= 1e6;
    this.#splittable = ticksPerSecond <= 2 ** 30;
    // One of the two is 1, so that scaling rounds once.
    const wholeMilliseconds = ticksPerSecond % 1000 === 0;
    this.#multiplier = wholeMilliseconds ? 1 : 1000;
    this.#divisor = wholeMilliseconds ? ticksPerSecond / 1000 : ticksPerSecond;
  }

  milliseconds(high: number, low: number): number {
    const ticks = high * TWO_TO_32 + low;
    if (this.#coarse) return (ticks * this.#multiplier) / this.#divisor + this.#offsetMs;
    const perSecond = this.#ticksPerSecond;
    if (!this.#splittable) return (ticks / perSecond) * 1000 + this.#offsetMs;
    // `ticks` is rounded by up to 1,024, so `seconds` may be one off; the remainder to it, taken modulo 2^32,
    // is exact in any case.
    const seconds = Math.floor(ticks / perSecond);
    const rest = (low - Math.imul(seconds, perSecond)) | 0;
    return seconds * 1000 + (rest * 1000) / perSecond + this.#offsetMs;
  }
}

/**
 * Reads the options of an Interface Description Block, `view[position, end)`.
 *
 * @returns the clock they describe, or what is wrong with them
 */
export function readClockOptions(
  view: DataView,
  position: number,
  end: number,
  littleEndian: boolean,
): ClockScale | string {
  let ticksPerSecond = 1e6;
  let offsetSeconds = 0;
  while (end - position >= 4) {
    const code = view.getUint16(position, littleEndian);
    const length = view.getUint16(position + 2, littleEndian);
    if (code === OPTION_END) break;
    const value = position + 4;
    if (length > end - value) return `option ${code} says ${length} bytes, ${end - value} are left`;
    if (code === OPTION_TIME_RESOLUTION) {
      if (length !== 1) return `if_tsresol says ${length} bytes, expected 1`;
      const resolution = view.getUint8(value);
      const exponent = resolution & 0x7f;
      const binary = resolution > 0x7f;
      if (exponent > (binary ? MAX_BINARY_EXPONENT : MAX_DECIMAL_EXPONENT)) {
        return `if_tsresol 0x${resolution.toString(16)} is finer than any 64-bit timestamp`;
      }
      ticksPerSecond = (binary ? 2 : 10) ** exponent;
    } else if (code === OPTION_TIME_OFFSET) {
      if (length !== 8) return `if_tsoffset says ${length} bytes, expected 8`;
      offsetSeconds = Number(view.getBigInt64(value, littleEndian));
    }
    position = value + ((length + 3) & ~3);
  }
  return new ClockScale(ticksPerSecond, offsetSeconds);
}
