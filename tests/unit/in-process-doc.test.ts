/** The code of docs/in-process.md is a snippet that is compiled, and run in a process of its own. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './source-tree.ts';

const SNIPPET = 'tests/unit/snippets/in-process.ts';

test('the code of the page is the snippet', () => {
  const page = readFileSync(join(ROOT, 'docs/in-process.md'), 'utf8');
  const code = /```ts\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  const snippet = readFileSync(join(ROOT, SNIPPET), 'utf8').replace(/\nexport \{.*\n/, '');
  expect(code.trim()).toBe(snippet.trim());
});

test('it runs, sees the drift of the distances, says so in metrics, and does not keep the process', () => {
  const script = `const { drift, text } = await import('./${SNIPPET}'); console.log(JSON.stringify({ drift, text }));`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=@leeway/source', '--input-type=module', '--eval', script],
    { cwd: ROOT, encoding: 'utf8' },
  );
  expect([status, stderr]).toEqual([0, '']);
  const { drift, text } = JSON.parse(stdout);
  // 6: critical.
  expect(drift).toMatchObject({ name: 'distance', currentSize: 500, status: 6 });
  expect(text).toMatch(/leeway_observations_processed_total\{leeway_outcome="counted",leeway_reason="reference"\} 500/);
});
