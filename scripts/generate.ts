/**
 * Writes every generated file, or with `--check` fails when one is not what its source says.
 * Each generator returns paths (from the repository's root) and their content.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GENERATORS } from './generators/index.ts';

export interface GeneratedFile {
  readonly path: string;
  readonly content: string;
}

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Paths whose content on disk differs from what their generator makes. */
export async function staleFiles(): Promise<string[]> {
  const stale: string[] = [];
  for (const file of await generateAll()) {
    if (readOrEmpty(join(ROOT, file.path)) !== file.content) stale.push(file.path);
  }
  return stale;
}

async function generateAll(): Promise<GeneratedFile[]> {
  const files: GeneratedFile[] = [];
  for (const generate of GENERATORS) files.push(...(await generate(ROOT)));
  return files;
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const stale = await staleFiles();
  if (process.argv.includes('--check')) {
    for (const path of stale) console.error(`${path} is not up to date: run \`npm run generate\``);
    process.exitCode = stale.length === 0 ? 0 : 1;
  } else {
    for (const file of await generateAll()) {
      mkdirSync(dirname(join(ROOT, file.path)), { recursive: true });
      writeFileSync(join(ROOT, file.path), file.content);
    }
    console.error(stale.length === 0 ? 'nothing to do' : `wrote ${stale.join(', ')}`);
  }
}
