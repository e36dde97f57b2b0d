/** The settings of performance as people write them, for all models and by model, and the policy that follows. */
import { isPerformanceMetric, TASK_METRICS } from '../performance/performance-figures.ts';
import type { PerformanceMetric } from '../performance/performance-metric.ts';
import type { ReferenceProfile } from '../reference/profile.ts';
import { type PerformancePolicy, type PerformanceTask, performanceTask } from './performance-policy.ts';
import type { Margin } from './policy.ts';

type Target = number | Margin;

/** Names of metrics are checked where settings are read: `performancePolicyFault` of `performancePolicyFrom`. */
export interface ModelPerformanceSettings {
  readonly metrics?: readonly string[] | undefined;
  readonly targets?: Readonly<Record<string, Target>> | undefined;
  readonly margins?: Readonly<Record<string, Margin>> | undefined;
  readonly min_labels?: number | undefined;
  /** `key=value` names. */
  readonly segments?: readonly string[] | undefined;
}

export interface PerformanceSettings extends ModelPerformanceSettings {
  /** By name of the model: what is said here comes before what is said for all. */
  readonly models?: Readonly<Record<string, ModelPerformanceSettings>> | undefined;
}

/** For one model. What is said for all models applies as far as it fits the model's task; what is said of it must fit. */
export function performancePolicyFor(settings: PerformanceSettings, reference: ReferenceProfile): PerformancePolicy {
  const { models = {}, ...all } = settings;
  const { name } = reference.model;
  const own = Object.hasOwn(models, name) ? models[name] : {};
  const general = fitting(performancePolicyFrom(all), performanceTask(reference));
  const special = performancePolicyFrom(own);
  return {
    ...general,
    ...special,
    ...merged('targets', general, special),
    ...merged('margins', general, special),
  };
}

/** As they are written: names may be of no metric. */
export function performancePolicyFrom(settings: ModelPerformanceSettings): PerformancePolicy {
  const { metrics, targets, margins, min_labels: labelsMin, segments } = settings;
  return {
    ...(metrics === undefined ? {} : { metrics: metrics as readonly PerformanceMetric[] }),
    ...(targets === undefined ? {} : { targets }),
    ...(margins === undefined ? {} : { margins }),
    ...(labelsMin === undefined ? {} : { labelsMin }),
    ...(segments === undefined ? {} : { segments }),
  };
}

function fitting(policy: PerformancePolicy, task: PerformanceTask | undefined): PerformancePolicy {
  if (task === undefined) return policy;
  const fits = (name: string) => !isPerformanceMetric(name) || (TASK_METRICS[task] as readonly string[]).includes(name);
  const only = <T>(record: Readonly<Record<string, T>> | undefined) =>
    record === undefined ? undefined : Object.fromEntries(Object.entries(record).filter(([name]) => fits(name)));
  const { metrics, targets, margins, ...rest } = policy;
  const own = metrics?.filter(fits) ?? [];
  return {
    ...rest,
    // Of none that fits, all of the task: a model is not left unjudged by what was said of others.
    ...(own.length === 0 ? {} : { metrics: own }),
    ...(targets === undefined ? {} : { targets: only(targets) as PerformancePolicy['targets'] & object }),
    ...(margins === undefined ? {} : { margins: only(margins) as PerformancePolicy['margins'] & object }),
  };
}

function merged(key: 'targets' | 'margins', general: PerformancePolicy, special: PerformancePolicy): PerformancePolicy {
  if (general[key] === undefined || special[key] === undefined) return {};
  return { [key]: { ...general[key], ...special[key] } };
}
