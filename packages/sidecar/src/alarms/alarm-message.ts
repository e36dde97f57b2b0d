/** What a person needs to act on a change of an alarm, once for all ways by which it is told. */
import { createHash } from 'node:crypto';
import type { AlarmChange, Judgement, ModelKey, ReferenceProfile } from '@leeway/engine';
import {
  ATTR_DEPLOYMENT_ENVIRONMENT_NAME,
  ATTR_ML_ALARM_ID,
  ATTR_ML_ALARM_NOISE,
  ATTR_ML_ALARM_ROWS,
  ATTR_ML_ALARM_RUNBOOK_URL,
  ATTR_ML_ALARM_SCORE,
  ATTR_ML_ALARM_START_TIME,
  ATTR_ML_ALARM_SUBJECT_COUNT,
  ATTR_ML_ALARM_SUBJECTS,
  ATTR_ML_ALARM_SUMMARY,
  ATTR_ML_ALARM_THRESHOLD,
  ATTR_ML_ALARM_TRANSITION,
  ATTR_ML_LEVEL,
  ATTR_ML_MODEL_NAME,
  ATTR_ML_MODEL_OWNER,
  ATTR_ML_MODEL_TIER,
  ATTR_ML_MODEL_VERSION,
  ATTR_ML_REFERENCE_ID,
  ATTR_ML_REFERENCE_NAME,
  ATTR_ML_SIGNAL,
} from '@leeway/semconv';

export interface AlarmSubject {
  readonly name: string;
  readonly rule?: string;
  readonly metric?: string;
  readonly level: 'warning' | 'critical';
  readonly score?: number;
  readonly noise?: number;
  readonly threshold?: number;
  readonly badSide: 'above' | 'below';
  readonly rows: number;
  readonly referenceRows: number;
  /** Of the feature, as the reference says. */
  readonly owner?: string;
}

export interface AlarmMessage {
  /** The same from raised until it is over. */
  readonly id: string;
  /** Of this message: a receiver that has seen it may drop it. */
  readonly messageId: string;
  readonly summary: string;
  readonly transition: AlarmChange['transition'];
  readonly level: AlarmChange['level'];
  readonly signal: AlarmChange['signal'];
  readonly model: ModelKey & { readonly owner?: string; readonly tier?: string };
  readonly reference: { readonly name: string; readonly id: string };
  /** ISO 8601. */
  readonly since: string;
  readonly at: string;
  readonly window: { readonly start: string; readonly end: string };
  readonly subjects: readonly AlarmSubject[];
  readonly subjectCount: number;
  readonly runbookUrl?: string;
}

const WARNING = 5;
const SUBJECTS_SAID = 3;

/** @param runbooks base of the runbooks' addresses, the name of the signal follows it; undefined when there are none */
export function alarmMessage(
  model: ModelKey,
  reference: ReferenceProfile,
  change: AlarmChange,
  runbooks: string | undefined,
): AlarmMessage {
  const { environment, model: name, version } = model;
  const { signal, transition, level, sinceMs, atMs, windowStartMs, subjectCount } = change;
  const { owner, tier } = reference.model;
  const subjects = change.subjects.map((one) => subjectOf(one, reference));
  const id = hash([environment, name, version, reference.id, signal, sinceMs]);
  return {
    id,
    messageId: hash([id, transition, level, atMs]),
    summary: summaryOf(model, change, subjects),
    transition,
    level,
    signal,
    model: { environment, model: name, version, ...(owner && { owner }), ...(tier && { tier }) },
    reference: { name: reference.name, id: reference.id },
    since: iso(sinceMs),
    at: iso(atMs),
    window: { start: iso(windowStartMs), end: iso(atMs) },
    subjects,
    subjectCount,
    ...(runbooks === undefined ? {} : { runbookUrl: `${runbooks.replace(/\/$/, '')}/${signal}` }),
  };
}

/** Nothing is left to do. */
export const isOver = ({ transition }: AlarmMessage): boolean => transition === 'cleared' || transition === 'ended';

