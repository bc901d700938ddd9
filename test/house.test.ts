/** The house rules, checked: who may import whom, what the engine exports, what must be complete. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Reason } from "../assembly/shared/reason.js";
import { Sysctl } from "../assembly/shared/sysctl.js";
import type { Engine } from "../src/engine/engine.js";
import { LAYOUT_NAMES } from "../src/engine/exports.js";
import { loadModule } from "../src/engine/module-node.js";
import { explain } from "../src/explain.js";
import { MATCHES } from "../src/rules/matches/index.js";
import { TARGETS } from "../src/rules/targets/index.js";
import { Sysctls } from "../src/sysctl.js";

const root = new URL("../", import.meta.url);
const read = (file: string) => readFileSync(new URL(file, root), "utf8");

/** Paths from the root, of files whose names end so. */
function filesIn(folder: string, end = ".ts"): string[] {
  return readdirSync(new URL(`${folder}/`, root), { recursive: true, encoding: "utf8" })
    .map((file) => `${folder}/${file.replaceAll("\\", "/")}`)
    .filter((file) => file.endsWith(end) && !file.includes("/node_modules/"))
    .sort();
}

interface Import {
  readonly from: string;
  /** A file of the repository, or the name of something outside. */
  readonly to: string;
  /** Erased by the compiler. */
  readonly typeOnly: boolean;
}

