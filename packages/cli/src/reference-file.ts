/** Reads a reference profile that a command was given. */
import { resolve } from 'node:path';
import type { ReferenceProfile } from '@leeway/engine';
import { loadProfile } from '@leeway/sidecar/config';
import { CliError } from './cli-error.ts';

/** @throws CliError saying what is wrong with the file */
export function readReference(path: string): ReferenceProfile {
  const profile = loadProfile(resolve(path));
  if (typeof profile === 'string') throw new CliError('reference-invalid', profile);
  return profile;
}
