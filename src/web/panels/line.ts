/** A line of /proc/net/nf_conntrack in parts that, put together, are the line again. */
export interface LineParts {
  readonly protocol: string;
  readonly timeout: string;
  readonly state: string;
  readonly original: string;
  readonly reply: string;
  readonly rest: string;
}

const LINE =
  /^(?<protocol>ipv\d +\d+ \S+ +\d+ )(?<timeout>\d+ )(?<state>[A-Z_0-9]+ )?(?<gre>timeout=\d+, stream_timeout=\d+ )?(?<original>src=.*?)(?<reply>(?:\[UNREPLIED\] )?src=.*?)(?<rest>(?:\[ASSURED\] )?mark=.*)$/;

/** A line of another form is all in `original`. */
export function partsOf(line: string): LineParts {
  const found = LINE.exec(line)?.groups;
  if (!found) return { protocol: "", timeout: "", state: "", original: line, reply: "", rest: "" };
  const { protocol = "", timeout = "", state = "", gre = "", original = "", reply = "", rest = "" } = found;
  return { protocol, timeout, state: state + gre, original, reply, rest };
}
