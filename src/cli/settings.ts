/** Sysctls from the command line: `--set name=value` and files in the form of sysctl.conf(5). */
import { readFileSync } from "node:fs";
import { InvalidArgumentError } from "commander";

/** Values by name, and where each was said: for messages. */
export interface Settings {
  readonly values: Readonly<Record<string, number>>;
  readonly origins: Readonly<Record<string, string>>;
}

const NONE: Settings = { values: {}, origins: {} };

/** Later ones win. */
export function mergeSettings(...all: readonly (Settings | undefined)[]): Settings {
  return all.reduce<Settings>(
    (merged, { values, origins } = NONE) => ({
      values: { ...merged.values, ...values },
      origins: { ...merged.origins, ...origins },
    }),
    NONE,
  );
}

/** What the engine says of a setting, with the place where it was said. */
export function settingError(settings: Settings, message: string): string {
  const origin = Object.entries(settings.origins).find(([name]) => message.startsWith(`${name}:`))?.[1];
  return origin ? `${origin}: ${message}` : message;
}

/** Commander's collector for `--set`. */
export function addSetting(text: string, before: Settings = NONE): Settings {
  const { name, value } = parseSetting(text);
  return mergeSettings(before, { values: { [name]: value }, origins: { [name]: "--set" } });
}

/** Commander's collector for `--sysctl`. */
export function addSettingsFile(file: string, before: Settings = NONE): Settings {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new InvalidArgumentError(`${file}: ${(error as Error).message}`);
  }
  const values: Record<string, number> = {};
  const origins: Record<string, string> = {};
  text.split("\n").forEach((line, i) => {
    const content = line.trim();
    if (content === "" || content.startsWith("#") || content.startsWith(";")) return;
    // sysctl(8): a leading dash means that a failure does not matter.
    const name = content.replace(/^-/, "").split("=", 1)[0]?.trim() ?? "";
    if (!/nf_conntrack_/.test(name)) {
      process.stderr.write(`${file}:${i + 1}: ${name} is no setting of connection tracking, left out\n`);
      return;
    }
    try {
      const setting = parseSetting(content.replace(/^-/, ""));
      values[setting.name] = setting.value;
      origins[setting.name] = `${file}:${i + 1}`;
    } catch (error) {
      throw new InvalidArgumentError(`${file}:${i + 1}: ${(error as Error).message}`);
    }
  });
  return mergeSettings(before, { values, origins });
}

function parseSetting(text: string): { name: string; value: number } {
  const match = /^\s*([\w./]+)\s*=\s*(\d+)\s*$/.exec(text);
  if (!match?.[1] || match[2] === undefined) {
    throw new InvalidArgumentError(`expected NAME=NUMBER, got ${JSON.stringify(text)}`);
  }
  return { name: match[1], value: Number(match[2]) };
}
