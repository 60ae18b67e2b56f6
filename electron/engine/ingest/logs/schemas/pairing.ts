import type { Place, PlacedRequest, RequestRecord, SchemaReader } from './log-schema.ts';

/** So many halves wait for their counterpart at most; then the one that waits longest is taken as it is. */
const MOST_WAITING = 100_000;

/** Half of a request: what was sent, or what came back. */
export interface Half {
  readonly id: string;
  readonly side: 'request' | 'response';
  readonly rows: readonly unknown[];
  /** What the event says besides. */
  readonly facts: RequestRecord;
  readonly time: unknown;
  /** The time is that of the file. */
  readonly timeless: boolean;
}

interface Waiting {
  readonly half: Half;
  readonly place: Place;
}

/**
 * Puts the two halves of each request together by its id, whichever comes first; rows by their place. A response without
 * a request is kept for its prediction; a request without a response is left out.
 * @param halfOf null: the event is neither
 */
export function pairing(halfOf: (line: object, place: Place) => Half | string): SchemaReader {
  const waiting = new Map<string, Waiting>();
  const counts = new Map<string, number>();
  let unpaired = 0;
  let timeless = 0;

  const alone = ({ half, place }: Waiting): PlacedRequest[] => {
    unpaired += 1;
    return half.side === 'response' ? rowsOf(null, half, place) : [];
  };
  const rowsOf = (request: Half | null, response: Half, place: Place): PlacedRequest[] => {
    const { rows } = response;
    const sent = request?.rows.length === rows.length ? request.rows : [];
    if (response.timeless) timeless += 1;
    return rows.map((output, row) => ({
      place,
      record: {
        time: request?.time ?? response.time,
        request_id: response.id,
        ...(rows.length > 1 && { row }),
        ...request?.facts,
        ...response.facts,
        ...(sent.length > 0 && { input: sent[row] }),
        output,
      },
    }));
  };
  return {
    take: (line, place) => {
      const half = halfOf(line, place);
      if (typeof half === 'string') {
        counts.set(half, (counts.get(half) ?? 0) + 1);
        return [];
      }
      const other = waiting.get(half.id);
      if (other !== undefined && other.half.side !== half.side) {
        waiting.delete(half.id);
        return half.side === 'response'
          ? rowsOf(other.half, half, place)
          : rowsOf(half, other.half, other.place);
      }
      const before: PlacedRequest[] = [];
      if (other !== undefined) {
        // The same half twice: the one before will not be answered any more.
        waiting.delete(half.id);
        before.push(...alone(other));
      }
      waiting.set(half.id, { half, place });
      const [oldest] = waiting;
      if (waiting.size > MOST_WAITING && oldest !== undefined) {
        waiting.delete(oldest[0]);
        before.push(...alone(oldest[1]));
      }
      return before;
    },
    rest: () => {
      const all = [...waiting.values()].flatMap(alone);
      waiting.clear();
      return all;
    },
    dropped: () => {
      const all = [...counts];
      counts.clear();
      return all;
    },
    unpaired: () => {
      const count = unpaired;
      unpaired = 0;
      return count;
    },
    timeless: () => {
      const count = timeless;
      timeless = 0;
      return count;
    },
  };
}