/** Attributes of the event `ml.monitor.alarm`. */
export function alarmAttributes(message: AlarmMessage): Record<string, string | number | string[]> {
  const { model, reference, subjects } = message;
  const [worst] = subjects;
  const known: Record<string, string | number | string[] | undefined> = {
    [ATTR_ML_ALARM_ID]: message.id,
    [ATTR_ML_ALARM_TRANSITION]: message.transition,
    [ATTR_ML_LEVEL]: message.level,
    [ATTR_ML_SIGNAL]: message.signal,
    [ATTR_ML_ALARM_SUMMARY]: message.summary,
    [ATTR_ML_MODEL_NAME]: model.model,
    [ATTR_ML_MODEL_VERSION]: model.version,
    [ATTR_DEPLOYMENT_ENVIRONMENT_NAME]: model.environment,
    [ATTR_ML_MODEL_OWNER]: model.owner,
    [ATTR_ML_MODEL_TIER]: model.tier,
    [ATTR_ML_REFERENCE_NAME]: reference.name,
    [ATTR_ML_REFERENCE_ID]: reference.id,
    [ATTR_ML_ALARM_START_TIME]: message.since,
    [ATTR_ML_ALARM_SUBJECTS]: subjects.map(({ name, rule }) => (rule === undefined ? name : `${name} ${rule}`)),
    [ATTR_ML_ALARM_SUBJECT_COUNT]: message.subjectCount,
    [ATTR_ML_ALARM_SCORE]: worst?.score,
    [ATTR_ML_ALARM_NOISE]: worst?.noise,
    [ATTR_ML_ALARM_THRESHOLD]: worst?.threshold,
    [ATTR_ML_ALARM_ROWS]: worst?.rows,
    [ATTR_ML_ALARM_RUNBOOK_URL]: message.runbookUrl,
  };
  const present = Object.entries(known).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(present) as Record<string, string | number | string[]>;
}

function subjectOf(one: Judgement, reference: ReferenceProfile): AlarmSubject {
  const isCritical = one.status > WARNING;
  const threshold = isCritical ? one.critical : one.warning;
  const owner = reference.features.find(({ name }) => name === one.subject)?.owner;
  return {
    name: one.subject,
    ...(one.rule === undefined ? {} : { rule: one.rule }),
    ...(one.metric === undefined ? {} : { metric: one.metric }),
    level: isCritical ? 'critical' : 'warning',
    ...(one.score === undefined ? {} : { score: one.score }),
    ...(one.noise === undefined ? {} : { noise: one.noise }),
    ...(threshold === undefined ? {} : { threshold }),
    badSide: one.badSide,
    rows: one.currentSize,
    referenceRows: one.referenceSize,
    ...(owner === undefined ? {} : { owner }),
  };
}

/** `late-flights 1 (production): data drift critical: distance psi 0.31 (0.25), …` */
function summaryOf(
  { environment, model, version }: ModelKey,
  { transition, signal, level, subjectCount }: AlarmChange,
  subjects: readonly AlarmSubject[],
): string {
  const who = [model, version, environment === '' ? '' : `(${environment})`].filter((text) => text !== '').join(' ');
  const what = signal.replaceAll('_', ' ');
  if (transition === 'cleared') return `${who}: ${what} is well again, it was ${level}`;
  if (transition === 'ended') return `${who}: ${what} is not held against this reference any more, it was ${level}`;
  const named = subjects.slice(0, SUBJECTS_SAID).map(({ name, rule, metric, score, threshold }) => {
    const of = [name, rule?.replaceAll('_', ' '), metric === name ? undefined : metric].filter(Boolean).join(' ');
    if (score === undefined || threshold === undefined) return of;
    return `${of} ${figure(score)} (${figure(threshold)})`;
  });
  const more = subjectCount > named.length ? `, and ${subjectCount - named.length} more` : '';
  return `${who}: ${what} ${level}: ${named.join(', ')}${more}`;
}

const figure = (value: number): string => String(Number(value.toPrecision(3)));
const iso = (ms: number): string => new Date(ms).toISOString();
const hash = (parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
