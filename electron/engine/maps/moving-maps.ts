import type { EventOf } from '../../contract/events.ts';

/** A map that a job is drawing, as far as it is. */
interface MovingMap {
  /** Dataset rows on the map, shape (shown,). */
  readonly rows: Int32Array;
  /** Shape (shown, 2). */
  readonly coordinates: Float32Array;
}

type Moved = EventOf<'moving'>;

/** Maps that are being drawn: nothing of them is stored, they are there to be looked at. */
export interface MovingMaps {
  begin(job: string, rows: Int32Array): void;
  /** Copies the coordinates, shape (shown, 2), at most every 100 ms, and tells the window. */
  move(job: string, at: Pick<Moved, 'epoch' | 'epochs'>, coordinates: Float32Array): void;
  end(job: string): void;
  /** Null before the first move and after the end. */
  of(job: string): MovingMap | null;
}

const TELL_MS = 100;

export function createMovingMaps(tell: (moved: Moved) => void): MovingMaps {
  const maps = new Map<string, { rows: Int32Array; coordinates: Float32Array | null; toldAtMs: number }>();
  return {
    begin: (job, rows) => {
      maps.set(job, { rows, coordinates: null, toldAtMs: -Infinity });
    },
    move: (job, at, coordinates) => {
      const map = maps.get(job);
      const now = performance.now();
      if (!map || now - map.toldAtMs < TELL_MS) return;
      map.toldAtMs = now;
      map.coordinates = coordinates.slice();
      tell({ job, ...at });
    },
    end: (job) => {
      maps.delete(job);
    },
    of: (job) => {
      const map = maps.get(job);
      return map?.coordinates ? { rows: map.rows, coordinates: map.coordinates } : null;
    },
  };
}
