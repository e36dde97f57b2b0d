/** What the configuration says of shards. */
import { randomInt } from 'node:crypto';
import { windowSettings } from '@leeway/engine';
import { keyMapping } from '@leeway/intake';
import { mappingRules } from './config/mapping.ts';
import type { Config } from './config/schema.ts';
import type { PipelineSettings } from './pipeline.ts';

/** Each call draws another seed: senders cannot know it. */
export function shardSettings(config: Config): PipelineSettings['shard'] {
  const { paneMs, latenessMs, skewMs, mode } = windowSettings(config);
  const { limits } = config;
  return {
    paneMs,
    latenessMs,
    skewMs,
    mode,
    bodyBytesMax: limits.body_bytes,
    environmentsMax: limits.environments,
    modelsMax: limits.models,
    versionsMax: limits.versions,
    dedupIdsMax: limits.dedup_ids,
    mapping: keyMapping(mappingRules(config.mapping)),
    hashSeed: [randomInt(-(2 ** 31), 2 ** 31), randomInt(-(2 ** 31), 2 ** 31)],
  };
}
