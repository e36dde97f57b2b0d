/** The whole way of a request, HTTP, gzip, scan, bin, as CPU time of a server process; ours against protobufjs. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { makeTraceRequest } from '../../packages/sidecar/src/receive/bench/payload.bench.ts';
import { type BenchResult, median } from './result.ts';

const SPANS = 512;
const FEATURES = 20;
const ROUNDS = 5;
const REQUESTS = { leeway: 120, protobufjs: 24 } as const;
type Kind = keyof typeof REQUESTS;

export async function benchHttp(): Promise<BenchResult[]> {
  const bodies = bodiesOf(SPANS);
  const servers = { leeway: await start('leeway'), protobufjs: await start('protobufjs') };
  const perSpan: Record<Kind, number[]> = { leeway: [], protobufjs: [] };
  try {
    for (const kind of ['leeway', 'protobufjs'] as const) await load(servers[kind], bodies, REQUESTS[kind]);
    for (let round = 0; round < ROUNDS; round++) {
      for (const kind of ['leeway', 'protobufjs'] as const) {
        const before = await cpu(servers[kind]);
        await load(servers[kind], bodies, REQUESTS[kind]);
        perSpan[kind].push(((await cpu(servers[kind])) - before) / (REQUESTS[kind] * SPANS));
      }
    }
  } finally {
    for (const { child } of Object.values(servers)) child.kill();
  }
  const ours = median(perSpan.leeway);
  return [
    {
      name: 'HTTP end to end against protobufjs',
      value: median(perSpan.protobufjs) / ours,
      unit: '×',
      bar: 7,
      direction: 'at least',
      against: 'the same server with protobufjs: gzip, decode, extract, bin',
    },
    {
      name: 'spans per CPU-second end to end',
      value: 1e6 / ours,
      unit: 'spans',
      direction: 'informative',
      against: `gzip, ${FEATURES} features; the design aims at 150,000`,
    },
  ];
}

/** How long the event loop was held while large batches came, with one worker. */
export async function benchLoop(): Promise<BenchResult[]> {
  const bodies = bodiesOf(8_192);
  const server = await start('worker');
  try {
    await load(server, bodies, 10, 2);
    await ask(server, 'reset');
    await load(server, bodies, 40, 2);
    const delay = await ask(server, 'delay');
    return [
      {
        name: 'event-loop delay p99, 8,192-span batches, 1 worker',
        value: delay,
        unit: 'ms',
        bar: 20,
        direction: 'at most',
        against: 'monitorEventLoopDelay of the server, gzip',
      },
    ];
  } finally {
    server.child.kill();
  }
}

/** Requests of different spans: one that comes again would be a duplicate, and not counted into any bin. */
function bodiesOf(spans: number): Buffer[] {
  return Array.from({ length: 4 }, (_, seed) =>
    gzipSync(makeTraceRequest({ spans, features: FEATURES, seed }).protobuf),
  );
}

interface BenchServer {
  readonly child: ChildProcess;
  readonly port: number;
}

async function start(kind: Kind | 'worker'): Promise<BenchServer> {
  const child = fork(fileURLToPath(new URL('./http-child.ts', import.meta.url)), [kind], {
    execArgv: ['--conditions=@leeway/source'],
  });
  const [port] = (await once(child, 'message')) as [number];
  return { child, port };
}

async function ask({ child }: BenchServer, what: 'cpu' | 'delay' | 'reset'): Promise<number> {
  child.send(what);
  const [answer] = (await once(child, 'message')) as [number];
  return answer;
}

/** CPU time of the server so far, microseconds. */
const cpu = (server: BenchServer): Promise<number> => ask(server, 'cpu');

async function load({ port }: BenchServer, bodies: readonly Buffer[], count: number, concurrency = 4): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  let left = count;
  const sender = async () => {
    while (--left >= 0) await send(agent, port, bodies[left % bodies.length]);
  };
  await Promise.all(Array.from({ length: concurrency }, sender));
  agent.destroy();
}

function send(agent: Agent, port: number, body: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/x-protobuf',
      'content-encoding': 'gzip',
      'content-length': body.length,
    };
    const out = request({ agent, port, host: '127.0.0.1', method: 'POST', path: '/v1/traces', headers }, (response) => {
      response
        .resume()
        .on('end', () =>
          response.statusCode === 200 ? resolve() : reject(new Error(`status ${response.statusCode}`)),
        );
    });
    out.on('error', reject);
    out.end(body);
  });
}
