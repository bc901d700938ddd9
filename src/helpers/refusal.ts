/** Why helpers refuse packets, in Linux's words. */
import type { HelperVerdict } from "./helper.js";

export const NO_EXPECTATION: HelperVerdict = { drop: "cannot add expectation" };
/** Where the flow is translated: none of the ports that would do is free. */
export const NO_PORT: HelperVerdict = { drop: "all ports in use" };