const STATEMENT =
  /^(?:import|export)\s+(type\s)?([^"';]*?)\s*\bfrom\s*"([^"]+)"|^import\s*"([^"]+)"|\bimport\(\s*"([^"]+)"/gm;

function importsOf(file: string): Import[] {
  return [...read(file).matchAll(STATEMENT)].map(([, type, names = "", from, bare, dynamic]) => {
    const name = (from ?? bare ?? dynamic)!;
    const listed = /^\{([^}]*)\}$/
      .exec(names.trim())?.[1]
      ?.split(",")
      .filter((one) => one.trim() !== "");
    const typeOnly = type !== undefined || (listed?.every((one) => one.trim().startsWith("type ")) ?? false);
    if (!name.startsWith(".")) return { from: file, to: name, typeOnly };
    const path = new URL(name.replace(/\.js$/, ""), new URL(file, root)).href.slice(root.href.length);
    const to = [`${path}.ts`, `${path}.tsx`, path].find((one) => existsSync(new URL(one, root)));
    return { from: file, to: to ?? `${path}.ts`, typeOnly };
  });
}

const assembly = filesIn("assembly");
const src = [...filesIn("src"), ...filesIn("src", ".tsx")];
const assemblyImports = assembly.flatMap(importsOf);
const srcImports = src.flatMap(importsOf);

/** All files that lead back to themselves, each with the way. */
function cycles(imports: readonly Import[]): string[] {
  const targets = new Map<string, string[]>();
  for (const { from, to } of imports) targets.set(from, [...(targets.get(from) ?? []), to]);
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (file: string, way: readonly string[]) => {
    const at = way.indexOf(file);
    if (at >= 0) found.push([...way.slice(at), file].join(" -> "));
    if (at >= 0 || done.has(file)) return;
    for (const to of targets.get(file) ?? []) visit(to, [...way, file]);
    done.add(file);
  };
  for (const file of targets.keys()) visit(file, []);
  return found;
}

/** The rooms of assembly/ from the ground up: folders, and files without their extension. */
const FLOORS: readonly (readonly string[])[] = [
  ["shared"],
  ["limits", "layout", "sip-hash", "touched", "index-chunk"],
  ["arena", "random", "clock", "sysctl", "stats", "template"],
  ["gre-keymap", "device", "batch-memory", "rows", "owner"],
  ["wire"],
  ["tuple", "defrag"],
  ["tuple-hash"],
  ["flow-slab", "flow-extension", "helper", "log-ring"],
  ["flow", "flow-labels", "flow-sequence", "source-index", "timeout"],
  ["flow-table", "recent-flows", "event-ring", "tracker"],
  ["zone-search"],
  ["expectation"],
  ["gre-call"],
  ["lifecycle"],
  ["bulk-removal"],
  ["expiry", "early-drop", "flow-query", "snapshot", "rule", "nat"],
  ["flow-update"],
  ["flow-insert"],
  ["track"],
  ["traverse"],
  ["batch"],
  ["deal", "single"],
  ["layout-exports"],
  ["index"],
];

const roomOf = (file: string) => /^assembly\/([^/.]+)/.exec(file)![1]!;
const floorOf = (file: string) => FLOORS.findIndex((rooms) => rooms.includes(roomOf(file)));

describe("in assembly/", () => {
  it("every file has its place", () => {
    expect(assemblyImports.length, "imports found").toBeGreaterThan(100);
    const homeless = assembly.filter((file) => floorOf(file) < 0);
    expect(homeless, "a new room: say in FLOORS what it stands on").toEqual([]);
  });

  it("imports point down, never sideways and never out", () => {
    const wrong = assemblyImports.filter(({ from, to }) => {
      if (!to.startsWith("assembly/")) return true;
      if (floorOf(from) < 0) return false;
      return roomOf(from) !== roomOf(to) && floorOf(to) >= floorOf(from);
    });
    expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  it("what all share imports nothing", () => {
    expect(assemblyImports.filter(({ from }) => from.startsWith("assembly/shared/"))).toEqual([]);
  });

  it("trackers know a flow and a packet, not where flows are kept", () => {
    const rooms = [
      "tracker",
      "flow",
      "flow-sequence",
      "tuple",
      "wire",
      "layout",
      "limits",
      "shared",
      "clock",
      "sysctl",
      "timeout",
      "stats",
    ];
    const wrong = assemblyImports.filter(
      ({ from, to }) => roomOf(from) === "tracker" && !rooms.includes(roomOf(to)),
    );
    expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  it("no file leads back to itself", () => {
    expect(cycles(assemblyImports)).toEqual([]);
  });

  it("all state lies in memory, which checkpoints copy, but for timeout policies and the datagram of a call", () => {
    const variables = filesIn("assembly").flatMap((file) =>
      [...read(file).matchAll(/^(?:export )?let (\w+)/gm)].map(([, name]) => `${file} ${name}`),
    );
    expect(variables).toEqual([
      "assembly/defrag/datagram.ts waiting",
      "assembly/timeout.ts policies",
      "assembly/timeout.ts count",
    ]);
  });

  it("index.ts holds no mechanism", () => {
    const source = read("assembly/index.ts");
    expect(source).not.toMatch(/^(?:export )?(?:let|const|var|class|enum|namespace|function)\b(?!\s+\w+\()/m);
    const functions = [...source.matchAll(/^(?:export )?function (\w+)\([^)]*\)[^{]*\{\n(.*?)^\}/gms)];
    const long = functions
      .filter(([, , body = ""]) => body.trim().split("\n").length > 2)
      .map(([, name]) => name);
    expect(long, "functions of more than two lines").toEqual([]);
  });
});

/** Files that these come to when they run: imports of types alone are gone by then. */
function reach(files: readonly string[]): Set<string> {
  const reached = new Set(files);
  for (const file of reached) {
    for (const { from, to, typeOnly } of srcImports) if (from === file && !typeOnly) reached.add(to);
  }
  return reached;
}

describe("in src/", () => {
  it.each(["pcap", "format", "helpers", "packet"])("%s/ works without an engine", (folder) => {
    const files = src.filter((file) => file.startsWith(`src/${folder}/`));
    const direct = srcImports.filter(({ from, to }) => files.includes(from) && to.startsWith("src/engine/"));
    expect(direct).toEqual([]);
    expect([...reach(files)].filter((file) => file.startsWith("src/engine/"))).toEqual([]);
  });

  it("rules and sets are read and printed without an engine", () => {
    const reached = reach(["src/rules/index.ts"]);
    expect([...reached].filter((file) => /^src\/(?:engine|rules\/encode)\//.test(file))).toEqual([]);
    const text = src.filter((file) => file.startsWith("src/text/"));
    const outside = [...reach(text)].filter((file) => !text.includes(file) && file !== "src/errors.ts");
    expect(outside).toEqual([]);
  });

  it("of assembly/ only shared/ is imported", () => {
    const wrong = srcImports.filter(
      ({ to }) => to.startsWith("assembly/") && !to.startsWith("assembly/shared/"),
    );
    expect(wrong).toEqual([]);
  });

  it("no module of Node's is imported but by the command line and what is for Node alone", () => {
    const wrong = srcImports.filter(({ from, to }) => {
      const forNode = /^src\/cli\/|-node\.ts$/.test(from);
      return to.startsWith("node:") && !forNode;
    });
    expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  it.each(["cli", "web", "vitest"])("%s/ uses what the package exports", (folder) => {
    const entries = [
      "src/index.ts",
      ...["pcap", "format", "packet", "rules"].map((entry) => `src/${entry}/index.ts`),
    ];
    const wrong = srcImports.filter(({ from, to }) => {
      if (!from.startsWith(`src/${folder}/`) || !/^(src|assembly)\//.test(to)) return false;
      return !to.startsWith(`src/${folder}/`) && !entries.includes(to);
    });
    expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  it("nothing but the page itself imports the page", () => {
    const wrong = srcImports.filter(
      ({ from, to }) => to.startsWith("src/web/") && !from.startsWith("src/web/"),
    );
    expect(wrong).toEqual([]);
  });

  it("only engine/ touches WebAssembly", () => {
    const wrong = src.filter(
      (file) => !file.startsWith("src/engine/") && /\bWebAssembly\.\w/.test(read(file)),
    );
    expect(wrong).toEqual([]);
  });

  it("no file leads back to itself", () => {
    expect(cycles(srcImports.filter(({ typeOnly }) => !typeOnly))).toEqual([]);
  });
});

describe("everywhere", () => {
  it("files stay below 400 lines", () => {
    const long = [...assembly, ...src, ...filesIn("src", ".css")].filter(
      (file) => read(file).split("\n").length > 401,
    );
    expect(long).toEqual([]);
  });

  it("nothing is named utils", () => {
    const folders = ["assembly", "src", "test", "bench"];
    const wrong = folders
      .flatMap((folder) => filesIn(folder))
      .filter((file) => /\butil(s|ities)?\b/i.test(file));
    expect(wrong).toEqual([]);
  });
});

describe("the engine's module", () => {
  it("imports nothing", async () => {
    expect(WebAssembly.Module.imports(await loadModule())).toEqual([]);
  });

  it("exports the layout that src/engine/exports.ts lists, and no more", async () => {
    const globals = WebAssembly.Module.exports(await loadModule()).filter(({ kind }) => kind === "global");
    expect(globals.map(({ name }) => name).sort()).toEqual([...LAYOUT_NAMES].sort());
  });

  it("exports the functions that src/engine/exports.ts declares, and no more", async () => {
    const declared = /interface EngineFunctions \{(.*?)^\}/ms.exec(read("src/engine/exports.ts"))![1]!;
    const names = [...declared.matchAll(/^ {2}(\w+)\(/gm)].map(([, name]) => name!);
    const functions = WebAssembly.Module.exports(await loadModule()).filter(
      ({ kind }) => kind === "function",
    );
    expect(functions.map(({ name }) => name).sort()).toEqual(names.sort());
  });
});

/** Members of an enum, by name. */
function members(of: Readonly<Record<string, string | number>>): [name: string, value: number][] {
  return Object.entries(of).filter((entry): entry is [string, number] => typeof entry[1] === "number");
}

describe("every reason", () => {
  const reasons = members(Reason).filter(([, value]) => value !== Reason.NONE);

  it.each(reasons)("%s is explained", (name, value) => {
    expect(explain(value, [1, 2, 3, 4])).toMatch(/^(?!.*(undefined|NaN)).{3,}$/);
    expect(read("docs/reasons.md").includes(`\`${name}\``), "is in docs/reasons.md").toBe(true);
  });
});

describe("every match and target", () => {
  const names = [...MATCHES, ...TARGETS].map(({ name }) => name);

  it.each([...new Set(names)])("%s is documented", (name) => {
    expect(read("docs/rules.md").includes(`\`${name}\``), "is in docs/rules.md").toBe(true);
  });
});

describe("every sysctl", () => {
  /** What the engine is told, instead of an engine. */
  const told: [id: number, value: number][] = [];
  const engine = { call: { setSysctl: (id: number, value: number) => told.push([id, value]) } };
  const sysctls = new Sysctls(engine as unknown as Engine, {});
  const source = read("assembly/shared/sysctl.ts");

  const nameInLinux = (name: string) => {
    const [, four] = /^FRAG4_(.*)/.exec(name) ?? [];
    return four
      ? `net.ipv4.ipfrag_${four.toLowerCase()}`
      : `net.netfilter.nf_conntrack_${name.toLowerCase()}`;
  };

  it.each(members(Sysctl).filter(([name]) => name !== "COUNT"))(
    "%s can be set or is said to be internal",
    (name, id) => {
      const comment = new RegExp(`/\\*\\*([^*]*)\\*/\\n  ${name}\\b`).exec(source)?.[1] ?? "";
      const linuxName = nameInLinux(name);
      if (/\bno sysctl\b|^ Base of\b/.test(comment)) {
        expect(() => sysctls.get(linuxName)).toThrow(/no such sysctl/);
        return;
      }
      told.length = 0;
      const kept = name === "BUCKETS" ? 512 : 1;
      sysctls.set(linuxName, 1);
      expect(told).toEqual([[id, kept]]);
      expect(sysctls.get(linuxName)).toBe(kept);
      expect(sysctls.get(linuxName.replace(/^net\.\w+\./, ""))).toBe(kept);
    },
  );

  it("has a value from the start", () => {
    const set = new Set<number>();
    const listener = { call: { setSysctl: (id: number) => set.add(id) } };
    new Sysctls(listener as unknown as Engine, {});
    const bases = members(Sysctl).filter(([name]) => ["TCP_TIMEOUT", "SCTP_TIMEOUT", "COUNT"].includes(name));
    const unset = members(Sysctl).filter(([, id]) => !set.has(id) && !bases.some(([, base]) => base === id));
    expect(unset.map(([name]) => name)).toEqual([]);
  });
});
