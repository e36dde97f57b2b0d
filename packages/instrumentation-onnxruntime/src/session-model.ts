/** What a session's model is: what the application described, what the environment says, what the file says. */
import type { ModelDescriptionInput, ModelInfo } from '@leeway/instrumentation';
import type { ReferenceNames, TensorModel } from '@leeway/instrumentation/tensors';
import type { ModelSource } from './model-source.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface SessionFacts {
  readonly description: ModelDescriptionInput | undefined;
  readonly source: ModelSource;
  readonly reference: ReferenceNames | undefined;
  readonly runtimeVersion: string | undefined;
}

/** Names that exporters give when nobody gave one, or anew with each export. */
const GENERIC_GRAPH =
  /^(main_graph|main|graph|torch[-_]jit.*|torch-jit-export|ONNX\(.*\)|[0-9a-f]{8}-?[0-9a-f-]{20,}|)$/i;
/** Files and folders that are called the same for every model. */
const GENERIC_FILE =
  /^(onnx|model|models|(encoder_|decoder_)?model([-_](quantized|optimized|fp16|int8|uint8|q4|q4f16|bnb4))?|\.|)$/i;
const NAME_LENGTH_MAX = 256;

/** In the order description, environment, metadata of the file, config.json, name of the graph, name of the file. */
export function sessionModel(facts: SessionFacts, env: Environment): TensorModel {
  const { description, source, reference, runtimeVersion } = facts;
  const { header } = source;
  const property = (...names: string[]) => names.map((name) => header?.properties.get(name)).find(isGiven);
  const version =
    description?.version ??
    env.LEEWAY_MODEL_VERSION ??
    property('model_version', 'version') ??
    nonZero(header?.modelVersion);
  const id = description?.id ?? property('model_id') ?? source.digest;
  const config = configOf(source.config);
  const declared = description?.classes ?? listOf(property('classes')) ?? config.classes;
  const classes = declared ?? header?.classLabels ?? (reference?.classes.length ? reference.classes : undefined);
  const task = description?.task ?? property('task');
  const name =
    description?.name ??
    env.LEEWAY_MODEL_NAME ??
    property('model_name', 'name') ??
    config.name ??
    [header?.graphName].find((given) => given !== undefined && !GENERIC_GRAPH.test(given)) ??
    fileNameOf(source.path) ??
    'onnx';
  const info: ModelInfo = {
    name: name.slice(0, NAME_LENGTH_MAX),
    runtimeName: 'onnxruntime',
    ...(version === undefined ? {} : { version }),
    ...(runtimeVersion === undefined ? {} : { runtimeVersion }),
    ...(id === undefined ? {} : { id }),
    ...(description?.owner === undefined ? {} : { owner: description.owner }),
    ...(description?.role === undefined ? {} : { role: description.role }),
    ...(task === undefined ? {} : { task }),
    ...(classes === undefined ? {} : { classes }),
  };
  const names = description?.features ?? listOf(property('features', 'feature_names')) ?? reference?.features;
  return {
    info,
    ...(names === undefined ? {} : { features: { names, isDescribed: description?.features !== undefined } }),
    ...(header?.classLabels === undefined ? {} : { fileClasses: header.classLabels }),
  };
}

function isGiven(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}

/** A JSON list of names, or names separated by commas. */
function listOf(text: string | undefined): readonly string[] | undefined {
  if (!isGiven(text)) return undefined;
  if (text.trimStart().startsWith('[')) {
    try {
      const list: unknown = JSON.parse(text);
      if (Array.isArray(list)) return list.map(String);
    } catch {
      // Not JSON: a list by commas then.
    }
  }
  return text.split(',').map((name) => name.trim());
}

/** ONNX writes 0 for a version that nobody set. */
function nonZero(version: string | undefined): string | undefined {
  return version === '0' ? undefined : version;
}

/**
 * `models/churn.onnx` is churn, `churn/model.onnx` and `churn/onnx/model_quantized.onnx` too. No further up: folders there
 * may be named after people and customers.
 */
function fileNameOf(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  const [file, folder, above] = path.split(/[\\/]/).reverse();
  const names = [file.replace(/\.(onnx|ort)$/i, ''), folder ?? '', folder === 'onnx' ? (above ?? '') : ''];
  return names.find((name) => !GENERIC_FILE.test(name));
}

/** The two fields of a Hugging Face config.json that name the model (its id there, no path) and its classes. */
function configOf(config: unknown): { readonly name?: string; readonly classes?: readonly string[] } {
  if (config === null || typeof config !== 'object') return {};
  const { _name_or_path: name, id2label } = config as { _name_or_path?: unknown; id2label?: unknown };
  const labels = id2label !== null && typeof id2label === 'object' ? Object.entries(id2label) : [];
  const classes: string[] = [];
  for (const [index, label] of labels) if (/^\d{1,4}$/.test(index)) classes[Number(index)] = String(label);
  const isComplete = classes.length === labels.length && classes.length > 1 && !classes.includes(undefined as never);
  return {
    ...(typeof name === 'string' && /^[\w.-]+(\/[\w.-]+)?$/.test(name) ? { name } : {}),
    ...(isComplete ? { classes } : {}),
  };
}
