/** NetBIOS name service (RFC 1002, 4.2): name queries by broadcast. */
import { broadcastHelper } from "./broadcast.js";

export const netbiosNs = broadcastHelper("netbios-ns", 137, 3);
