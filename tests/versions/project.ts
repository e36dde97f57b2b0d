/** A project of a user: our tarballs, the versions of a combination, and applications that score. */
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Manifest, ROOT, tarballName } from '../../scripts/pack.ts';
import type { Combination } from './combinations.ts';

const MODEL = 'examples/flights/service/model/late-flights.onnx';

export function writeProject(
  project: string,
  { own, dependencies, npmrc = '' }: Combination,
  all: readonly Manifest[],
  tarballs: string,
): void {
  const tarball = (name: string) => {
    const manifest = all.find((one) => one.name === name);
    if (manifest === undefined) throw new Error(`no package ${name}`);
    return `file:${join(tarballs, tarballName(manifest))}`;
  };
  const others = all.map(({ name }) => name).filter((name) => !own.includes(name));
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({
      private: true,
      dependencies: { ...dependencies, ...Object.fromEntries(own.map((name) => [name, tarball(name)])) },
      // What a package of ours depends on among our own is a tarball too, not the registry's.
      overrides: Object.fromEntries(others.map((name) => [name, tarball(name)])),
      allowScripts: { 'onnxruntime-node': false, protobufjs: false },
    }),
  );
  writeFileSync(join(project, '.npmrc'), `onnxruntime-node-install=skip\n${npmrc}`);
  cpSync(join(ROOT, 'tests/versions/apps'), project, { recursive: true });
  cpSync(join(ROOT, MODEL), join(project, 'model.onnx'));
}
