/** Reads what `ipset save` prints, and whatever else `ipset restore` takes. */
import { endOfLine, isLonger, type SourceLine, sourceLines, type Word } from "../text/source.js";
import { readCreate } from "./create.js";
import { splitSetLine } from "./lexer.js";
import { SetDraft } from "./set-draft.js";
import { badValue, setError } from "./set-error.js";
import type { IpSet } from "./sets.js";

const COMMANDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    create: ["n", "-N"],
    add: ["a", "-A"],
    del: ["d", "-D"],
    flush: ["f", "-F"],
    destroy: ["x", "-X"],
    rename: ["e", "-E"],
    swap: ["w", "-W"],
    COMMIT: [],
  }).flatMap(([name, short]) => [name, `--${name}`, ...short].map((word) => [word, name])),
);
const LONGEST_NAME = 31;
/** Elements of all sets together. */
const MOST_ELEMENTS = 2 ** 22;

/**
 * Sets in the order in which they were created. Elements are expanded: a range becomes single elements or networks,
 * at most 4194304 in all.
 * @throws SourceError CT_BAD_SET: what ipset or the kernel would refuse. Names of hosts are refused, too, and addresses
 *   with fewer than four numbers.
 */
export function parseIpsets(text: string): IpSet[] {
  return new SetReader().read(text);
}

class SetReader {
  readonly #sets = new Map<string, SetDraft>();
  /** `-exist` holds from the line on that has it. */
  #exist = false;

  read(text: string): IpSet[] {
    for (const line of sourceLines(text)) if (!line.text.startsWith("#")) this.#readLine(line);
    return [...this.#sets.values()].map((draft) => draft.finish());
  }

  /** How many elements can still be added. */
  get #room(): number {
    return [...this.#sets.values()].reduce((room, { size }) => room - size, MOST_ELEMENTS);
  }

  #readLine(line: SourceLine): void {
    const words = splitSetLine(line);
    const exist = words.some(isExist);
    this.#exist ||= exist;
    const [command, ...rest] = words.filter((word) => !isExist(word));
    if (!command) {
      if (exist) throw setError(endOfLine(line), "the line ends too early", "a command");
      return;
    }
    const name = COMMANDS.get(command.text);
    if (name === "create") this.#create(rest, command);
    else if (name === "add") this.#add(rest, line);
    else if (name === "del") this.#delete(rest, line);
    else if (name === "flush") for (const draft of this.#chosen(rest)) draft.flush();
    else if (name === "destroy") this.#destroy(rest);
    else if (name === "rename" || name === "swap") this.#rename(rest, line, name === "swap");
    else if (name !== "COMMIT") throw badValue(command, "create, add, del, flush, destroy, rename or swap");
  }

  #create(words: readonly Word[], command: Word): void {
    const set = readCreate(words, command.line);
    const earlier = this.#sets.get(set.name);
    if (!earlier) {
      this.#sets.set(set.name, new SetDraft(set));
    } else if (!this.#exist || earlier.set.type !== set.type) {
      throw setError(words[0] as Word, `the set ${set.name} exists already`);
    }
  }

  #find(word: Word | undefined, line: SourceLine): SetDraft {
    if (!word) throw setError(endOfLine(line), "the line ends too early", "the name of a set");
    const draft = this.#sets.get(word.text);
    if (!draft) throw setError(word, `no set is called ${JSON.stringify(word.text)}`);
    return draft;
  }

  #add([name, element, ...options]: readonly Word[], line: SourceLine): void {
    const draft = this.#find(name, line);
    if (!element) throw setError(endOfLine(line), "the line ends too early", "an element");
    if (draft.set.method !== "list") {
      draft.add(element, options, this.#exist, this.#room);
      return;
    }
    const member = this.#find(element, line);
    if (member.set.method === "list") throw setError(element, "a list of sets cannot be an element of one");
    const at = options.findIndex(({ text }) => text === "before" || text === "after");
    const [side, other] = at < 0 ? [] : options.slice(at, at + 2);
    if (side && !other) throw setError(endOfLine(line), `${side.text} lacks the name of a set`);
    draft.add(
      element,
      at < 0 ? options : [...options.slice(0, at), ...options.slice(at + 2)],
      this.#exist,
      this.#room,
    );
    if (side && other) draft.place(element, side.text as "before" | "after", other);
  }

  #delete([name, element, more]: readonly Word[], line: SourceLine): void {
    const draft = this.#find(name, line);
    if (!element) throw setError(endOfLine(line), "the line ends too early", "an element");
    if (more) throw badValue(more, "the end of the line");
    draft.delete(element, this.#exist, MOST_ELEMENTS);
  }

  /** One set, or all when none is named. */
  #chosen([name, more]: readonly Word[]): SetDraft[] {
    if (more) throw badValue(more, "the end of the line");
    return name ? [this.#find(name, name.line)] : [...this.#sets.values()];
  }

  #destroy(words: readonly Word[]): void {
    const chosen = this.#chosen(words);
    for (const draft of chosen) {
      const { name } = draft.set;
      const user = [...this.#sets.values()].find(
        (one) => !chosen.includes(one) && one.members().includes(name),
      );
      if (user) throw setError(words[0] as Word, `the set ${name} is an element of ${user.set.name}`);
    }
    for (const { set } of chosen) this.#sets.delete(set.name);
  }

  /** Lists of sets keep their elements, under whichever name. */
  #rename([from, to, more]: readonly Word[], line: SourceLine, swap: boolean): void {
    const draft = this.#find(from, line);
    if (!to) throw setError(endOfLine(line), "the line ends too early", "a second name");
    if (more) throw badValue(more, "the end of the line");
    const other = this.#sets.get(to.text);
    if (!swap) {
      if (other) throw setError(to, `the set ${to.text} exists already`);
      if (to.text === "" || isLonger(to.text, LONGEST_NAME))
        throw badValue(to, `a name of 1 to ${LONGEST_NAME} bytes`);
    }
    if (swap && !other) throw setError(to, `no set is called ${JSON.stringify(to.text)}`);
    if (other && (other.set.type !== draft.set.type || other.set.family !== draft.set.family)) {
      throw setError(to, `${from?.text} and ${to.text} are of different types`);
    }
    const { name } = draft.set;
    draft.set = { ...draft.set, name: to.text };
    if (other) other.set = { ...other.set, name };
    const drafts = [...this.#sets.values()];
    this.#sets.clear();
    for (const one of drafts) this.#sets.set(one.set.name, one);
    if (!swap) for (const one of drafts) if (one.set.method === "list") one.renameMember(name, to.text);
  }
}

function isExist({ text }: Word): boolean {
  return text === "-exist" || text === "--exist" || text === "-!";
}
