/**
 * A service that scores flights: POST /score with one flight or a list of them. It knows nothing of monitoring; start it
 * as `node --import @leeway/register service/main.ts` and it is monitored.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Flight, loadModel } from './model.ts';

const BODY_BYTES_MAX = 1 << 20;
const FLIGHTS_MAX = 10_000;

const predict = await loadModel();

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => {
    const status = error instanceof BadRequest ? 400 : 500;
    send(response, status, { error: error instanceof BadRequest ? error.message : 'internal error' });
  });
});

server.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  console.log(`scoring flights on http://127.0.0.1:${(server.address() as AddressInfo).port}/score`);
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    server.close();
    server.closeIdleConnections();
  });
}

class BadRequest extends Error {}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url === '/health') return send(response, 200, { status: 'ok' });
  if (request.method !== 'POST' || request.url !== '/score') return send(response, 404, { error: 'POST /score' });
  const body = parseFlights(await readBody(request));
  const predictions = await predict(body.flights);
  send(response, 200, body.isList ? predictions : predictions[0]);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_BYTES_MAX) throw new BadRequest(`a body of at most ${BODY_BYTES_MAX} bytes, please`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function parseFlights(text: string): { flights: Flight[]; isList: boolean } {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new BadRequest('the body is not JSON');
  }
  const list = Array.isArray(body) ? body : [body];
  if (list.length === 0 || list.length > FLIGHTS_MAX) throw new BadRequest(`1 to ${FLIGHTS_MAX} flights, please`);
  return { flights: list.map(flightOf), isList: Array.isArray(body) };
}

function flightOf(value: unknown): Flight {
  if (value === null || typeof value !== 'object') throw new BadRequest('a flight is an object');
  const flight = value as Record<string, unknown>;
  const read = <T>(name: string, type: 'number' | 'string'): T | null => {
    const field = flight[name] ?? null;
    if (field !== null && typeof field !== type) throw new BadRequest(`${name} must be a ${type} or null`);
    return field as T | null;
  };
  return {
    hour: read('hour', 'number'),
    day_of_week: read('day_of_week', 'number'),
    distance: read('distance', 'number'),
    origin: read('origin', 'string'),
    destination: read('destination', 'string'),
  };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
