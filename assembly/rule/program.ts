/**
 * A program is what a ruleset becomes: bytes in linear memory that TypeScript writes and that are put in place of the
 * last ones with one store, while flows live on.
 *
 *   head      addresses of the base chains, by family, table and hook; the stack of the rules to return to
 *   chain     counters of its policy | what comes first
 *   rule      head: counters, next, protocol ... | addresses | devices | match, match ... | target
 *   match     kind, inversions, length | what it looks for, and what it has to remember
 *   target    kind | what it sets
 *
 * What comes next in a chain is an address: of a rule, or of a classifier (classifier.ts) with bit 0 set, which knows
 * those rules of the rest of its chain that can match at all. Addresses are absolute. assembly/shared/ has the offsets.
 */
import { releaseBlocks, reserveBlocks } from "../arena";
import { deviceRecord } from "../device";
import { BLOCK } from "../limits";
import { Family } from "../shared/protocol";
import { CHAINS_OF_FAMILY, CHAINS_OF_TABLE, ProgramRecord } from "../shared/rule-record";


@unmanaged
class Current {
  /** 0: no rules. */
  program: u32;
  blocks: u32;
}

const current = changetype<Current>(memory.data(offsetof<Current>(), 8));

function blocksFor(bytes: u32): u32 {
  return <u32>((<u64>bytes + BLOCK - 1) / BLOCK);
}

/** Where a program of so many bytes can be written; 0 when there is no memory. */
export function reserveProgram(bytes: u32): u32 {
  // Rules ask for the names of devices, also where there are none.
  return deviceRecord(0) ? <u32>reserveBlocks(blocksFor(bytes)) : 0;
}

/** Puts a program in the place of the current one, whose memory is given back. 0: no rules from now on. */
export function installProgram(program: u32, bytes: u32): void {
  if (current.program) releaseBlocks(current.program, current.blocks);
  current.program = program;
  current.blocks = blocksFor(bytes);
}

// @ts-ignore: decorator
@inline
export function currentProgram(): u32 {
  return current.program;
}

/** The chain of a table at a hook, 0 for none. There has to be a program. */
// @ts-ignore: decorator
@inline
export function baseChain(table: u32, family: u32, hook: u32): u32 {
  const i = (family == Family.IPV6 ? CHAINS_OF_FAMILY : 0) + table * CHAINS_OF_TABLE + hook;
  return load<u32>(current.program + (i << 2), ProgramRecord.CHAINS);
}
