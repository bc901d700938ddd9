/**
 * Timeouts as trackers ask for them: the sysctls, or those of the flow's policy (`-j CT --timeout`). A policy is a copy
 * of all sysctl words, changed where it says so; as in Linux, what it leaves out is what was set when it was made.
 */
import { reserveBlocks } from "./arena";
import { Extension } from "./flow-extension";
import { Flow } from "./layout";
import { BLOCK } from "./limits";
import { Sysctl } from "./shared/sysctl";
import { sysctl } from "./sysctl";
import { Template } from "./template";

const WORDS: u32 = Sysctl.COUNT * 4;
/** What gives a flow the policy, then its words. */
const POLICY: u32 = <u32>offsetof<Template>() + WORDS;
export const MAX_TIMEOUT_POLICIES: u32 = BLOCK / POLICY;

/** Address of policy 1; 0 as long as there is none. Policy 0 are the sysctls. */
let policies: u32 = 0;
let count: u32 = 0;

/** Policies are numbered from 1 to this. */
export function timeoutPolicyCount(): u32 {
  return count;
}

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

/** Address of the template that gives new flows the policy and nothing else; policies are numbered from 1 on. */
export function timeoutTemplate(policy: u32): u32 {
  return policies + (policy - 1) * POLICY;
}

// @ts-ignore: decorator
@inline
function wordOf(policy: u32, id: i32): u32 {
  return timeoutTemplate(policy) + <u32>offsetof<Template>() + ((<u32>id) << 2);
}

/** Makes a policy a copy of the sysctls. False when there is no memory, or no such number. */
export function resetTimeoutPolicy(policy: u32): bool {
  if (policy - 1 >= MAX_TIMEOUT_POLICIES) return false;
  if (!policies) policies = <u32>reserveBlocks(1);
  if (!policies) return false;
  count = max(count, policy);
  changetype<Template>(timeoutTemplate(policy)).timeoutPolicy = <u16>policy;
  for (let id: i32 = 0; id < Sysctl.COUNT; id++) store<u32>(wordOf(policy, id), sysctl(id));
  return true;
}

export function setPolicyTimeout(policy: u32, id: i32, seconds: u32): void {
  store<u32>(wordOf(policy, id), seconds);
}

export function policyTimeout(policy: u32, id: i32): u32 {
  return load<u32>(wordOf(policy, id));
}
