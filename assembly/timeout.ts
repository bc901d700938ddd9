/**
 * Timeouts as trackers ask for them: the sysctls, or those of the flow's policy (`-j CT --timeout`). A policy is a copy
 * of all sysctl words, changed where it says so; as in Linux, what it leaves out is what was set when it was made.
 */
import { reserveBlocks } from "./arena";
import { extend, Extension } from "./flow-extension";
import { Flow } from "./layout";
import { BLOCK } from "./limits";
import { Sysctl } from "./shared/sysctl";
import { sysctl } from "./sysctl";

const POLICY: u32 = Sysctl.COUNT * 4;
export const MAX_TIMEOUT_POLICIES: u32 = BLOCK / POLICY;

/** Address of policy 1; 0 as long as there is none. Policy 0 are the sysctls. */
let policies: u32 = 0;

/** Seconds. */
// @ts-ignore: decorator
@inline
export function timeoutOf(flow: Flow, id: i32): u32 {
  return flow.extension ? timeoutOfExtended(flow, id) : sysctl(id);
}

function timeoutOfExtended(flow: Flow, id: i32): u32 {
  const policy = <u32>changetype<Extension>(flow.extension).timeoutPolicy;
  return policy ? load<u32>(wordOf(policy, id)) : sysctl(id);
}

// @ts-ignore: decorator
@inline
function wordOf(policy: u32, id: i32): u32 {
  return policies + (policy - 1) * POLICY + (<u32>id << 2);
}

/** Makes policy `number`, from 1 on, a copy of the sysctls. False when there is no memory. */
export function resetTimeoutPolicy(number: u32): bool {
  if (!policies) policies = <u32>reserveBlocks(1);
  if (!policies || number - 1 >= MAX_TIMEOUT_POLICIES) return false;
  for (let id: i32 = 0; id < Sysctl.COUNT; id++) store<u32>(wordOf(number, id), sysctl(id));
  return true;
}

export function setPolicyTimeout(number: u32, id: i32, seconds: u32): void {
  store<u32>(wordOf(number, id), seconds);
}

/** To be done before the flow's first packet is tracked. Without memory the sysctls hold. */
export function attachTimeoutPolicy(flow: Flow, number: u32): void {
  const extension = extend(flow);
  if (extension) extension.timeoutPolicy = <u16>number;
}
