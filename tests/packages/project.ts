/** An empty project that depends on one package, with files that import it, require it, type-check both and use it. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Manifest, ROOT, tarballName } from '../../scripts/pack.ts';
import { type ServiceSdk, serviceProgram, withoutTypes } from './in-process-service.ts';

/** These act when they are loaded; everything else is a library with names to import. */
const ACTS_ON_LOAD = ['@leeway/register', '@leeway/cli'];
const MODEL = 'examples/flights/service/model/late-flights.onnx';

export function writeProject(project: string, manifest: Manifest, all: readonly Manifest[], tarballs: string): void {
  const write = (name: string, content: string) => writeFileSync(join(project, name), content);
  const root = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const tarball = (one: Manifest) => `file:${join(tarballs, tarballName(one))}`;
  const uses = manifest.name === '@leeway/register' ? { 'onnxruntime-node': '1.30.0' } : {};
  write(
    'package.json',
    JSON.stringify({
      private: true,
      dependencies: { ...manifest.peerDependencies, ...uses, [manifest.name]: tarball(manifest) },
      devDependencies: {
        typescript: root.devDependencies.typescript,
        '@types/node': root.devDependencies['@types/node'],
      },
      // What a package of ours depends on among our own is a tarball too, not the registry's.
      overrides: Object.fromEntries(
        all.filter(({ name }) => name !== manifest.name).map((one) => [one.name, tarball(one)]),
      ),
      allowScripts: { 'onnxruntime-node': false, protobufjs: false },
    }),
  );
  write('.npmrc', 'onnxruntime-node-install=skip\n');
  const { name } = manifest;
  const check = ACTS_ON_LOAD.includes(name) ? '' : "if (Object.keys(names).length === 0) throw new Error('no names');";
  const quiet = "process.env.OTEL_SDK_DISABLED = 'true';";
  write('import.mjs', `${quiet}\nconst names = await import('${name}');\n${check}\n`);
  write('require.cjs', `${quiet}\nconst names = require('${name}');\n${check}\n`);
  write('types.mts', `import * as names from '${name}';\nexport const all: object = names;\n`);
  write('types.cts', `import names = require('${name}');\nexport const all: object = names;\n`);
  const compilerOptions = {
    module: 'nodenext',
    moduleResolution: 'nodenext',
    target: 'es2023',
    strict: true,
    types: ['node'],
    noEmit: true,
  };
  write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['types.mts', 'types.cts'] }));
  if (name === '@leeway/cli') write('rows.csv', rows());
  if (name === '@leeway/sidecar') write('sidecar.mjs', SIDECAR);
  if (name === '@leeway/register') {
    cpSync(join(ROOT, MODEL), join(project, 'model.onnx'));
    write('app.mjs', `import * as onnxruntime from 'onnxruntime-node';\n${APPLICATION}`);
    write('app.cjs', `const onnxruntime = require('onnxruntime-node');\n${APPLICATION}`);
  }
}

/** A project of its own: the versions of one SDK do not mix with another's. */
export function writeService(project: string, sdk: ServiceSdk, all: readonly Manifest[], tarballs: string): void {
  const write = (name: string, content: string) => writeFileSync(join(project, name), content);
  const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const tarball = (one: Manifest) => `file:${join(tarballs, tarballName(one))}`;
  const monitor = all.filter(({ name }) => name === '@leeway/in-process');
  write(
    'package.json',
    JSON.stringify({
      private: true,
      dependencies: { ...sdk.dependencies, ...Object.fromEntries(monitor.map((one) => [one.name, tarball(one)])) },
      devDependencies: { typescript: devDependencies.typescript, '@types/node': devDependencies['@types/node'] },
      overrides: Object.fromEntries(all.filter((one) => !monitor.includes(one)).map((one) => [one.name, tarball(one)])),
    }),
  );
  write('service.mjs', withoutTypes(serviceProgram(sdk, 'esm')));
  write('service.cjs', withoutTypes(serviceProgram(sdk, 'cjs')));
  write('service.mts', serviceProgram(sdk, 'types'));
  const compilerOptions = { module: 'nodenext', target: 'es2023', strict: true, types: ['node'], noEmit: true };
  write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['service.mts'] }));
  cpSync(join(ROOT, 'tests/packages/reference.json'), join(project, 'reference.json'));
}

function rows(): string {
  return `amount,plan\n${Array.from({ length: 500 }, (_, i) => `${((i * 37) % 101) / 4},${'abc'[i % 3]}\n`).join('')}`;
}

const SIDECAR = `
import { startSidecar } from '@leeway/sidecar';
const env = { LEEWAY_LISTEN_OTLP_HTTP: '127.0.0.1:0', LEEWAY_LISTEN_HTTP: '127.0.0.1:0', LEEWAY_LOG_LEVEL: 'silent' };
const sidecar = await startSidecar({ env });
const headers = { 'content-type': 'application/json' };
const answer = await fetch(sidecar.otlpUrl + '/v1/traces', { method: 'POST', headers, body: '{}' });
await sidecar.stop();
if (answer.status !== 200) throw new Error('answered ' + answer.status);
`;

/** One inference, whose span must be of ours and must arrive at an endpoint of this very process. */
const APPLICATION = `
const { InferenceSession, Tensor } = onnxruntime;
const { createServer } = process.getBuiltinModule('node:http');
(async () => {
  let spans = '';
  const backend = createServer((request, response) => {
    request.on('data', (chunk) => (spans += request.url === '/v1/traces' ? chunk.toString('latin1') : ''));
    request.on('end', () => response.writeHead(200).end());
  }).listen(4318, '127.0.0.1');
  const session = await InferenceSession.create('model.onnx');
  const number = (value) => new Tensor('float32', Float32Array.of(value), [1, 1]);
  const text = (value) => new Tensor('string', [value], [1, 1]);
  await session.run({
    hour: number(8), day_of_week: number(1), distance: number(500), origin: text('ORD'), destination: text('ATL'),
  });
  const deadline = Date.now() + 20_000;
  while (!spans.includes('predict late-flights') && Date.now() < deadline) await new Promise((r) => setTimeout(r, 100));
  backend.close();
  process.exit(spans.includes('predict late-flights') ? 0 : 1);
})();
`;
