/**
 * The few fields of an ONNX file that say what the model is: a walk over ModelProto that skips every payload by its
 * length and reads nothing of the weights, about a millisecond for any size.
 *
 * Field numbers: onnx.proto3 of the ONNX project. ModelProto: producer_name 2, model_version 5, graph 7,
 * metadata_props 14. GraphProto: node 1, name 2, initializer 5, input 11, sparse_initializer 15. NodeProto: op_type 4,
 * attribute 5, domain 7. AttributeProto: name 1, ints 8, strings 9. ValueInfoProto: name 1. StringStringEntryProto: key 1,
 * value 2.
 */
import type { ByteSource } from './byte-source.ts';
import { walkFields } from './protobuf-fields.ts';

export interface OnnxHeader {
  readonly producerName?: string;
  readonly modelVersion?: string;
  readonly graphName?: string;
  readonly inputNames: readonly string[];
  readonly properties: ReadonlyMap<string, string>;
  /** Labels that a classifier of ai.onnx.ml puts out, in the order of its scores. */
  readonly classLabels?: readonly string[];
  /**
   * One standard operator and no weights: nothing that was learned. transformers.js runs such graphs of its own beside the
   * model, for top-k, resizing and the like.
   */
  readonly isOperator: boolean;
}

const PROPERTIES_MAX = 100;
const NAMES_MAX = 1_000;
const TEXT_BYTES_MAX = 4096;
/** Of metadata_props: a list of feature names may be long. */
const PROPERTY_BYTES_MAX = 64 * 1024;
/** Operators of ai.onnx.ml that name their classes; skl2onnx and onnxmltools write these. */
const CLASSIFIERS = /^(LinearClassifier|SVMClassifier|TreeEnsembleClassifier|ZipMap)$/;
const CLASS_LABELS = /^classlabels_(strings|ints|int64s)$/;

/** Undefined when the bytes are no ONNX model. */
export function readOnnxHeader(source: ByteSource): OnnxHeader | undefined {
  try {
    return readModel(source);
  } catch {
    return undefined;
  }
}

function readModel(source: ByteSource): OnnxHeader {
  let producerName: string | undefined;
  let modelVersion: string | undefined;
  const graph: Graph = { inputNames: [], nodeCount: 0, hasWeights: false };
  const properties = new Map<string, string>();
  walkFields(source, 0, source.size, {
    varint: (number, value) => {
      if (number === 5) modelVersion = String(value);
    },
    bytes: (number, from, to) => {
      if (number === 2) producerName = textOf(source, from, to);
      else if (number === 7) readGraph(source, from, to, graph);
      else if (number === 14 && properties.size < PROPERTIES_MAX) {
        const entry = ['', ''];
        walkFields(source, from, to, {
          bytes: (inner, start, end) => {
            if (inner === 1 || inner === 2) entry[inner - 1] = textOf(source, start, end, PROPERTY_BYTES_MAX);
          },
        });
        properties.set(entry[0], entry[1]);
      }
    },
  });
  const { name, inputNames, classLabels } = graph;
  return {
    inputNames,
    properties,
    isOperator: graph.nodeCount === 1 && !graph.hasWeights,
    ...(producerName === undefined ? {} : { producerName }),
    ...(modelVersion === undefined ? {} : { modelVersion }),
    ...(name === undefined ? {} : { graphName: name }),
    ...(classLabels === undefined ? {} : { classLabels }),
  };
}

interface Graph {
  name?: string;
  readonly inputNames: string[];
  classLabels?: readonly string[];
  nodeCount: number;
  /** Initializers, or an operator of another domain: those of ai.onnx.ml carry their weights as attributes. */
  hasWeights: boolean;
}

function readGraph(source: ByteSource, from: number, to: number, graph: Graph): void {
  walkFields(source, from, to, {
    bytes: (number, start, end) => {
      if (number === 1) readNode(source, start, end, graph);
      else if (number === 5 || number === 15) graph.hasWeights = true;
      else if (number === 2) graph.name = textOf(source, start, end);
      else if (number === 11 && graph.inputNames.length < NAMES_MAX) {
        walkFields(source, start, end, {
          bytes: (inner, nameStart, nameEnd) => {
            if (inner === 1) graph.inputNames.push(textOf(source, nameStart, nameEnd));
          },
        });
      }
    },
  });
}

/** Attributes come after the operator's type, as every protobuf writer orders fields by number. */
function readNode(source: ByteSource, from: number, to: number, graph: Graph): void {
  let isClassifier = false;
  graph.nodeCount++;
  walkFields(source, from, to, {
    bytes: (number, start, end) => {
      if (number === 4) isClassifier = CLASSIFIERS.test(textOf(source, start, end));
      else if (number === 5 && isClassifier) graph.classLabels = readLabels(source, start, end) ?? graph.classLabels;
      else if (number === 7 && end > start) graph.hasWeights ||= textOf(source, start, end) !== 'ai.onnx';
    },
  });
}

function readLabels(source: ByteSource, from: number, to: number): readonly string[] | undefined {
  let isLabels = false;
  const labels: string[] = [];
  const add = (label: string) => {
    if (isLabels && labels.length < NAMES_MAX) labels.push(label);
  };
  walkFields(source, from, to, {
    varint: (number, value) => {
      if (number === 8) add(String(BigInt.asIntN(64, value)));
    },
    bytes: (number, start, end) => {
      if (number === 1) isLabels = CLASS_LABELS.test(textOf(source, start, end));
      else if (!isLabels) return;
      else if (number === 9) add(textOf(source, start, end));
      else if (number === 8) walkPacked(source, start, end, (value) => add(String(BigInt.asIntN(64, value))));
    },
  });
  return labels.length > 1 ? labels : undefined;
}

function walkPacked(source: ByteSource, from: number, to: number, each: (value: bigint) => void): void {
  let value = 0n;
  let shift = 0n;
  for (const byte of source.read(from, Math.min(to - from, TEXT_BYTES_MAX))) {
    value |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
    if (byte >= 0x80) continue;
    each(value);
    value = 0n;
    shift = 0n;
  }
}

function textOf(source: ByteSource, from: number, to: number, bytesMax = TEXT_BYTES_MAX): string {
  return new TextDecoder().decode(source.read(from, Math.min(to - from, bytesMax)));
}
