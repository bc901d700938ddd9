import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** A folder for what a test file writes; it goes when its tests are done. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "ctwasm-test-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
