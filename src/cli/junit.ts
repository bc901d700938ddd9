/** Test results as JUnit XML, which CI systems show. */

export interface TestResult {
  readonly file: string;
  readonly line: number;
  readonly name: string;
  readonly problems: readonly string[];
  /** What every rule found, "" when nobody has asked. */
  readonly rules: string;
}

export function junitText(results: readonly TestResult[]): string {
  const failures = results.filter(({ problems }) => problems.length > 0).length;
  const cases = results.map(({ file, line, name, problems, rules }) => {
    const open = `<testcase classname="${escaped(file)}" name="${escaped(name)}" file="${escaped(file)}" line="${line}"`;
    if (problems.length === 0) return `    ${open}/>`;
    return `    ${open}><failure message="${escaped(problems[0] ?? "")}">${escaped([...problems, rules].join("\n"))}</failure></testcase>`;
  });
  const counts = `tests="${results.length}" failures="${failures}"`;
  return `<?xml version="1.0" encoding="utf-8"?>
<testsuites ${counts}>
  <testsuite name="ctwasm" ${counts}>
${cases.join("\n")}
  </testsuite>
</testsuites>
`;
}

/** Characters that XML 1.0 has no way to write. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are meant.
const NO_XML = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;

function escaped(text: string): string {
  return text
    .replace(NO_XML, "\ufffd")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
