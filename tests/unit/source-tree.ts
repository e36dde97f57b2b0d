/** The repository's own source files, parsed once, for the structural tests. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'vite';

export interface SourceFile {
  /** From the repository's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly lineCount: number;
  readonly isTest: boolean;
  /** Module specifiers of imports and re-exports; `isType` when nothing of it is left at run time. */
  readonly imports: readonly { readonly specifier: string; readonly isType: boolean }[];
  readonly nodes: readonly SyntaxNode[];
}

export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Every TypeScript file that people write: generated ones and fixtures are left out. */
export function sourceFiles(): SourceFile[] {
  const patterns = [
    'packages/*/{src,test}/**/*.ts',
    'examples/**/*.ts',
    'scripts/**/*.ts',
    'tests/**/*.ts',
    'dashboards/**/*.ts',
  ];
  return globSync(patterns, { cwd: ROOT, exclude: (path) => /node_modules|generated|fixtures|\/dist(\/|$)/.test(path) })
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map(parseFile);
}

export function lineOf(file: SourceFile, offset: number): number {
  return file.text.slice(0, offset).split('\n').length;
}

/** Resolves a relative specifier to a path from the root. */
export function resolveImport(file: SourceFile, specifier: string): string {
  return relative(ROOT, join(ROOT, dirname(file.path), specifier)).replaceAll('\\', '/');
}

function parseFile(path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const nodes: SyntaxNode[] = [];
  collect(parseSync(path, text, { lang: 'ts', sourceType: 'module' }).program, nodes);
  return {
    path,
    text,
    lineCount: text.split('\n').length - 1,
    isTest: /\.(test|bench)\.ts$|\/(test|tests)\//.test(`/${path}`),
    imports: nodes.flatMap(importOf),
    nodes,
  };
}

function collect(value: unknown, nodes: SyntaxNode[]): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, nodes);
  } else if (value !== null && typeof value === 'object') {
    if (typeof (value as SyntaxNode).type === 'string') nodes.push(value as SyntaxNode);
    for (const child of Object.values(value)) collect(child, nodes);
  }
}

function importOf(node: SyntaxNode): { specifier: string; isType: boolean }[] {
  const source = node.source as SyntaxNode | null | undefined;
  if (!/^(Import|ExportNamed|ExportAll)(Declaration|Expression)$/.test(node.type) || source?.type !== 'Literal')
    return [];
  const isType = node.importKind === 'type' || node.exportKind === 'type';
  return [{ specifier: String(source.value), isType }];
}
