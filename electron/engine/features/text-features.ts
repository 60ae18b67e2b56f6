import { TEXT_BUCKETS, TEXT_WIDTH } from '../../../native-workers/features/text-rows.ts';
import { sharedFloat32, sharedInt32 } from '../../../native-workers/numeric/shared-arrays.ts';
import type { Dataset } from '../../contract/evidence.ts';
import type { FeatureBuilder } from './built-features.ts';

/** Texts that go to a worker at a time. */
const PIECE = 1000;

/** Names of the columns of running text. */
export const textColumnsOf = (set: Dataset): string[] =>
  set.columns.filter(({ role, type }) => role === 'text' && type === 'text').map(({ name }) => name);

/** Hashed words and parts of words by tf-idf over all sets, projected on 128 columns; several texts of a sample are one. */
export const textFeatures: FeatureBuilder = async (caseFile, sets, runner, _seed, progress) => {
  const columns = textColumnsOf(sets[0]);
  const texts = sets.map((set) => {
    const parts = columns.map((name) => caseFile.datasets.textColumn(set.id, name));
    return Array.from({ length: set.rows }, (_, row) => {
      const there = parts.map((part) => part[row]).filter((text) => text !== null);
      return there.length === 0 ? null : there.join('\n');
    });
  });
  const total = texts.reduce((sum, set) => sum + set.length, 0);
  let done = 0;
  const eachPiece = async (
    run: (set: number, from: number, piece: (string | null)[]) => Promise<unknown>,
  ) => {
    for (let set = 0; set < texts.length; set++)
      // As many at once as there are threads, so that waiting texts are not copied.
      for (let from = 0; from < texts[set].length; from += PIECE * runner.threads) {
        const lanes: Promise<unknown>[] = [];
        for (let lane = 0; lane < runner.threads; lane++) {
          const start = from + lane * PIECE;
          const piece = texts[set].slice(start, start + PIECE);
          if (piece.length > 0) lanes.push(run(set, start, piece));
          done += piece.length;
        }
        await Promise.all(lanes);
        progress(done / (2 * total));
      }
  };
  const documents = sharedInt32(TEXT_BUCKETS);
  await eachPiece((_set, _from, piece) => runner.run('countTexts', { texts: piece, documents }));
  const rows = sets.map((set) => sharedFloat32(set.rows * TEXT_WIDTH));
  await eachPiece((set, first, piece) =>
    runner.run('textRows', { texts: piece, documents, total, out: rows[set], first }),
  );
  return {
    width: TEXT_WIDTH,
    what: `words and parts of words of ${columns.join(' and ')}, hashed, weighted by tf-idf and projected on ${TEXT_WIDTH} columns`,
    facts: { method: 'hashed-tf-idf', columns, buckets: TEXT_BUCKETS },
    rows,
  };
};
