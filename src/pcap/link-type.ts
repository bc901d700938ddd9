import { LinkType } from "../../assembly/shared/link-type.js";

export { LinkType };

/** Whether `linkType`, as a capture states it, is one the engine reads packets of. */
export function isKnownLinkType(linkType: number): linkType is LinkType {
  return LinkType[linkType] !== undefined;
}
