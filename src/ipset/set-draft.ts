/** A set while its text is read. */
import type { Word } from "../text/source.js";
import type { NewSet } from "./create.js";
import { readElements } from "./element.js";
import { setError } from "./set-error.js";
import type { IpSet, SetElement, SetValue } from "./sets.js";

export class SetDraft {
  #elements = new Map<string, SetElement>();

  constructor(public set: NewSet) {}

  get size(): number {
    return this.#elements.size;
  }

  /**
   * @param exist what is there already is no error, but gets its options anew
   * @param most how many elements at all the line may add
   */
  add(element: Word, options: readonly Word[], exist: boolean, most: number): void {
    const known = this.#elements;
    const elements = readElements(this.set, element, options, most);
    const added = elements.filter((one) => !known.has(keyOf(one)));
    const room = (this.set.hash?.maxElements ?? most) - known.size;
    if (added.length > room) {
      throw setError(element, `the set ${this.set.name} is full: it has room for ${room} more elements`);
    }
    if (added.length < elements.length && !exist)
      throw setError(element, `the set ${this.set.name} has this already`);
    for (const one of elements) known.set(keyOf(one), one);
  }

  /** Puts a set into a list in front of another one, or behind it. */
  place(element: Word, side: "before" | "after", other: Word): void {
    const entries = [...this.#elements];
    const isNamed = ([, { values }]: [string, SetElement], name: string) => {
      return values[0]?.kind === "set" && values[0].set === name;
    };
    const [moved] = entries.splice(
      entries.findIndex((entry) => isNamed(entry, element.text)),
      1,
    );
    const at = entries.findIndex((entry) => isNamed(entry, other.text));
    if (at < 0 || !moved)
      throw setError(other, `the set ${this.set.name} has no element ${JSON.stringify(other.text)}`);
    entries.splice(side === "before" ? at : at + 1, 0, moved);
    this.#elements = new Map(entries);
  }

  delete(element: Word, exist: boolean, most: number): void {
    const keys = readElements(this.set, element, [], most).map(keyOf);
    if (!exist && keys.some((key) => !this.#elements.has(key))) {
      throw setError(element, `the set ${this.set.name} has no such element`);
    }
    for (const key of keys) this.#elements.delete(key);
  }

  flush(): void {
    this.#elements.clear();
  }

  /** Names of sets that are elements of this one. */
  members(): string[] {
    return [...this.#elements.values()].flatMap(({ values }) =>
      values[0]?.kind === "set" ? [values[0].set] : [],
    );
  }

  /** Elements follow a set to its new name. */
  renameMember(from: string, to: string): void {
    const renamed = [...this.#elements.values()].map((element) => ({
      ...element,
      values: element.values.map((value) =>
        value.kind === "set" && value.set === from ? { ...value, set: to } : value,
      ),
    }));
    this.#elements = new Map(renamed.map((element) => [keyOf(element), element]));
  }

  finish(): IpSet {
    return { ...this.set, elements: [...this.#elements.values()] };
  }
}

function keyOf({ values }: SetElement): string {
  return values.map(keyOfValue).join(",");
}

function keyOfValue(value: SetValue): string {
  switch (value.kind) {
    case "ip":
      return value.address.join(".");
    case "net":
      return `${value.address.join(".")}/${value.prefix}`;
    case "port":
      return `${value.protocol ?? ""}:${value.port}`;
    case "mac":
      return value.address?.join(":") ?? "";
    case "iface":
      return `${value.physical}:${value.prefix}:${value.name}`;
    case "mark":
      return `${value.mark}`;
    case "set":
      return value.set;
  }
}
