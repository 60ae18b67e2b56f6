import type { EventOf } from '../../../electron/contract/events.ts';
import type { Host } from '../../../electron/contract/host.ts';
import { mapPoints } from './map-points.ts';
import type { MapPoints } from './map-points.ts';

/** A map that a job is drawing, as far as it is. */
export interface MovingMap extends EventOf<'moving'> {
  readonly points: MapPoints;
}

/**
 * Fetches the points of the map that is being drawn whenever it has moved, one fetch at a time: what moved meanwhile is left out.
 *
 * @returns ends it
 */
export function followMovingMap(host: Host, show: (map: MovingMap) => void): () => void {
  let rows: { readonly job: string; readonly data: Int32Array } | null = null;
  let latest: EventOf<'moving'> | null = null;
  let fetching = false;
  let ended = false;

  async function rowsOf(job: string): Promise<Int32Array | null> {
    if (rows?.job !== job) {
      const array = await host.bulk({ array: 'moving-rows', job });
      if (array.dtype !== 'int32') return null;
      rows = { job, data: array.data };
    }
    return rows.data;
  }

  async function fetchLatest(): Promise<void> {
    fetching = true;
    while (latest !== null) {
      const moved = latest;
      latest = null;
      try {
        const shown = await rowsOf(moved.job);
        const at = await host.bulk({ array: 'moving-coordinates', job: moved.job });
        if (ended) return;
        if (shown && at.dtype === 'float32' && at.data.length === 2 * shown.length)
          show({ ...moved, points: mapPoints(shown, at.data) });
      } catch {
        // The map was done before it was fetched; should the engine be lost, the job says so.
        continue;
      }
    }
    fetching = false;
  }

  const stop = host.subscribe('moving', (moved) => {
    latest = moved;
    if (!fetching) void fetchLatest();
  });
  return () => {
    ended = true;
    latest = null;
    stop();
  };
}
