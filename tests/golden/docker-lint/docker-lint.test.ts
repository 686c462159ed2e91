import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../../../src/cli/harness.fixture.ts';

const FOLDER = import.meta.dirname;
const CASES = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .toSorted();

/** `make golden` writes the files anew; look at what changed before you commit it. */
describe('envoyage lint', () => {
  it('has cases', () => {
    expect(CASES.length).toBeGreaterThan(3);
  });

  it.each(CASES)('says of %s what is in the golden file', async (name) => {
    const cwd = join(FOLDER, name);
    const files = readdirSync(cwd)
      .filter((file) => file.endsWith('.yaml'))
      .toSorted((a, b) => a.length - b.length);
    const { code, stdout, stderr } = await run(['lint', ...files], { cwd });
    await expect(`exit code ${code}\n${stdout}${stderr}`).toMatchFileSnapshot(join(cwd, 'out.txt'));
    const json = await run(['lint', ...files, '--json'], { cwd });
    expect(json.code).toBe(code);
    const { valid, problems } = JSON.parse(json.stdout) as { valid: boolean; problems: { origin: string; message: string }[] };
    expect(valid).toBe(code === 0);
    for (const { origin, message } of problems) expect(stderr).toContain(`error: ${origin}: ${message}\n`);
    expect(problems.length).toBe(stderr.split('error: ').length - 1);
  });
});
