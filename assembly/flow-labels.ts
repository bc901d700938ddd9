/** Labels of a flow: 128 bits that rules set and ask for (`connlabel`), and that listings can show. */
import { extend, Extension } from "./flow-extension";
import { Flow } from "./layout";

const LABELS: usize = offsetof<Extension>("labels0");

/** Address of the 64 labels among which the label is. */
// @ts-ignore: decorator
@inline
function wordOf(flow: Flow, label: u32): usize {
  return <usize>flow.extension + LABELS + ((<usize>(label >>> 6)) << 3);
}

export function hasLabel(flow: Flow, label: u32): bool {
  return flow.extension != 0 && ((load<u64>(wordOf(flow, label)) >>> (label & 63)) & 1) != 0;
}

/** True when the flow did not have it. Without memory nothing is set. */
export function setLabel(flow: Flow, label: u32): bool {
  if (hasLabel(flow, label) || !extend(flow)) return false;
  const word = wordOf(flow, label);
  store<u64>(word, load<u64>(word) | ((<u64>1) << (label & 63)));
  return true;
}

/** Sets the labels that the mask names to those given, and leaves the others. */
export function replaceLabels(flow: Flow, labels0: u64, labels1: u64, mask0: u64, mask1: u64): void {
  if (!flow.extension && !((labels0 & mask0) | (labels1 & mask1))) return;
  const extension = extend(flow);
  if (!extension) return;
  extension.labels0 = (extension.labels0 & ~mask0) | (labels0 & mask0);
  extension.labels1 = (extension.labels1 & ~mask1) | (labels1 & mask1);
}
