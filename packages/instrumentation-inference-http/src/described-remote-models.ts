/** What applications say of models that they call by name: a body of bare lists carries neither features nor classes. */
import { readFileSync, statSync } from 'node:fs';
import type { ModelDescriptionInput, ModelInfo } from '@leeway/instrumentation';
import type { ModelNames, RemoteModel } from './protocol.ts';
import { UNNAMED_MODEL } from './protocols/mlflow.ts';

type Environment = Readonly<Record<string, string | undefined>>;
export type RemoteModelDescription = Omit<ModelDescriptionInput, 'name'>;

/** More are not kept, said by the return value. */
const MODELS_MAX = 1_000;
const REFERENCE_BYTES_MAX = 64 * 2 ** 20;

const described = new Map<string, RemoteModelDescription>();

/**
 * Says what a model behind the network is, by the name that its URL has: the names of its features in order, its classes.
 *
 * @returns false when 1,000 models are described already
 * @example describeRemoteModel('iris', { features: ['sepal_length', 'sepal_width'], classes: ['setosa', 'other'] });
 */
export function describeRemoteModel(name: string, description: RemoteModelDescription): boolean {
  if (!described.has(name) && described.size >= MODELS_MAX) return false;
  described.set(name, { ...described.get(name), ...description });
  return true;
}

export interface RemoteModelInfo {
  readonly info: ModelInfo;
  readonly names: ModelNames;
}

/** In the order URL, description, environment. */
export function remoteModelInfo({ name, version }: RemoteModel, system: string, env: Environment): RemoteModelInfo {
  const known = name === UNNAMED_MODEL ? (env.LEEWAY_MODEL_NAME ?? system) : name;
  const description = described.get(known);
  // LEEWAY_MODEL_VERSION is that of LEEWAY_MODEL_NAME, not of each model that is called.
  const release =
    version ?? description?.version ?? (known === env.LEEWAY_MODEL_NAME ? env.LEEWAY_MODEL_VERSION : undefined);
  const features = description?.features ?? referenceFeatures(env.LEEWAY_REFERENCE, known);
  const { id, owner, role, task, classes, runtimeName, runtimeVersion } = description ?? {};
  return {
    info: {
      name: known,
      ...(release === undefined ? {} : { version: release }),
      ...(id === undefined ? {} : { id }),
      ...(owner === undefined ? {} : { owner }),
      ...(role === undefined ? {} : { role }),
      ...(task === undefined ? {} : { task }),
      ...(classes === undefined ? {} : { classes }),
      ...(runtimeName === undefined ? {} : { runtimeName }),
      ...(runtimeVersion === undefined ? {} : { runtimeVersion }),
    },
    names: {
      ...(features === undefined ? {} : { features }),
      ...(classes === undefined ? {} : { classes }),
      ...(task === undefined ? {} : { task }),
    },
  };
}

/** Names of the features in that model's reference profile; nothing else of it is read. */
function referenceFeatures(path: string | undefined, model: string): readonly string[] | undefined {
  if (path === undefined || path === '') return undefined;
  try {
    if (statSync(path).size > REFERENCE_BYTES_MAX) return undefined;
    const profile = JSON.parse(readFileSync(path, 'utf8')) as {
      model?: { name?: unknown };
      features?: readonly { name?: unknown }[];
    };
    return profile.model?.name === model ? profile.features?.map(({ name }) => String(name)) : undefined;
  } catch {
    return undefined;
  }
}
