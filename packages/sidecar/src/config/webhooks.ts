/** Webhooks as the configuration has them. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { milliseconds } from '@leeway/engine';
import type { WebhookSettings } from '../alarms/webhook.ts';
import type { Config } from './schema.ts';

/** @param configFile what the files' paths are relative to */
export function webhookSettings({ alarms }: Config, configFile: string | undefined): WebhookSettings[] {
  const folder = configFile === undefined ? '.' : dirname(configFile);
  const read = (file: string | undefined) => () => {
    if (file === undefined) return undefined;
    try {
      return readFileSync(resolve(folder, file), 'utf8').trim() || undefined;
    } catch {
      // It was there at the start: without it the message goes unsigned, and the receiver refuses it.
      return undefined;
    }
  };
  return alarms.webhooks.map(({ url, secret_file, bearer_token_file, timeout, retry_for }) => ({
    url,
    secret: read(secret_file),
    bearerToken: read(bearer_token_file),
    timeoutMs: milliseconds(timeout),
    retryForMs: milliseconds(retry_for),
  }));
}
