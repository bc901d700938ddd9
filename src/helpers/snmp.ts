/** SNMP (RFC 1157): requests by broadcast, as printers and other devices are found. */
import { broadcastHelper } from "./broadcast.js";

export const snmp = broadcastHelper("snmp", 161, 30);
