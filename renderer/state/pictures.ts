import { useQueries } from '@tanstack/react-query';
import type { Dataset } from '../../electron/contract/evidence.ts';
import { currentHost } from './host-context.ts';

/** One image of the set, as it was imported. */
export interface Picture {
  readonly height: number;
  readonly width: number;
  /** 1 grey, 3 red-green-blue. */
  readonly channels: number;
  /** Uint8, shape (height, width, channels). */
  readonly pixels: Uint8Array;
}

/** Pictures that are asked for in the same moment travel together, so many a request. */
const BATCH = 128;
const KEPT_MS = 60_000;

interface Waiting {
  readonly row: number;
  resolve(this: void, picture: Picture): void;
  reject(this: void, reason: unknown): void;
}

const waitingOf = new Map<number, Waiting[]>();

async function fetchBatch(dataset: number, batch: readonly Waiting[]): Promise<void> {
  try {
    const array = await currentHost().bulk({
      array: 'images',
      dataset,
      rows: batch.map(({ row }) => row),
    });
    if (array.dtype !== 'uint8') throw new TypeError(`Images came as ${array.dtype}.`);
    const [, height, width, channels = 1] = array.shape;
    const size = height * width * channels;
    batch.forEach(({ resolve }, i) => {
      // A slice of its own, so that one kept picture does not keep the whole batch.
      resolve({ height, width, channels, pixels: array.data.slice(i * size, (i + 1) * size) });
    });
  } catch (error) {
    for (const { reject } of batch) reject(error);
  }
}

function loadPicture(dataset: number, row: number): Promise<Picture> {
  return new Promise((resolve, reject) => {
    const waiting = waitingOf.get(dataset);
    if (waiting) {
      waiting.push({ row, resolve, reject });
      return;
    }
    waitingOf.set(dataset, [{ row, resolve, reject }]);
    queueMicrotask(() => {
      const all = waitingOf.get(dataset) ?? [];
      waitingOf.delete(dataset);
      for (let at = 0; at < all.length; at += BATCH) void fetchBatch(dataset, all.slice(at, at + BATCH));
    });
  });
}

/** How a picture is asked and kept. */
export function pictureOptions(dataset: number, row: number) {
  return {
    queryKey: ['picture', dataset, row],
    queryFn: () => loadPicture(dataset, row),
    structuralSharing: false as const,
    gcTime: KEPT_MS,
    meta: { subjects: ['evidence'] },
  };
}

/** Whether there is a picture of every row of the set. */
export function hasPictures(dataset: Dataset | undefined): boolean {
  return dataset?.matrices.some(({ role }) => role === 'images') ?? false;
}

/** Pictures of rows, each kept by its row; a row's is undefined while it loads and in a set without images. */
export function usePictures(
  dataset: Dataset | undefined,
  rows: readonly number[],
): (row: number) => Picture | undefined {
  const wanted = dataset && hasPictures(dataset) ? [...new Set(rows)] : [];
  const results = useQueries({
    queries: wanted.map((row) => pictureOptions(dataset?.id ?? -1, row)),
  });
  const byRow = new Map(wanted.map((row, i) => [row, results[i].data]));
  return (row) => byRow.get(row);
}
