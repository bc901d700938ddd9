/** Options that verbs share. */
import { type Command, InvalidArgumentError } from "commander";
import { addMachineOptions, type MachineFlags } from "./machine.js";
import { addSetting, addSettingsFile, mergeSettings, type Settings } from "./settings.js";

export interface CaptureFlags extends MachineFlags {
  readonly set?: Settings;
  readonly sysctl?: Settings;
  readonly helper?: readonly HelperChoice[];
  readonly follow?: true;
}

export interface HelperChoice {
  readonly name: string;
  readonly protocol?: "tcp" | "udp";
  readonly port?: number;
}

/** Settings of the engine that captures go through. */
export function addEngineOptions(command: Command): Command {
  const tracking = command
    .optionsGroup("Tracking:")
    .option("--set <name=value>", "set a sysctl (repeatable)", addSetting)
    .option("--sysctl <file>", "take settings from a file as sysctl.conf(5); --set wins", addSettingsFile)
    .option(
      "--helper <name[=port]>",
      "give connections to a port a helper, as -j CT --helper (repeatable)",
      addHelper,
    );
  return addMachineOptions(tracking);
}

export function addCaptureArgument(command: Command): Command {
  return command.argument(
    "<file...>",
    "pcap or pcapng, gzipped or not; - is standard input; several are merged by time",
  );
}

export function settingsOf({ sysctl, set }: CaptureFlags): Settings {
  return mergeSettings(sysctl, set);
}

function addHelper(text: string, before: readonly HelperChoice[] = []): HelperChoice[] {
  const match = /^([\w.-]+?)(?:\/(tcp|udp))?(?:=(\d{1,5}))?$/.exec(text);
  if (!match?.[1]) throw new InvalidArgumentError("expected NAME, NAME=PORT or NAME/tcp=PORT");
  const [, name, protocol, port] = match;
  return [
    ...before,
    {
      name,
      ...(protocol !== undefined && { protocol: protocol as "tcp" | "udp" }),
      ...(port !== undefined && { port: Number(port) }),
    },
  ];
}
