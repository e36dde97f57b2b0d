/** What is installed together, how it is run, and what must come of it. */

export interface Expectation {
  /** Spans of inference that arrive: exactly, so that nothing is sent twice. */
  readonly spans: number;
  readonly says?: readonly string[];
  /** Spans of others, which must not get lost beside ours. */
  readonly alsoSpan?: readonly string[];
}

export interface Run {
  readonly node: string;
  readonly args: readonly string[];
  readonly expect: Expectation;
}

export interface Combination {
  readonly name: string;
  /** Of ours, by tarball. */
  readonly own: readonly string[];
  readonly dependencies: Readonly<Record<string, string>>;
  readonly npmrc?: string;
  readonly runs: readonly Run[];
}

const NODE_22 = '22.15.0';
const NODE_24 = '24.21.0';
const NODE_26 = '26.10.0';
const SDK_3 = { '@opentelemetry/api': '1.10.0', '@opentelemetry/sdk-node': '0.301.0' };
const SDK_2 = { '@opentelemetry/api': '1.9.0', '@opentelemetry/sdk-node': '0.223.0' };
const ONNX = { 'onnxruntime-node': '1.30.0' };
const REGISTER = ['--import', '@leeway/register'];
const AUTO = ['--import', '@opentelemetry/auto-instrumentations-node/register'];

/** A burst by the own way out, beside a span of somebody else's. */
const MANUAL = [
  { args: ['manual.mjs'], expect: { spans: 2 } },
  { args: ['manual.cjs'], expect: { spans: 2 } },
  { args: ['burst.mjs'], expect: { spans: 5_000, alsoSpan: ['nightly'] } },
];

export const COMBINATIONS: readonly Combination[] = [
  {
    name: 'SDK 3, API 1.10, manual',
    own: ['@leeway/instrumentation'],
    dependencies: SDK_3,
    runs: [NODE_22, NODE_24, NODE_26].flatMap((node) => MANUAL.map((one) => ({ node, ...one }))),
  },
  {
    name: 'SDK 2, API 1.9, manual',
    own: ['@leeway/instrumentation'],
    dependencies: SDK_2,
    runs: [NODE_22, NODE_24].flatMap((node) => MANUAL.map((one) => ({ node, ...one }))),
  },
  {
    name: 'register alone',
    own: ['@leeway/register'],
    dependencies: ONNX,
    runs: [
      ...[NODE_22, NODE_24, NODE_26].flatMap((node) =>
        ['onnx.mjs', 'onnx.cjs'].map((app) => ({ node, args: [...REGISTER, app], expect: { spans: 2 } })),
      ),
      {
        node: '20.19.6',
        args: [...REGISTER, 'onnx.mjs'],
        expect: { spans: 0, says: ['Leeway needs Node 22.15 or later, this is 20.19.6'] },
      },
    ],
  },
  {
    name: 'register with SDK 3 in code',
    own: ['@leeway/register'],
    dependencies: { ...SDK_3, ...ONNX },
    runs: ['onnx-sdk.mjs', 'onnx-sdk.cjs'].map((app) => ({
      node: NODE_24,
      args: [...REGISTER, app],
      expect: { spans: 2, says: ["the application's OpenTelemetry SDK"] },
    })),
  },
  {
    name: 'register with auto-instrumentations',
    own: ['@leeway/register'],
    dependencies: { ...ONNX, '@opentelemetry/api': '1.10.0', '@opentelemetry/auto-instrumentations-node': '0.82.0' },
    runs: [
      [...REGISTER, ...AUTO],
      [...AUTO, ...REGISTER],
    ].flatMap((preload) =>
      ['onnx.mjs', 'onnx.cjs'].map((app) => ({
        node: NODE_24,
        args: [...preload, app],
        expect: { spans: 2, says: ["the application's OpenTelemetry SDK"], alsoSpan: ['GET'] },
      })),
    ),
  },
  {
    name: 'register beside SDK 2, API 1.9',
    own: ['@leeway/register'],
    dependencies: { ...SDK_2, ...ONNX },
    // npm lets @leeway/instrumentation share the application's copy of the API; events need API 1.10.
    runs: [NODE_22, NODE_24].flatMap((node) =>
      ['onnx-sdk.mjs', 'onnx-sdk.cjs'].map((app) => ({
        node,
        args: [...REGISTER, app],
        expect: { spans: 2, says: ["the application's OpenTelemetry SDK"] },
      })),
    ),
  },
  {
    name: 'register beside SDK 2, API 1.9, nothing shared',
    own: ['@leeway/register'],
    dependencies: { ...SDK_2, ...ONNX },
    npmrc: 'install-strategy=nested\n',
    runs: [
      {
        node: NODE_24,
        args: [...REGISTER, 'onnx-sdk.mjs'],
        expect: { spans: 0, says: ['Leeway records nothing', '@opentelemetry/api 1.9.0', 'OpenTelemetry SDK 3'] },
      },
    ],
  },
];
