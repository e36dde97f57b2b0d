/**
 * What `InferenceSession.create` was given: a path, or bytes in one of three forms. From it come the header and the
 * digest; the bytes themselves are not kept.
 *
 * The digest is `sha256:` and the hex digest of the model's bytes, without data that an ONNX file keeps outside itself. It
 * is computed while the model is loaded, which takes longer; above 16 MiB there is none, and the application may give an
 * id of its own.
 */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { bytesSource, withFile } from './byte-source.ts';
import { type OnnxHeader, readOnnxHeader } from './onnx-header.ts';

export const DIGEST_BYTES_MAX = 16 * 2 ** 20;
const CHUNK_BYTES = 2 ** 20;
const CONFIG_BYTES_MAX = 2 ** 20;

export interface ModelSource {
  readonly path?: string;
  readonly header?: OnnxHeader;
  readonly digest?: string;
  /** Contents of the config.json that a model of Hugging Face has beside it. */
  readonly config?: unknown;
}

/** Reads synchronously, and no more than the header and what the digest needs. Never throws. */
export function modelSource(args: readonly unknown[]): ModelSource {
  try {
    const [model] = args;
    if (typeof model === 'string') return fromFile(model);
    const bytes = bytesOf(args);
    if (bytes === undefined) return {};
    const header = readOnnxHeader(bytesSource(bytes));
    return {
      ...(header === undefined ? {} : { header }),
      ...(bytes.length > DIGEST_BYTES_MAX ? {} : { digest: named(createHash('sha256').update(bytes).digest('hex')) }),
    };
  } catch {
    return {};
  }
}

function fromFile(path: string): ModelSource {
  return withFile(path, (source) => {
    const header = readOnnxHeader(source);
    let digest: string | undefined;
    if (source.size <= DIGEST_BYTES_MAX) {
      const hash = createHash('sha256');
      for (let at = 0; at < source.size; at += CHUNK_BYTES) hash.update(source.read(at, CHUNK_BYTES));
      digest = named(hash.digest('hex'));
    }
    const config = configBeside(path);
    return {
      path,
      ...(header === undefined ? {} : { header }),
      ...(digest === undefined ? {} : { digest }),
      ...(config === undefined ? {} : { config }),
    };
  });
}

/** transformers.js reads `NAME/onnx/model.onnx` and `NAME/config.json`. */
function configBeside(path: string): unknown {
  const folder = dirname(path);
  const file = join(basename(folder) === 'onnx' ? dirname(folder) : folder, 'config.json');
  try {
    if (statSync(file).size > CONFIG_BYTES_MAX) return undefined;
    const config: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof (config as { model_type?: unknown }).model_type === 'string' ? config : undefined;
  } catch {
    return undefined;
  }
}

/** Uint8Array; ArrayBuffer or SharedArrayBuffer, then perhaps an offset, then perhaps a length. */
function bytesOf([model, offset, length]: readonly unknown[]): Uint8Array | undefined {
  if (model instanceof Uint8Array) return model;
  if (!(model instanceof ArrayBuffer || model instanceof SharedArrayBuffer)) return undefined;
  if (typeof offset !== 'number') return new Uint8Array(model);
  return typeof length === 'number' ? new Uint8Array(model, offset, length) : new Uint8Array(model, offset);
}

function named(hex: string): string {
  return `sha256:${hex}`;
}
