/** Examples of the documentation compile, and what must not compile does not. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import * as api from '../src/index.ts';

const PACKAGE = join(dirname(fileURLToPath(import.meta.url)), '..');
const ROOT = join(PACKAGE, '..', '..');
const SOURCES = join(PACKAGE, 'src');
const PAGES = [join(PACKAGE, 'README.md'), join(ROOT, 'docs', 'capture.md'), join(ROOT, 'docs', 'batch.md')];

const sources = readdirSync(SOURCES)
  .filter((name) => /^[a-z-]+\.ts$/.test(name))
  .map((name) => readFileSync(join(SOURCES, name), 'utf8'));
const comments = sources.flatMap((text) => [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)].map((match) => match[0]));

const examples = [
  ...comments.flatMap((comment) => {
    const text = comment.replace(/^\s*\/?\*+\/?[ ]?/gm, '');
    return [...text.matchAll(/@example\s([\s\S]*?)(?=\n@|$)/g)].map((match) => match[1].replace(/\*\/\s*$/, ''));
  }),
  ...PAGES.flatMap((page) =>
    [...readFileSync(page, 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1]),
  ),
];

/** What an example may take for granted. */
const PRELUDE = `
import type { ModelMonitor } from '@leeway/instrumentation';
import { ${Object.keys(api).join(', ')} } from '@leeway/instrumentation';
import type { MeterProvider, TracerProvider } from '@opentelemetry/api';
declare const fraud: ModelMonitor<{ label?: string; score: number }, { amount: 'number'; country: 'string' }>;
declare function score(amount: number, country: string): { label: string; score: number };
declare const amount: number, country: string, inferenceId: string, session: object;
declare const response: { setHeader(name: string, value: string): void };
declare const tracerProvider: TracerProvider, meterProvider: MeterProvider;
declare const loggerProvider: import('@leeway/instrumentation').EventLoggerProvider;
`;

/** Output of the compiler; empty when it has nothing to say. */
function compile(files: readonly string[]): string {
  const parent = join(ROOT, 'node_modules', '.cache');
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, 'leeway-examples-'));
  try {
    for (const [index, text] of files.entries()) writeFileSync(join(folder, `example-${index}.ts`), text);
    const compilerOptions = { noEmit: true, noUnusedLocals: false, noUnusedParameters: false };
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ extends: '../../../tsconfig.base.json', compilerOptions, include: ['*.ts'] }),
    );
    execFileSync(join(ROOT, 'node_modules', '.bin', 'tsc'), ['-p', folder], { encoding: 'utf8' });
    return '';
  } catch (error) {
    return String((error as { stdout?: unknown }).stdout ?? error);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('everything that is exported has an example', () => {
  const missing = Object.keys(api).filter((name) => {
    const declaration = new RegExp(
      `(/\\*\\*(?:(?!\\*/)[\\s\\S])*\\*/)\\nexport (?:function|async function|class|const) ${name}\\b`,
    );
    const found = sources.map((text) => declaration.exec(text)?.[1]).find((comment) => comment !== undefined);
    return found?.includes('@example') !== true;
  });
  expect(missing).toEqual([]);
});

test('every example compiles', () => {
  expect(examples.length).toBeGreaterThan(15);
  const standalone = (text: string) => text.includes("from '@leeway/instrumentation");
  const files = examples.map((text) => (standalone(text) ? text : `${PRELUDE}\n{\n${text}\n}\n`));
  expect(compile(files)).toBe('');
});

test('declared features: a wrong name or a wrong type is a compile error', () => {
  const text = `
import { monitor } from '@leeway/instrumentation';
const typed = monitor({ model: { name: 'm' }, features: { amount: 'number', plan: 'string', vip: 'boolean' } });
typed.predict({ amount: 1, plan: 'a', vip: true }, () => 1);
typed.predict({ amount: 1n, plan: null }, () => 1);
typed.predict({ amount: new Date() }, async () => 1);
typed.batch([{ amount: 1 }, {}], () => new Float64Array(2));
typed.attributions({ amount: 0.1 });
typed.wrap((a: number) => a, { input: (a) => ({ amount: a }) })(1).toFixed();
// @ts-expect-error a name that is not declared
typed.predict({ amuont: 1 }, () => 1);
// @ts-expect-error text where a number is declared
typed.predict({ amount: '1' }, () => 1);
// @ts-expect-error a number where text is declared
typed.predict({ plan: 1 }, () => 1);
// @ts-expect-error in a batch too
typed.batch([{ amount: 1 }, { amount: true }], () => [1, 2]);
// @ts-expect-error and in what wrap reads
typed.wrap((a: string) => a, { input: (a) => ({ amount: a }) });
// @ts-expect-error an attribution is a number
typed.attributions({ amount: 'high' });
// @ts-expect-error of a declared feature
typed.attributions('id', { amuont: 1 });
// @ts-expect-error no type of a feature
monitor({ model: { name: 'm' }, features: { amount: 'float' } });

const named = monitor({ model: { name: 'm' }, features: ['amount', 'plan'] });
named.predict({ amount: 1, plan: 'a' }, () => 1);
// @ts-expect-error a name that is not declared
named.predict({ amount: 1, paln: 'a' }, () => 1);
// @ts-expect-error no feature is an object
named.predict({ amount: {} }, () => 1);

const free = monitor({ model: { name: 'm' } });
free.predict({ anything: 1 }, () => 1);
// @ts-expect-error no feature is an object
free.predict({ anything: {} }, () => 1);
// @ts-expect-error a label is text
free.groundTruth('id', { label: 1 });
// @ts-expect-error a value is a number
free.groundTruth('id', { value: 'x' });
// @ts-expect-error feedback has a name
free.feedback('id', { value: 1 });
// @ts-expect-error no carrier
monitor({ model: { name: 'm' }, capture: { carrier: 'pigeon' } });
// @ts-expect-error no rule
monitor({ model: { name: 'm' }, capture: { features: { a: 'hash' } } });
// @ts-expect-error a model has a name
monitor({ model: { version: '1' } });

const read = monitor({ model: { name: 'm' }, output: (result: { p: number }) => ({ score: result.p }) });
read.predict({}, () => ({ p: 1 }));
read.predict({}, async () => ({ p: 1 })).then(({ p }) => p.toFixed());
// @ts-expect-error a result that the reader does not read
read.predict({}, () => ({ q: 1 }));
interface Row { amount: number; plan: string }
const row: Row = { amount: 1, plan: 'a' };
typed.predict(row, () => 1);
`;
  expect(compile([text])).toBe('');
});
