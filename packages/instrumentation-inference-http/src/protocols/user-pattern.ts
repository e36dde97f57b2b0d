/**
 * A protocol that the user describes: a URL pattern, and the paths of the columns in the two bodies; or a URL pattern
 * that sends another host's or path's requests to a protocol that is known.
 */
import { type JsonPath, keysOf, valuesAt } from '../json-path.ts';
import { responseOfRows } from '../output-tensors.ts';
import {
  decoded,
  type InferenceProtocol,
  type ModelNames,
  objectOf,
  type RequestColumns,
  type RequestTarget,
  type ResponseColumns,
  unreadable,
  unreadableResponse,
} from '../protocol.ts';
import { columnsOfRows, FEATURES_MAX } from '../row-layouts.ts';

export interface HttpPattern {
  /**
   * `http://host:port/path`, or from the path on. `*` stands for anything but `/`, `**` for anything, `{model}` and
   * `{version}` for the model's.
   */
  readonly url: string;
  /** Where `{model}` is not in the URL. */
  readonly model?: string;
  readonly version?: string;
  /** A value of `ml.system.name`. Default: that of `protocol`, or `custom`. */
  readonly system?: string;
  /** A known protocol reads the bodies: open_inference, triton, tf_serving, kserve_v1, mlflow, azure_ml, vertex_ai. */
  readonly protocol?: string;
  /** Features: a path by name, or one path to an object or list of values. */
  readonly request?: { readonly features: JsonPath | Readonly<Record<string, JsonPath>> };
  /** `prediction`: a path to what a list of predictions may hold: a number, a label, an object, scores. */
  readonly response?: {
    readonly label?: JsonPath;
    readonly value?: JsonPath;
    readonly score?: JsonPath;
    readonly prediction?: JsonPath;
  };
}

const URL_LENGTH_MAX = 2_000;

/** @throws TypeError when the pattern cannot be used, with the value and what is expected */
export function userProtocol(
  pattern: HttpPattern,
  known: Readonly<Record<string, InferenceProtocol>>,
): InferenceProtocol {
  const match = matcher(pattern);
  if (pattern.protocol !== undefined) {
    const protocol = Object.hasOwn(known, pattern.protocol) ? known[pattern.protocol] : undefined;
    if (protocol === undefined)
      throw new TypeError(
        `protocol ${JSON.stringify(pattern.protocol)} is not one of ${Object.keys(known).join(', ')}`,
      );
    return { ...protocol, system: pattern.system ?? protocol.system, match };
  }
  return {
    system: pattern.system ?? 'custom',
    match,
    readRequest: requestReader(pattern.request?.features),
    readResponse: responseReader(pattern.response ?? {}),
  };
}

function matcher({ url, model, version }: HttpPattern): InferenceProtocol['match'] {
  if (typeof url !== 'string' || url === '' || url.length > URL_LENGTH_MAX)
    throw new TypeError(
      `url ${JSON.stringify(url)} is no pattern: a URL or a path of 1 to ${URL_LENGTH_MAX} characters`,
    );
  const hasModel = url.includes('{model}');
  if (!hasModel && (typeof model !== 'string' || model === ''))
    throw new TypeError(`the pattern ${JSON.stringify(url)} needs a model, or {model} in its url`);
  const source = url.replaceAll(/\{model\}|\{version\}|\*\*|\*|[^*{]+|\{/g, (part) => {
    if (part === '{model}') return '(?<model>[^/:?]+)';
    if (part === '{version}') return '(?<version>[^/:?]+)';
    if (part === '**') return '.*';
    return part === '*' ? '[^/]*' : part.replaceAll(/[\\^$.|?+()[\]{}]/g, '\\$&');
  });
  const isWhole = /^\w+:\/\//.test(url);
  const expression = new RegExp(`^${source}$`);
  return ({ origin, path }: RequestTarget) => {
    const groups = expression.exec(isWhole ? origin + path : path);
    if (groups === null) return undefined;
    const name = decoded(groups.groups?.model) ?? model;
    const release = decoded(groups.groups?.version) ?? version;
    return name === undefined ? undefined : { name, ...(release === undefined ? {} : { version: release }) };
  };
}

function requestReader(
  features: JsonPath | Readonly<Record<string, JsonPath>> | undefined,
): InferenceProtocol['readRequest'] {
  if (features === undefined) return () => unreadable('no_path');
  if (typeof features === 'string' || Array.isArray(features)) {
    const keys = keysOf(features as JsonPath);
    return (json, names): RequestColumns => {
      const values = valuesAt(json, keys);
      if (values === undefined) return unreadable('shape');
      return columnsOfRows(
        Array.from({ length: values.rowCount }, (_, row) => values.at(row)),
        names,
      );
    };
  }
  const paths = Object.entries(features).map(([name, path]) => [name, keysOf(path)] as const);
  if (paths.length === 0 || paths.length > FEATURES_MAX)
    throw new TypeError(`features has ${paths.length} paths: 1 to ${FEATURES_MAX} are expected`);
  return (json): RequestColumns => {
    const columns = paths.map(([name, keys]) => ({ name, values: valuesAt(json, keys) }));
    const rowCount = Math.max(...columns.map(({ values }) => values?.rowCount ?? 1));
    if (columns.some(({ values }) => values === undefined)) return unreadable('shape', rowCount);
    return {
      rowCount,
      // A value of the whole request stands in each of its rows.
      features: columns.map(({ name, values }) => ({ name, at: (row) => values!.at(row) })),
    };
  };
}

function responseReader(response: NonNullable<HttpPattern['response']>): InferenceProtocol['readResponse'] {
  const outputs = (['label', 'value', 'score'] as const).flatMap((name) => {
    const path = response[name];
    return path === undefined ? [] : [[name, keysOf(path)] as const];
  });
  const prediction = response.prediction === undefined ? undefined : keysOf(response.prediction);
  return (json, names: ModelNames): ResponseColumns => {
    if (prediction !== undefined) {
      const values = valuesAt(json, prediction);
      if (values === undefined) return unreadableResponse('response_shape');
      return responseOfRows(
        Array.from({ length: values.rowCount }, (_, row) => values.at(row)),
        names,
      );
    }
    if (outputs.length === 0) return { predictions: {} };
    const columns = outputs.flatMap(([name, keys]) => {
      const values = valuesAt(json, keys);
      return values === undefined ? [] : [{ name, values }];
    });
    if (columns.length === 0 || objectOf(json) === undefined) return unreadableResponse('response_shape');
    return {
      rowCount: Math.max(...columns.map(({ values }) => values.rowCount)),
      predictions: Object.fromEntries(columns.map(({ name, values }) => [name, { name, at: values.at }])),
    };
  };
}
