/** The house rules that a machine can check: who may import what, lengths, names, one source of truth. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as semconv from '@leeway/semconv';
import { METRICS } from '@leeway/semconv';
import { expect, test } from 'vitest';
import { lineOf, ROOT, resolveImport, type SourceFile, sourceFiles } from './source-tree.ts';

const LINES_MAX = 400;
const FUNCTION_LINES_MAX = 70;
const BANNED_NAMES = ['utils', 'util', 'helpers', 'helper', 'common', 'types', 'misc'];

/** Which workspace packages a package may import at run time. `cli` and what is not a package may import all. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  semconv: [],
  engine: [],
  intake: ['engine', 'semconv'],
  exporter: ['engine', 'semconv'],
  store: ['engine', 'semconv'],
  sidecar: ['engine', 'semconv', 'intake', 'store', 'exporter'],
  'in-process': ['engine', 'semconv', 'intake', 'exporter'],
  instrumentation: ['semconv'],
  'instrumentation-onnxruntime': ['instrumentation', 'semconv'],
  'instrumentation-tfjs': ['instrumentation', 'semconv'],
  'instrumentation-inference-http': ['instrumentation', 'semconv'],
  register: [
    'instrumentation',
    'instrumentation-onnxruntime',
    'instrumentation-tfjs',
    'instrumentation-inference-http',
    'semconv',
  ],
};

const files = sourceFiles();
const product = files.filter((file) => !file.isTest);

const packageOf = (path: string): string | undefined => /^packages\/([^/]+)\//.exec(path)?.[1];
const report = (found: readonly string[]): void => expect(found).toEqual([]);

test('there is something to check', () => {
  expect(product.length).toBeGreaterThan(20);
});

test('packages import only what stands below them', () => {
  report(
    product.flatMap((file) => {
      const own = packageOf(file.path);
      const allowed = own === undefined ? undefined : ALLOWED[own];
      if (allowed === undefined) return [];
      return file.imports
        .map(({ specifier }) => /^@leeway\/([^/]+)/.exec(specifier)?.[1])
        .filter((target) => target !== undefined && !allowed.includes(target))
        .map((target) => `${file.path} imports @leeway/${target}`);
    }),
  );
});

test('the engine is pure: nothing but itself, no clock, no randomness, no telemetry names', () => {
  const impure = /\bMath\.random\b|\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b|\bprocess\./;
  report(
    product
      .filter((file) => file.path.startsWith('packages/engine/'))
      .flatMap((file) => [
        ...file.imports
          .filter(({ specifier }) => !specifier.startsWith('.'))
          .map((i) => `${file.path} imports ${i.specifier}`),
        ...(impure.test(file.text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')) ? [`${file.path} is not pure`] : []),
      ]),
  );
});

test('stages of the sidecar do not import one another', () => {
  const seesAll = /^packages\/sidecar\/src\/(pipeline|main|worker|shard|index)\.ts$/;
  const stages = ['receive', 'page'];
  report(
    product
      .filter((file) => file.path.startsWith('packages/sidecar/src/') && !seesAll.test(file.path))
      .flatMap((file) => {
        const own = stages.find((stage) => file.path.startsWith(`packages/sidecar/src/${stage}/`));
        const runtime = file.imports.filter((i) => !i.isType);
        const outward = runtime.filter(({ specifier }) => {
          if (own !== undefined && /^@leeway\/(intake|store|exporter)/.test(specifier)) return true;
          if (!specifier.startsWith('.')) return false;
          const target = resolveImport(file, specifier);
          const other = stages.find((stage) => target.startsWith(`packages/sidecar/src/${stage}/`));
          return own !== undefined && target.startsWith('packages/sidecar/src/') && other !== own;
        });
        return outward.map(({ specifier }) => `${file.path} imports ${specifier}`);
      }),
  );
});

test('every dependency is declared by the package that imports it', () => {
  report(
    product.flatMap((file) => {
      const own = packageOf(file.path);
      if (own === undefined) return [];
      const manifest = JSON.parse(readFileSync(join(ROOT, 'packages', own, 'package.json'), 'utf8'));
      const declared = new Set([
        ...Object.keys(manifest.dependencies ?? {}),
        ...Object.keys(manifest.peerDependencies ?? {}),
        ...Object.keys(manifest.optionalDependencies ?? {}),
      ]);
      return file.imports
        .filter(({ specifier }) => !specifier.startsWith('.') && !specifier.startsWith('node:'))
        .map(({ specifier }) =>
          specifier
            .split('/')
            .slice(0, specifier.startsWith('@') ? 2 : 1)
            .join('/'),
        )
        .filter((name) => !declared.has(name) && name !== manifest.name)
        .map((name) => `${file.path} imports ${name}`);
    }),
  );
});

test('files and functions stay short', () => {
  const long = files
    .filter((file) => file.lineCount > LINES_MAX)
    .map((file) => `${file.path} has ${file.lineCount} lines`);
  report([...long, ...product.flatMap(longFunctions)]);
});

function longFunctions(file: SourceFile): string[] {
  return file.nodes
    .filter((node) => /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type))
    .map((node) => ({ from: lineOf(file, node.start), to: lineOf(file, node.end) }))
    .filter(({ from, to }) => to - from + 1 > FUNCTION_LINES_MAX)
    .map(({ from, to }) => `${file.path}:${from} a function of ${to - from + 1} lines`);
}

test('names: kebab-case files, nothing called utils, no default exports, no export *, no enums', () => {
  report(
    files.flatMap((file) => {
      const name = file.path
        .split('/')
        .at(-1)!
        .replace(/(\.(test|laws\.test|bench|d))?\.ts$/, '');
      const folders = file.path.split('/').slice(0, -1);
      return [
        ...(/^[a-z0-9]+(-[a-z0-9]+)*(\.(laws|test|bench))*$/.test(name) ? [] : [`${file.path} is not kebab-case`]),
        ...([name, ...folders].some((part) => BANNED_NAMES.includes(part))
          ? [`${file.path} says nothing by its name`]
          : []),
        ...file.nodes
          .filter((node) =>
            /^(ExportDefaultDeclaration|ExportAllDeclaration|TSEnumDeclaration|TSAnyKeyword)$/.test(node.type),
          )
          .map((node) => `${file.path}:${lineOf(file, node.start)} ${node.type}`),
      ];
    }),
  );
});

test('telemetry names are spelled in semconv only', () => {
  const known = new Set(
    Object.values(semconv).filter((value) => typeof value === 'string' && /^(ml|leeway)\./.test(value)),
  );
  expect(known.size).toBeGreaterThan(100);
  report(
    product
      .filter((file) => /^packages\//.test(file.path) && packageOf(file.path) !== 'semconv')
      .flatMap((file) =>
        file.nodes
          .filter((node) => node.type === 'Literal' && typeof node.value === 'string')
          .filter((node) => known.has(node.value as never) || /^ml\.[a-z]/.test(node.value as string))
          .map((node) => `${file.path}:${lineOf(file, node.start)} spells ${node.value}`),
      ),
  );
});

test('no file is dead: each is imported, or is an entry', () => {
  const imported = new Set(
    files.flatMap((file) => file.imports.map(({ specifier }) => resolveImport(file, specifier))),
  );
  const isEntry = (path: string) => /(^|\/)(index|main|worker)\.ts$/.test(path) || !path.startsWith('packages/');
  const entries = product
    .filter((file) => !isEntry(file.path) && !imported.has(file.path))
    .filter((file) => !manifestMentions(file.path))
    .map((file) => file.path);
  report(entries);
});

function manifestMentions(path: string): boolean {
  const own = packageOf(path);
  if (own === undefined) return false;
  const manifest = readFileSync(join(ROOT, 'packages', own, 'package.json'), 'utf8');
  return manifest.includes(path.slice(`packages/${own}/`.length));
}

test('a metric name is never also a namespace', () => {
  const names = Object.keys(METRICS);
  report(names.filter((name) => names.some((other) => other.startsWith(`${name}.`))));
});

test('every package has its readme and licence', () => {
  const packages = [...new Set(files.map((file) => packageOf(file.path)).filter((name) => name !== undefined))];
  report(
    packages.flatMap((name) =>
      ['README.md', 'LICENSE']
        .filter((doc) => !existsSync(join(ROOT, 'packages', name, doc)))
        .map((doc) => `packages/${name} has no ${doc}`),
    ),
  );
});

test('nothing is taken from outside the repository', () => {
  report(
    files
      .filter((file) => /\/work\/|\.\.\/shared/.test(file.text) && !file.path.endsWith('structure.test.ts'))
      .map((file) => file.path),
  );
});
