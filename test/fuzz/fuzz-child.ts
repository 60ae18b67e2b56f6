import { openSync, writeSync } from 'node:fs';
import { entries } from './entries.ts';
import { inputOf, judge } from './judge.ts';

/** Inputs `from` to below `to` of an entry. */
interface FuzzOrder {
  readonly entry: string;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  /** A file that always holds the number of the input at hand, so that it is known when this process is gone. */
  readonly progress: string;
  /** Whether what was read is wanted, for a peer to read it too. */
  readonly claims: boolean;
}

/** What was read of an input, for a peer. */
export interface Claim {
  readonly number: number;
  readonly name: string;
  /** Base64. */
  readonly bytes: string;
  readonly arrays: readonly unknown[];
  readonly told: unknown;
}

export type FuzzReport =
  | {
      readonly kind: 'batch';
      /** Inputs so far. */
      readonly done: number;
      readonly read: number;
      readonly refused: number;
      readonly faults: readonly { readonly number: number; readonly what: string }[];
      readonly claims: readonly Claim[];
    }
  | { readonly kind: 'end' };

const BATCH = 100;

const send = (report: FuzzReport): Promise<void> =>
  new Promise((resolve, reject) => {
    process.send?.(report, (error: Error | null) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
/** Until the parent, and the peer with it, has done with the batch. */
const taken = (): Promise<void> =>
  new Promise((resolve) => {
    process.once('message', () => {
      resolve();
    });
  });

async function work({ entry: name, seed, from, to, progress, claims: wanted }: FuzzOrder): Promise<void> {
  const entry = entries.find((one) => one.name === name);
  if (entry === undefined) throw new Error(`there is no entry ${name}`);
  const seeds = entry.seeds();
  const file = openSync(progress, 'w');
  const place = Buffer.alloc(8);
  for (let first = from; first < to; first += BATCH) {
    const faults: { number: number; what: string }[] = [];
    const claims: Claim[] = [];
    const last = Math.min(to, first + BATCH);
    let [read, refused] = [0, 0];
    for (let number = first; number < last; number += 1) {
      place.writeDoubleLE(number);
      writeSync(file, place, 0, 8, 0);
      const input = inputOf(entry, seeds, seed, number);
      const verdict = await judge(entry, input);
      if (verdict.kind === 'read') {
        read += 1;
        const { arrays, told } = verdict.reading;
        if (wanted)
          claims.push({
            number,
            name: input.name,
            bytes: Buffer.from(input.bytes).toString('base64'),
            arrays,
            told,
          });
      } else if (verdict.kind === 'refused') refused += 1;
      else faults.push({ number, what: verdict.what });
    }
    const answered = taken();
    await send({ kind: 'batch', done: last, read, refused, faults, claims });
    await answered;
  }
  await send({ kind: 'end' });
}

process.once('message', (order) => {
  void work(order as FuzzOrder).then(() => {
    process.disconnect();
  });
});
