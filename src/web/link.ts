/** The view as text behind the address's #, so that a link reproduces it. */
import { arrivalsOf } from "./arrivals.js";
import { type Rules, type Settings, SORT_KEYS, type SortKey } from "./model.js";

export const PANELS = ["flow", "packets", "totals", "settings", "rules"] as const;
export type Panel = (typeof PANELS)[number];

export interface View {
  readonly mode: "explore" | "learn";
  /** Name of the capture; BUNDLED for the one that comes with the page. */
  readonly capture: string;
  /** Milliseconds behind the first packet; undefined: the last packet's. */
  readonly at: number | undefined;
  readonly filter: string;
  readonly sort: SortKey;
  readonly descending: boolean;
  readonly flow: number | undefined;
  readonly panel: Panel;
  readonly settings: Settings;
  readonly lesson: string;
}

export const BUNDLED = "lab.pcap";

export const NO_VIEW: View = {
  mode: "explore",
  capture: "",
  at: undefined,
  filter: "",
  sort: "none",
  descending: false,
  flow: undefined,
  panel: "totals",
  settings: { sysctl: {}, helpers: [] },
  lesson: "",
};

/** Parts that are as in NO_VIEW are left out. */
export function writeLink(view: View): string {
  const parts = new URLSearchParams();
  if (view.mode !== NO_VIEW.mode) parts.set("mode", view.mode);
  if (view.capture) parts.set("capture", view.capture);
  if (view.at !== undefined) parts.set("at", (Math.round(view.at * 1000) / 1000).toString());
  if (view.filter) parts.set("filter", view.filter);
  if (view.sort !== "none") parts.set("sort", view.sort);
  if (view.descending) parts.set("descending", "1");
  if (view.flow !== undefined) parts.set("flow", view.flow.toString());
  if (view.panel !== NO_VIEW.panel) parts.set("panel", view.panel);
  const { sysctl, helpers, rules } = view.settings;
  const set = Object.entries(sysctl).map(([name, value]) => `${name}=${value}`);
  if (set.length > 0) parts.set("set", set.join(","));
  if (helpers.length > 0) parts.set("helpers", helpers.join(","));
  if (rules) {
    parts.set("rules4", rules.ipv4);
    parts.set("rules6", rules.ipv6);
    if (rules.ipset) parts.set("ipset", rules.ipset);
    parts.set("devices", rules.devices);
    if (rules.arrivals) parts.set("arrivals", rules.arrivals);
  }
  if (view.lesson) parts.set("lesson", view.lesson);
  return parts.toString();
}

/** Takes any text: what cannot be read is as in NO_VIEW. */
export function readLink(text: string): View {
  const parts = new URLSearchParams(text.replace(/^#/, ""));
  const listed = (name: string) => (parts.get(name) ?? "").split(",").filter((part) => part !== "");
  const sysctl: Record<string, number> = {};
  for (const setting of listed("set")) {
    const [name = "", value = ""] = setting.split("=");
    if (/^\w+$/.test(name) && /^\d+$/.test(value)) sysctl[name] = Number(value);
  }
  return {
    mode: parts.get("mode") === "learn" ? "learn" : "explore",
    capture: parts.get("capture") ?? "",
    at: numberOf(parts.get("at")),
    filter: parts.get("filter") ?? "",
    sort: SORT_KEYS.find((key) => key === parts.get("sort")) ?? "none",
    descending: parts.get("descending") === "1",
    flow: numberOf(parts.get("flow")),
    panel: PANELS.find((panel) => panel === parts.get("panel")) ?? NO_VIEW.panel,
    settings: { sysctl, helpers: listed("helpers"), rules: rulesOf(parts) },
    lesson: parts.get("lesson") ?? "",
  };
}

function rulesOf(parts: URLSearchParams): Rules | undefined {
  const [ipv4, ipv6, devices] = [parts.get("rules4"), parts.get("rules6"), parts.get("devices")];
  if (devices === null || (ipv4 === null && ipv6 === null)) return undefined;
  const ipset = parts.get("ipset") ?? "";
  const arrivals = readable(parts.get("arrivals") ?? "", arrivalsOf);
  return { ipv4: ipv4 ?? "", ipv6: ipv6 ?? "", ipset, devices, arrivals };
}

/** The text, if it can be read. */
function readable(text: string, read: (text: string) => unknown): string {
  try {
    read(text);
    return text;
  } catch {
    return "";
  }
}

function numberOf(text: string | null): number | undefined {
  if (text === null || text === "") return undefined;
  const number = Number(text);
  return Number.isFinite(number) && number >= 0 ? number : undefined;
}
