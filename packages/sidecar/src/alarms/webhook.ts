/**
 * Sends messages to one webhook as CloudEvents 1.0 (structured JSON over HTTP), in order, and again while it is away.
 *
 * Invariants
 * 1. At most QUEUE_MAX messages wait; the oldest makes room, counted. Nobody waits for a webhook.
 * 2. A message is delivered when it was answered 2xx; 408, 425, 429, 5xx and no answer are tried again, later each time, for
 *    `retryForMs`; anything else is refused for good. Each ends under one outcome.
 * 3. Redirects are not followed: the address is what somebody wrote into the configuration.
 *
 * Source: CloudEvents 1.0.2, HTTP Protocol Binding, structured content mode.
 */
import { createHmac } from 'node:crypto';
import type { AlarmMessage } from './alarm-message.ts';

export const WEBHOOK_OUTCOMES = ['delivered', 'refused', 'expired', 'overflow'] as const;
export type WebhookOutcome = (typeof WEBHOOK_OUTCOMES)[number];

export interface WebhookSettings {
  readonly url: string;
  /** Read for every message: a secret that was changed applies at once. */
  readonly secret: () => string | undefined;
  readonly bearerToken: () => string | undefined;
  readonly retryForMs: number;
  readonly timeoutMs: number;
}

export interface WebhookSources {
  readonly now: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly onFault: (origin: string, why: string) => void;
}

const QUEUE_MAX = 1_000;
const DELAY_MS = 1_000;
const DELAY_MS_MAX = 60_000;
const SOURCE = '/leeway';
const TYPE = 'dev.leeway.alarm';
const AGAIN = new Set([408, 425, 429]);

interface Waiting {
  readonly body: string;
  readonly sinceMs: number;
}

export class Webhook {
  readonly counts: Record<WebhookOutcome, number> = { delivered: 0, refused: 0, expired: 0, overflow: 0 };
  readonly #settings: WebhookSettings;
  readonly #sources: WebhookSources;
  readonly #queue: Waiting[] = [];
  #isSending = false;
  #attempts = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #idle: (() => void)[] = [];
  /** Why the last attempt failed; undefined while all is well. */
  fault: string | undefined;

  constructor(settings: WebhookSettings, sources: WebhookSources) {
    this.#settings = settings;
    this.#sources = sources;
  }

  /** What may be shown of the address: many services put their secret into the path. */
  get origin(): string {
    return new URL(this.#settings.url).origin;
  }

  send(message: AlarmMessage): void {
    if (this.#isClosed) return;
    if (this.#queue.length >= QUEUE_MAX) {
      this.#queue.splice(this.#isSending ? 1 : 0, 1);
      this.counts.overflow++;
    }
    this.#queue.push({ body: JSON.stringify(cloudEvent(message)), sinceMs: this.#sources.now() });
    void this.#next();
  }

  /** Waits for what is under way, for at most `boundMs`; what is left is dropped and counted. */
  async close(boundMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const bound = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, boundMs);
    });
    const idle = this.#queue.length === 0 ? undefined : new Promise<void>((resolve) => this.#idle.push(resolve));
    await Promise.race([bound, idle]);
    clearTimeout(timer);
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.counts.expired += this.#queue.splice(0).length;
  }

  async #next(): Promise<void> {
    if (this.#isSending || this.#timer !== undefined || this.#isClosed) return;
    const [waiting] = this.#queue;
    if (waiting === undefined) {
      for (const done of this.#idle.splice(0)) done();
      return;
    }
    this.#isSending = true;
    const outcome = await this.#attempt(waiting);
    this.#isSending = false;
    if (this.#isClosed) return;
    if (outcome === 'again') this.#wait();
    else {
      this.#end(outcome);
      void this.#next();
    }
  }

  #end(outcome: WebhookOutcome): void {
    this.#attempts = 0;
    this.counts[outcome]++;
    this.#queue.shift();
  }

  #wait(): void {
    const longest = Math.min(DELAY_MS_MAX, DELAY_MS * 2 ** this.#attempts++);
    const delayMs = longest * (0.5 + this.#sources.random() / 2);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#next();
    }, delayMs);
    this.#timer.unref();
  }

  async #attempt({ body, sinceMs }: Waiting): Promise<WebhookOutcome | 'again'> {
    const { url, timeoutMs, retryForMs } = this.#settings;
    let why: string;
    let isFinal = false;
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: this.#headers(body),
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
      });
      await response.body?.cancel();
      if (response.ok) {
        this.fault = undefined;
        return 'delivered';
      }
      why = `it answered ${response.status}`;
      isFinal = response.status < 500 && !AGAIN.has(response.status);
    } catch (error) {
      const { code } = ((error as Error).cause ?? {}) as { code?: unknown };
      why = `no answer (${String(code ?? (error as Error).name)})`;
    }
    if (this.fault !== why) this.#sources.onFault(this.origin, why);
    this.fault = why;
    if (isFinal) return 'refused';
    return this.#sources.now() - sinceMs >= retryForMs ? 'expired' : 'again';
  }

  #headers(body: string): Record<string, string> {
    const secret = this.#settings.secret();
    const token = this.#settings.bearerToken();
    return {
      'content-type': 'application/cloudevents+json; charset=utf-8',
      ...(secret === undefined ? {} : { 'x-leeway-signature': signatureOf(body, secret) }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
  }
}

/** `sha256=` and the hex HMAC-SHA-256 of the body's bytes. */
export function signatureOf(body: string, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

/** CloudEvents: `id` and `source` together name one message, however often it is sent. */
export function cloudEvent(message: AlarmMessage): object {
  const { messageId, ...data } = message;
  return {
    specversion: '1.0',
    id: messageId,
    source: SOURCE,
    type: `${TYPE}.${message.transition}.v1`,
    subject: `${message.model.model}/${message.signal}`,
    time: message.at,
    datacontenttype: 'application/json',
    data,
  };
}
