/** Packets by hand: build one, send it from either side, turn the clock. */
import { useEffect, useState } from "preact/hooks";
import { type IcmpErrorName, icmp, icmpError, type SctpChunkName, sctp } from "../../packet/index.js";
import { failure } from "../store.js";
import { text } from "../text/index.js";
import { CLIENT, Lab, ROUTER, SERVER, type Side, Wire } from "./lab.js";
import { LabView } from "./lab-view.js";

const KINDS = ["TCP", "UDP", "ICMP", "ICMP error", "SCTP"] as const;
const FLAGS = ["SYN", "ACK", "FIN", "RST", "PSH", "URG"] as const;
const ERRORS: readonly IcmpErrorName[] = [
  "net-unreachable",
  "host-unreachable",
  "port-unreachable",
  "fragmentation-needed",
  "admin-prohibited",
  "ttl-exceeded",
];
const CHUNKS: readonly SctpChunkName[] = [
  "INIT",
  "INIT_ACK",
  "COOKIE_ECHO",
  "COOKIE_ACK",
  "DATA",
  "SHUTDOWN",
  "SHUTDOWN_ACK",
  "SHUTDOWN_COMPLETE",
  "ABORT",
];
const WAITS = [1, 10, 60, 600] as const;

interface Form {
  readonly kind: (typeof KINDS)[number];
  readonly side: Side;
  readonly sport: number;
  readonly dport: number;
  readonly flags: readonly string[];
  /** Empty: the number that fits what has been sent. */
  readonly seq: string;
  readonly ack: string;
  readonly payload: string;
  readonly reply: boolean;
  readonly icmpId: number;
  readonly error: IcmpErrorName;
  readonly chunk: SctpChunkName;
  readonly tag: number;
}

const FIRST: Form = {
  kind: "TCP",
  side: "client",
  sport: 40000,
  dport: 21,
  flags: ["SYN"],
  seq: "",
  ack: "",
  payload: "",
  reply: false,
  icmpId: 1,
  error: "port-unreachable",
  chunk: "INIT",
  tag: 0,
};

/** What is often wanted, at a touch. */
const PRESETS: ReadonlyArray<readonly [name: string, change: Partial<Form>]> = [
  ["SYN", { kind: "TCP", side: "client", flags: ["SYN"] }],
  ["SYN ACK", { kind: "TCP", side: "server", flags: ["SYN", "ACK"] }],
  ["ACK", { kind: "TCP", side: "client", flags: ["ACK"] }],
  ["data", { kind: "TCP", side: "client", flags: ["PSH", "ACK"], payload: "hello" }],
  ["FIN ACK", { kind: "TCP", side: "client", flags: ["FIN", "ACK"] }],
  ["RST", { kind: "TCP", side: "server", flags: ["RST", "ACK"] }],
  [
    "stray ACK",
    { kind: "TCP", side: "client", flags: ["ACK"], seq: "123456789", ack: "987654321", sport: 50000 },
  ],
  ["FTP USER", { kind: "TCP", side: "client", flags: ["PSH", "ACK"], dport: 21, payload: "USER me\\r\\n" }],
  [
    "FTP PORT",
    { kind: "TCP", side: "client", flags: ["PSH", "ACK"], dport: 21, payload: "PORT 10,1,0,2,30,97\\r\\n" },
  ],
  ["UDP", { kind: "UDP", side: "client", dport: 53, payload: "question" }],
  ["ping", { kind: "ICMP", side: "client", reply: false }],
  ["pong", { kind: "ICMP", side: "server", reply: true }],
  ["ICMP error", { kind: "ICMP error", side: "server" }],
];

interface State {
  readonly lab: Lab;
  readonly wires: Map<string, Wire>;
}

async function freshState(): Promise<State> {
  return { lab: await Lab.create({ helpers: ["ftp"] }), wires: new Map() };
}

export function Bench() {
  const t = text.value;
  const [state, setState] = useState<State>();
  const [form, setForm] = useState(FIRST);
  const [version, setVersion] = useState(0);
  const redraw = () => setVersion((version) => version + 1);
  useEffect(() => {
    void freshState().then(setState);
  }, []);
  if (!state) return null;
  const change = (part: Partial<Form>) => setForm({ ...form, ...part });
  const send = (what: Form) => {
    try {
      failure.value = "";
      state.lab.send(what.side, build(what, state));
      redraw();
    } catch (error) {
      failure.value = error instanceof Error ? error.message : String(error);
    }
  };
  return (
    <article class="lesson">
      <header>
        <h2>{t.bench}</h2>
        <p>{t.benchText}</p>
      </header>
      <div class="step bench">
        <fieldset class="presets" aria-label={t.presets}>
          {PRESETS.map(([name, preset]) => (
            <button
              key={name}
              type="button"
              disabled={preset.kind === "ICMP error" && state.lab.entries.length === 0}
              onClick={() => {
                const chosen = { ...form, seq: "", ack: "", payload: "", ...preset };
                setForm(chosen);
                send(chosen);
              }}
            >
              {name}
            </button>
          ))}
        </fieldset>
        <PacketForm form={form} change={change} send={() => send(form)} />
        <div class="buttons">
          <span class="note">{t.waitFor}</span>
          {WAITS.map((seconds) => (
            <button
              key={seconds}
              type="button"
              onClick={() => {
                state.lab.wait(seconds);
                redraw();
              }}
            >
              {t.seconds(seconds)}
            </button>
          ))}
          <button type="button" class="quiet" onClick={() => void freshState().then(setState)}>
            {t.restart}
          </button>
        </div>
      </div>
      {/* The lab is one object for good: it is drawn anew whenever something happens in it. */}
      <LabView key={version} lab={state.lab} />
    </article>
  );
}

