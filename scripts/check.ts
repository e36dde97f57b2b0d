/**
 * `npm run check`: everything that can be wrong without running the product. Each step is a command of its own, so that
 * a person can repeat the one that failed.
 */
import { spawnSync } from 'node:child_process';

/** Not a devDependency: see docs/decisions/0002-dependencies.md. */
const BIOME_VERSION = '2.6.8';

const STEPS: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  [
    'format and lint',
    'npm',
    'exec',
    '--yes',
    `--package=@biomejs/biome@${BIOME_VERSION}`,
    '--',
    'biome',
    'ci',
    '--colors=off',
    '--error-on-warnings',
    '.',
  ],
  ['types', 'tsc', '-p', 'tsconfig.json', '--noEmit'],
  ['generated files', 'node', '--conditions=@leeway/source', 'scripts/generate.ts', '--check'],
  ['structure', 'vitest', 'run', 'tests/unit/structure.test.ts'],
];

let failed = 0;
for (const [name, command, ...args] of STEPS) {
  const { status } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  console.error(`${status === 0 ? 'ok  ' : 'FAIL'} ${name}`);
  if (status !== 0) failed++;
}
console.log(`${STEPS.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
