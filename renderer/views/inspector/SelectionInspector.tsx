import { useMemo } from 'react';
import type { Dataset } from '../../../electron/contract/evidence.ts';
import { ClassName } from '../../components/ClassName.tsx';
import { CleanBound } from '../../components/CleanBound.tsx';
import { formatCount, plural } from '../../components/number-format.ts';
import { VerdictTag, verdictOfByte } from '../../components/VerdictTag.tsx';
import { useInt32 } from '../../state/queries.ts';
import { useRested } from '../../state/rested.ts';
import { useFlagged, useSeen, useVerdicts } from '../../state/review.ts';
import { useSelection } from '../../state/selection.ts';

/** Of more samples than these a bound says nothing: most of them are clean. */
const MOST_BOUNDED = 50_000;

/** Class indices with their counts among some rows, the most frequent first. */
function classCounts(classes: Int32Array, rows: Int32Array): [classIndex: number, count: number][] {
  const counts = new Map<number, number>();
  for (const row of rows) counts.set(classes[row], (counts.get(classes[row]) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || a - b);
}

function countOnes(bytes: Uint8Array | undefined, rows: Int32Array): number {
  let n = 0;
  if (bytes) for (const row of rows) n += bytes[row];
  return n;
}

function Counts(props: { readonly title: string; readonly counts: readonly [number, number][] }) {
  return (
    <section className="bz-inspector-part">
      <h3>{props.title}</h3>
      <dl className="bz-inspector-counts">
        {props.counts.map(([classIndex, count]) => (
          <div key={classIndex} className="bz-pair">
            <dt>
              <ClassName classIndex={classIndex} />
            </dt>
            <dd className="bz-number">{formatCount(count)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** The selection as a whole: how many, of which classes, with which verdicts. */
export function SelectionInspector(props: { readonly dataset: Dataset }) {
  const { dataset } = props;
  const rows = useSelection((s) => s.rows);
  const rested = useRested(rows);
  const labels = useInt32({ array: 'label', dataset: dataset.id });
  const predicted = useInt32(dataset.hasPredictions ? { array: 'predicted', dataset: dataset.id } : null);
  const verdicts = useVerdicts();
  const flagged = useFlagged();
  const seen = useSeen();
  const byLabel = useMemo(() => (labels ? classCounts(labels, rows) : []), [labels, rows]);
  const byPrediction = useMemo(() => (predicted ? classCounts(predicted, rows) : []), [predicted, rows]);
  const byVerdict = useMemo(() => {
    const counts = [0, 0, 0, 0];
    for (const row of rows) counts[verdicts?.[row] ?? 0]++;
    return counts;
  }, [verdicts, rows]);
  return (
    <section className="bz-sample" aria-label="Selection">
      <header className="bz-sample-head">
        <h2 className="bz-sample-key">{plural(rows.length, 'sample')} selected</h2>
        <p className="bz-quiet">
          {flagged ? `${plural(countOnes(flagged, rows), 'suspect')} · ` : ''}
          {formatCount(countOnes(seen, rows))} seen
        </p>
      </header>
      {rested !== null && rested.length > 0 && rested.length <= MOST_BOUNDED ? (
        <section className="bz-inspector-part" aria-label="How many may be clean">
          <CleanBound rows={rested} />
        </section>
      ) : null}
      <section className="bz-inspector-part">
        <h3>Verdicts</h3>
        <dl className="bz-inspector-counts">
          {byVerdict.map((count, byte) => (
            <div key={byte} className="bz-pair">
              <dt>
                {byte === 0 ? (
                  <span className="bz-quiet">none yet</span>
                ) : (
                  <VerdictTag verdict={verdictOfByte(byte)} />
                )}
              </dt>
              <dd className="bz-number">{formatCount(count)}</dd>
            </div>
          ))}
        </dl>
      </section>
      <Counts title="Label" counts={byLabel} />
      {byPrediction.length > 0 ? <Counts title="Predicted" counts={byPrediction} /> : null}
    </section>
  );
}
