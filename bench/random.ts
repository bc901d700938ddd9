/** Numbers that look random, the same ones for the same seed (xorshift32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed ^ 0x2545f491) | 1;
  }

  /** 32 bits, unsigned, never 0. */
  word(): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return state >>> 0;
  }

  /** From 0 up to, not including, 1. */
  fraction(): number {
    return this.word() / 0x1_0000_0000;
  }
}
