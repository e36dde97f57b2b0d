/** What a session's model is: what the application described, what the file says, what the environment says. */
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import type { ModelDescriptionInput, ModelInfo } from '@leeway/instrumentation';
import { type OnnxHeader, readOnnxHeader } from './onnx-header.ts';

export interface SessionModel {
  readonly info: ModelInfo;
  /** Names of the columns of a single [n, k] input. */
  readonly features: readonly string[] | undefined;
  readonly classes: readonly string[] | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Larger files are not read for their header: their weights stand before it. */
const FILE_BYTES_MAX = 512 * 2 ** 20;

/** Header of the model that `create` was given: a path, or its bytes. Undefined for anything else. */
export function headerOf(model: unknown): OnnxHeader | undefined {
  if (model instanceof Uint8Array) return readOnnxHeader(model);
  if (model instanceof ArrayBuffer || model instanceof SharedArrayBuffer) return readOnnxHeader(new Uint8Array(model));
  return typeof model === 'string' ? readFileHeader(model) : undefined;
}

function readFileHeader(path: string): OnnxHeader | undefined {
  try {
    const fd = openSync(path, 'r');
    try {
      const { size } = fstatSync(fd);
      if (size > FILE_BYTES_MAX) return undefined;
      const bytes = new Uint8Array(size);
      for (let done = 0; done < size; ) {
        const read = readSync(fd, bytes, done, size - done, done);
        if (read === 0) return undefined;
        done += read;
      }
      return readOnnxHeader(bytes);
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}

/** In the order description, environment, file. */
export function sessionModel(
  description: ModelDescriptionInput | undefined,
  header: OnnxHeader | undefined,
  env: Environment,
  runtimeVersion: string | undefined,
): SessionModel {
  const property = (...names: string[]) =>
    names.map((name) => header?.properties.get(name)).find((value) => value !== undefined && value !== '');
  const version =
    description?.version ??
    env.LEEWAY_MODEL_VERSION ??
    property('model_version', 'version') ??
    nonZero(header?.modelVersion);
  const reference = referenceOf(env.LEEWAY_REFERENCE);
  const classes =
    description?.classes ??
    property('classes')
      ?.split(',')
      .map((name) => name.trim());
  const task = description?.task ?? property('task');
  const info: ModelInfo = {
    name: description?.name ?? env.LEEWAY_MODEL_NAME ?? property('model_name', 'name') ?? header?.graphName ?? 'onnx',
    runtimeName: 'onnxruntime',
    ...(version === undefined ? {} : { version }),
    ...(runtimeVersion === undefined ? {} : { runtimeVersion }),
    ...(description?.id === undefined ? {} : { id: description.id }),
    ...(description?.owner === undefined ? {} : { owner: description.owner }),
    ...(description?.role === undefined ? {} : { role: description.role }),
    ...(task === undefined ? {} : { task }),
    ...(classes === undefined ? {} : { classes }),
  };
  const features =
    description?.features ??
    property('features', 'feature_names')
      ?.split(',')
      .map((name) => name.trim()) ??
    reference;
  return { info, features, classes };
}

/** ONNX writes 0 for a version that nobody set. */
function nonZero(version: string | undefined): string | undefined {
  return version === '0' ? undefined : version;
}

/** Names of the features in a reference profile; nothing else of it is read. */
function referenceOf(path: string | undefined): readonly string[] | undefined {
  if (path === undefined || path === '') return undefined;
  try {
    const profile: unknown = JSON.parse(readFileSync(path, 'utf8'));
    const features = (profile as { features?: { name?: unknown }[] }).features;
    return features?.map(({ name }) => String(name));
  } catch {
    return undefined;
  }
}
