import { FOREIGN_NAMES } from '@leeway/semconv';
import { expect, test } from 'vitest';
import { keyMapping, MAPPING_PRESETS, mappedName, NO_RULES } from './mapping.ts';
import { isObservationKey, LABEL_OR_VALUE, mappingTargets, ownRoleOf, ROLE, roleOf } from './roles.ts';

test('every rule of a preset leads to a name that is read, and stars stand at both ends or at none', () => {
  const targets = mappingTargets();
  for (const [preset, rules] of Object.entries(FOREIGN_NAMES)) {
    expect(MAPPING_PRESETS).toContain(preset);
    for (const [from, to] of Object.entries(rules)) {
      expect(to.endsWith('*'), from).toBe(from.endsWith('*'));
      expect(targets.includes(to) || ownRoleOf(to).role === ROLE.feature, `${from}: ${to}`).toBe(true);
      expect(ownRoleOf(from).role, `${from} is a name of its own`).toBe(ROLE.none);
    }
  }
});

test('one key goes before a namespace, a longer one before a shorter one, own rules before those of presets', () => {
  const mapping = keyMapping({
    ...NO_RULES,
    presets: ['model'],
    attributes: {
      'in.*': 'ml.features.*',
      'in.deep.*': 'ml.prediction.scores.*',
      'in.score': 'ml.prediction.score',
      'model.score': 'ml.prediction.value',
    },
  });
  expect(mappedName('in.a.b', mapping)).toBe('ml.features.a.b');
  expect(mappedName('in.deep.x', mapping)).toBe('ml.prediction.scores.x');
  expect(mappedName('in.score', mapping)).toBe('ml.prediction.score');
  expect(mappedName('model.score', mapping)).toBe('ml.prediction.value');
  expect(mappedName('model.confidence', mapping)).toBe('ml.prediction.score');
  expect(mappedName('in.', mapping)).toBeUndefined();
  expect(mappedName('other', mapping)).toBeUndefined();
});

test('mapped keys have the roles of the names that they lead to; features of any name are possible', () => {
  const mapping = keyMapping({ ...NO_RULES, presets: ['model', 'openinference', 'gen_ai'] });
  expect(roleOf('model.input.__proto__', mapping)).toEqual({ role: ROLE.feature, name: '__proto__' });
  expect(roleOf('model.prediction', mapping)).toEqual({ role: ROLE.output, name: LABEL_OR_VALUE });
  expect(roleOf('model.name', mapping).role).toBe(ROLE.mappedModel);
  expect(roleOf('ml.model.name', mapping).role).toBe(ROLE.model);
  expect(isObservationKey('llm.token_count.prompt', mapping)).toBe(true);
  expect(isObservationKey('gen_ai.usage.input_tokens', mapping)).toBe(true);
  expect(isObservationKey('gen_ai.usage.input_tokens')).toBe(false);
});
