import { useMemo } from 'react';
import { useFloat32, useInt32 } from '../../state/queries.ts';
import { mapPoints } from './map-points.ts';
import type { MapPoints } from './map-points.ts';

/** Undefined while the arrays load. */
export function useMapPoints(map: number | null): MapPoints | undefined {
  const rows = useInt32(map === null ? null : { array: 'map-rows', map });
  const coordinates = useFloat32(map === null ? null : { array: 'map-coordinates', map });
  return useMemo(
    () => (rows && coordinates?.length === 2 * rows.length ? mapPoints(rows, coordinates) : undefined),
    [rows, coordinates],
  );
}
