import { useEffect } from 'react';
import { markSeen } from './review.ts';

/** A sample that flew past under a held key was not looked at. */
const LOOK_MS = 200;

/** Marks a row as seen once its sample has really stood on the screen; null while it does not. */
export function useSeenMark(row: number | null): void {
  useEffect(() => {
    if (row === null) return undefined;
    const timer = setTimeout(() => {
      markSeen([row]);
    }, LOOK_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [row]);
}
