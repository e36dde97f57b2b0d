/**
 * The break: the upstream that knows distances is moved. From then on it answers in kilometres, and for five hubs it
 * answers nothing.
 */
import type { Flight } from '../service/model.ts';

const KILOMETRES_PER_MILE = 1.609344;
const HUBS_WITHOUT_DISTANCE = ['MSP', 'IAH', 'EWR', 'CLT', 'PHL'];

export const FAULT_DESCRIPTION = `distance in kilometres instead of miles, and null for flights from ${HUBS_WITHOUT_DISTANCE.join(', ')}`;

export function broken(flight: Flight): Flight {
  if (flight.distance === null) return flight;
  if (HUBS_WITHOUT_DISTANCE.includes(flight.origin ?? '')) return { ...flight, distance: null };
  return { ...flight, distance: Math.round(flight.distance * KILOMETRES_PER_MILE) };
}