/** @throws ConntrackError for what does not fit a header */
function build(form: Form, { lab, wires }: State): Uint8Array {
  const { kind, side, sport, dport } = form;
  const key = `${sport} ${dport}`;
  const wire = wires.get(key) ?? new Wire(sport, dport);
  wires.set(key, wire);
  const payload = form.payload.replaceAll("\\r", "\r").replaceAll("\\n", "\n");
  const [src, dst] = side === "client" ? [CLIENT, SERVER] : [SERVER, CLIENT];
  switch (kind) {
    case "TCP":
      return wire.tcp(side, form.flags.join(",") || "NONE", {
        payload,
        ...(form.seq === "" ? {} : { seq: Number(form.seq) }),
        ...(form.ack === "" ? {} : { ack: Number(form.ack) }),
      });
    case "UDP":
      return wire.udp(side, payload);
    case "ICMP":
      return icmp({
        src,
        dst,
        type: form.reply ? "echo-reply" : "echo-request",
        icmpId: form.icmpId,
        payload,
      });
    case "ICMP error":
      return icmpError(lab.entries.at(-1)?.bytes ?? new Uint8Array(), { src: ROUTER, error: form.error });
    case "SCTP": {
      const ports = side === "client" ? { sport, dport } : { sport: dport, dport: sport };
      const initiateTag = form.chunk.startsWith("INIT") ? { initiateTag: side === "client" ? 11 : 22 } : {};
      return sctp({
        src,
        dst,
        ...ports,
        tag: form.tag,
        chunks: [{ type: form.chunk, value: payload, ...initiateTag }],
      });
    }
  }
}

interface PacketFormProps {
  readonly form: Form;
  readonly change: (part: Partial<Form>) => void;
  readonly send: () => void;
}

function PacketForm({ form, change, send }: PacketFormProps) {
  const t = text.value;
  const { kind } = form;
  const ports = kind === "TCP" || kind === "UDP" || kind === "SCTP";
  return (
    <form
      class="packet-form"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Choice label={t.protocol} value={kind} options={KINDS} onChange={(to) => change({ kind: to })} />
      <Choice
        label={t.from}
        value={form.side}
        options={["client", "server"]}
        names={{ client: t.client, server: t.server }}
        onChange={(side) => change({ side })}
      />
      {ports && (
        <NumberField label={t.clientPort} value={form.sport} onChange={(sport) => change({ sport })} />
      )}
      {ports && (
        <NumberField label={t.serverPort} value={form.dport} onChange={(dport) => change({ dport })} />
      )}
      {kind === "TCP" && (
        <fieldset class="checks">
          <legend class="hidden">{t.flags}</legend>
          {FLAGS.map((flag) => (
            <label key={flag}>
              <input
                type="checkbox"
                checked={form.flags.includes(flag)}
                onChange={(event) => {
                  const others = form.flags.filter((other) => other !== flag);
                  change({ flags: event.currentTarget.checked ? [...others, flag] : others });
                }}
              />
              {flag}
            </label>
          ))}
        </fieldset>
      )}
      {kind === "TCP" && (
        <TextField label="seq" value={form.seq} hint={t.fitting} onChange={(seq) => change({ seq })} />
      )}
      {kind === "TCP" && (
        <TextField label="ack" value={form.ack} hint={t.fitting} onChange={(ack) => change({ ack })} />
      )}
      {kind === "ICMP" && (
        <NumberField label="id" value={form.icmpId} onChange={(icmpId) => change({ icmpId })} />
      )}
      {kind === "ICMP" && (
        <Choice
          label={t.type}
          value={form.reply ? "reply" : "request"}
          options={["request", "reply"]}
          onChange={(type) => change({ reply: type === "reply" })}
        />
      )}
      {kind === "ICMP error" && (
        <Choice
          label={t.aboutLast}
          value={form.error}
          options={ERRORS}
          onChange={(error) => change({ error })}
        />
      )}
      {kind === "SCTP" && (
        <Choice label="chunk" value={form.chunk} options={CHUNKS} onChange={(chunk) => change({ chunk })} />
      )}
      {kind === "SCTP" && <NumberField label="tag" value={form.tag} onChange={(tag) => change({ tag })} />}
      {kind !== "ICMP error" && (
        <TextField label={t.payload} value={form.payload} onChange={(payload) => change({ payload })} />
      )}
      <button type="submit" class="button primary">
        {t.send}
      </button>
    </form>
  );
}

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly T[];
  readonly names?: Readonly<Partial<Record<T, string>>>;
  readonly onChange: (value: T) => void;
}

function Choice<T extends string>({ label, value, options, names, onChange }: ChoiceProps<T>) {
  return (
    <label>
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(event.currentTarget.value as T)}>
        {options.map((option) => (
          <option key={option} value={option}>
            {names?.[option] ?? option}
          </option>
        ))}
      </select>
    </label>
  );
}

interface FieldProps<T> {
  readonly label: string;
  readonly value: T;
  readonly hint?: string;
  readonly onChange: (value: T) => void;
}

function NumberField({ label, value, onChange }: FieldProps<number>) {
  return (
    <label>
      <span>{label}</span>
      <input
        type="number"
        min={0}
        value={value}
        onInput={(event) => onChange(event.currentTarget.valueAsNumber)}
      />
    </label>
  );
}

function TextField({ label, value, hint, onChange }: FieldProps<string>) {
  return (
    <label>
      <span>{label}</span>
      <input
        type="text"
        value={value}
        placeholder={hint}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    </label>
  );
}
