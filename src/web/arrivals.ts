/**
 * How captured packets enter the machine that the rules are for, as text: a line for each choice, where packets come
 * from and by which device. The first line that fits counts.
 */
export interface ArrivalChoice {
  /** An address or a network, or ANYWHERE. */
  readonly from: string;
  /** Name of a device, or BY_ITSELF. */
  readonly by: string;
}

export const ANYWHERE = "any";
/** The machine has sent the packet. No device has a name like that: they have no slashes. */
export const BY_ITSELF = "local/";

/** @throws Error that names the line */
export function arrivalsOf(text: string): ArrivalChoice[] {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const [from = "", by = "", ...rest] = line.trim().split(/\s+/);
      if (by === "" || rest.length > 0)
        throw new Error(`arrivals: "${line.trim()}" is not an address and a device`);
      return { from, by };
    });
}

export function arrivalsText(choices: readonly ArrivalChoice[]): string {
  return choices.map(({ from, by }) => `${from || ANYWHERE} ${by}\n`).join("");
}
