import { createHash } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ByteSource, bytesSource, withFile } from './byte-source.ts';
import { DIGEST_BYTES_MAX, modelSource } from './model-source.ts';
import { readOnnxHeader } from './onnx-header.ts';

const fixture = (name: string) => fileURLToPath(new URL(`../test/fixtures/models/${name}.onnx`, import.meta.url));
const FLIGHTS = fileURLToPath(new URL('../../../examples/flights/service/model/late-flights.onnx', import.meta.url));
const headerOf = (path: string) => withFile(path, readOnnxHeader);

test('the header of a real model: names, version, metadata, inputs', () => {
  const header = headerOf(FLIGHTS);
  expect(header).toMatchObject({ producerName: 'leeway-example', graphName: 'late-flights', modelVersion: '1' });
  expect(header?.inputNames).toEqual(['hour', 'day_of_week', 'distance', 'origin', 'destination']);
  expect(header?.properties.get('classes')).toBe('on_time,late');
});

test.each([
  ['skl-logistic', ['no', 'yes']],
  ['skl-logistic-zipmap', ['no', 'yes']],
  ['skl-forest', ['3', '7', '9']],
  ['skl-columns', ['no', 'yes']],
  ['xgboost-classes', ['0', '1', '2']],
  ['lightgbm-binary', ['0', '1']],
  ['torch-logits', undefined],
  ['skl-linear', undefined],
])('%s: the classes that its classifier names', (name, classes) => {
  expect(headerOf(fixture(name))?.classLabels).toEqual(classes);
});

test('one operator without weights is no model; of a model every part counts', () => {
  const names = ['half-output', 'skl-linear', 'skl-forest', 'torch-value', 'two-inputs', 'lightgbm-binary'];
  expect(names.filter((name) => headerOf(fixture(name))?.isOperator)).toEqual(['half-output']);
});

test('a config.json of Hugging Face is read beside the model, and no other', () => {
  const path = fileURLToPath(new URL('../test/fixtures/tiny-bert/onnx/model.onnx', import.meta.url));
  expect(modelSource([path]).config).toMatchObject({ id2label: { 0: 'NEGATIVE', 1: 'POSITIVE' } });
  expect(modelSource([fixture('skl-forest')]).config).toBeUndefined();
});

test('from memory and from a file the same', () => {
  for (const path of [FLIGHTS, fixture('skl-forest')])
    expect(headerOf(path)).toEqual(readOnnxHeader(bytesSource(readFileSync(path))));
});

/** A length-delimited field of protobuf. */
const field = (number: number, payloadLength: number): Buffer => {
  const length = [];
  for (let rest = payloadLength; ; rest = Math.floor(rest / 128)) {
    length.push((rest % 128) + (rest >= 128 ? 128 : 0));
    if (rest < 128) return Buffer.from([number * 8 + 2, ...length]);
  }
};

test('weights are not read: a model of 600 MB takes a few reads', () => {
  const folder = mkdtempSync(join(tmpdir(), 'leeway-header-'));
  try {
    const path = join(folder, 'large.onnx');
    const name = Buffer.from('large');
    const weights = 600_000_000;
    // GraphProto: three initializers (5) of zeros, then the name (2). TensorProto: raw_data 9.
    const third = weights / 3;
    const raw = field(9, third);
    const initializer = Buffer.concat([field(5, raw.length + third), raw]);
    const graphBytes = 3 * (initializer.length + third) + 2 + name.length;
    const fd = openSync(path, 'w');
    let at = 0;
    const put = (bytes: Buffer, gap = 0) => {
      writeSync(fd, bytes, 0, bytes.length, at);
      at += bytes.length + gap;
    };
    put(field(7, graphBytes));
    for (let i = 0; i < 3; i++) put(initializer, third);
    put(Buffer.concat([field(2, name.length), name]));
    closeSync(fd);
    let bytesRead = 0;
    const header = withFile(path, (source) => {
      const counted: ByteSource = {
        size: source.size,
        read: (from, length) => {
          bytesRead += length;
          return source.read(from, length);
        },
      };
      return readOnnxHeader(counted);
    });
    expect(header?.graphName).toBe('large');
    expect(bytesRead).toBeLessThan(1_000);
    // Too large for a digest.
    expect(weights).toBeGreaterThan(DIGEST_BYTES_MAX);
    expect(modelSource([path])).toMatchObject({ path, header: { graphName: 'large' } });
    expect(modelSource([path]).digest).toBeUndefined();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a path, bytes, a buffer with offset and length: header and digest of the same model', () => {
  const bytes = readFileSync(FLIGHTS);
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  const padded = new Uint8Array(bytes.length + 7);
  padded.set(bytes, 3);
  const shared = new SharedArrayBuffer(bytes.length);
  new Uint8Array(shared).set(bytes);
  for (const args of [
    [FLIGHTS, {}],
    [new Uint8Array(bytes)],
    [Uint8Array.from(bytes).buffer],
    [shared],
    [padded.buffer, 3, bytes.length],
    [padded.buffer, 3, bytes.length, {}],
  ])
    expect(modelSource(args)).toMatchObject({ digest, header: { graphName: 'late-flights' } });
});

test('what is no model, or is not there, says nothing', () => {
  for (const args of [['/no/such/file.onnx'], [''], [undefined], [{}], [new URL('file:///C:/m.onnx')], [7], [tmpdir()]])
    expect(modelSource(args).header).toBeUndefined();
  expect(readOnnxHeader(bytesSource(Uint8Array.of(0xff, 0xff, 0xff)))).toBeUndefined();
  expect(readOnnxHeader(bytesSource(new Uint8Array(0)))).toMatchObject({ inputNames: [] });
});

test('cut or overwritten anywhere: a header or none, never an error', () => {
  const bytes = readFileSync(fixture('skl-forest'));
  fc.assert(
    fc.property(fc.nat(bytes.length), fc.nat(bytes.length - 1), fc.nat(255), (length, at, value) => {
      const broken = Uint8Array.from(bytes.subarray(0, length));
      if (at < length) broken[at] = value;
      const header = readOnnxHeader(bytesSource(broken));
      expect(header === undefined || Array.isArray(header.inputNames)).toBe(true);
    }),
  );
});
