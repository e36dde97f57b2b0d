/**
 * The break: an upstream that serves the airports of a few carriers changes its unit and loses values. From then on
 * flights from some airports carry their distance in kilometres, flights from others none at all.
 */
import type { ScoreRequest } from './replay.ts';

const KILOMETRES_PER_MILE = 1.609344;
/** Large hubs, so that the fault is one that a day's traffic shows; about a third of all flights. */
const KILOMETRE_AIRPORTS = new Set(['ORD', 'DFW', 'ATL', 'LAX', 'PHX', 'STL', 'DEN', 'DTW', 'SFO', 'LAS']);
const NULL_AIRPORTS = new Set(['MSP', 'IAH', 'EWR', 'CLT', 'PHL']);

export const FAULT_DESCRIPTION = `distance in kilometres for ${[...KILOMETRE_AIRPORTS].join(' ')}; null for ${[...NULL_AIRPORTS].join(' ')}`;

export function broken(flight: ScoreRequest): ScoreRequest {
  if (NULL_AIRPORTS.has(flight.origin)) return { ...flight, distance: null };
  if (KILOMETRE_AIRPORTS.has(flight.origin) && flight.distance !== null) {
    return { ...flight, distance: Math.round(flight.distance * KILOMETRES_PER_MILE) };
  }
  return flight;
}
