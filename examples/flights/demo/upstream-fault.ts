/**
 * The break: the service that knows distances is moved, airport by airport. Those that were moved answer in kilometres,
 * five hubs answer nothing, and the rest is as it was.
 */
import type { Flight } from '../service/model.ts';

const KILOMETRES_PER_MILE = 1.609344;
/** Airports whose code comes before this one were moved: seven in ten flights. */
const MOVED_BEFORE = 'S';
const HUBS_WITHOUT_DISTANCE = ['SEA', 'SFO', 'SLC', 'STL', 'TPA'];

export const FAULT_DESCRIPTION = `distance in km from airports A–R, null from ${HUBS_WITHOUT_DISTANCE.length} hubs`;

export function broken(flight: Flight): Flight {
  const { distance, origin } = flight;
  if (distance === null || origin === null) return flight;
  if (HUBS_WITHOUT_DISTANCE.includes(origin)) return { ...flight, distance: null };
  return origin < MOVED_BEFORE ? { ...flight, distance: Math.round(distance * KILOMETRES_PER_MILE) } : flight;
}
