import { expect, test } from 'vitest';
import { parsePrometheusText, sampleValue } from './prometheus-text.ts';

test('names, labels with escapes, values', () => {
  const samples = parsePrometheusText(
    '# HELP a text\n# TYPE a gauge\na{x="1",y="q\\"uo\\\\te, }"} 0.25\na{x="2"} +Inf\nb 7\n',
  );
  expect(samples.get('a')?.[0]).toEqual({ labels: { x: '1', y: 'q"uo\\te, }' }, value: 0.25 });
  expect(sampleValue(samples, 'a', { x: '2' })).toBe(Number.POSITIVE_INFINITY);
  expect(sampleValue(samples, 'b')).toBe(7);
  expect(sampleValue(samples, 'c')).toBeUndefined();
});
