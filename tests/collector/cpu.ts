/**
 * CPU per span of whole processes under the same requests: rounds are interleaved, each process's own CPU time is read
 * from the kernel, and the ratio is that of the medians. Wall time plays no part, so a busy machine only adds noise.
 */
import { Agent, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Load, SPANS_PER_REQUEST } from './load.ts';
import type { Service } from './processes.ts';
import type { WireRequest } from './send.ts';

export interface CpuTarget {
  readonly service: Service;
  readonly endpoint: string;
}

export interface CpuOptions {
  /** At least; a fast machine makes more. */
  readonly rounds: number;
  /** Rounds go on for so long, so that windows close while it is measured. */
  readonly lastsMs: number;
  readonly requestsPerRound: number;
  /** Microseconds of CPU per span are taken until so long after the last answer: closing windows belongs to it. */
  readonly settleMs: number;
}

const CONNECTIONS = 2;

/** Microseconds of CPU per span, one number a round, for each target. The first round warms up and is left out. */
export async function cpuPerSpan<K extends string>(
  targets: Readonly<Record<K, CpuTarget>>,
  load: Load,
  { rounds, lastsMs, requestsPerRound, settleMs }: CpuOptions,
): Promise<Record<K, number[]>> {
  const names = Object.keys(targets) as K[];
  const figures = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<K, number[]>;
  const started = performance.now();
  for (let round = 0; round <= rounds || performance.now() - started < lastsMs; round++) {
    const requests = load.requests(requestsPerRound, Date.now());
    // Who comes first changes from round to round.
    for (const name of round % 2 === 0 ? names : [...names].reverse()) {
      const { service, endpoint } = targets[name];
      const before = service.cpuSeconds();
      await sendConcurrently(endpoint, requests);
      await sleep(settleMs);
      const microseconds = (service.cpuSeconds() - before) * 1e6;
      if (round > 0) figures[name].push(microseconds / (requestsPerRound * SPANS_PER_REQUEST));
    }
  }
  return figures;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

async function sendConcurrently(endpoint: string, requests: readonly WireRequest[]): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  let next = 0;
  const sender = async (): Promise<void> => {
    while (next < requests.length) await send(agent, endpoint, requests[next++]);
  };
  try {
    await Promise.all(Array.from({ length: CONNECTIONS }, sender));
  } finally {
    agent.destroy();
  }
}

function send(agent: Agent, endpoint: string, { path, headers, body }: WireRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { agent, method: 'POST', headers: { ...headers, 'content-length': body.length } };
    const outgoing = request(`${endpoint}${path}`, options, async (response) => {
      const answer = await buffer(response);
      if (response.statusCode === 200) resolve();
      else reject(new Error(`${path} was answered ${response.statusCode}: ${answer.toString('utf8').slice(0, 500)}`));
    });
    outgoing.on('error', reject).end(body);
  });
}
