import { useEffect } from 'react';
import type { Dataset } from '../../../electron/contract/evidence.ts';
import type { Sample } from '../../../electron/contract/samples.ts';
import { ClassName } from '../../components/ClassName.tsx';
import { formatCount, formatNumber } from '../../components/number-format.ts';
import { Problem } from '../../components/Problem.tsx';
import { Thumbnail } from '../../components/Thumbnail.tsx';
import { hasPictures, pictureOptions, usePictures } from '../../state/pictures.ts';
import { callOptions, useActiveScanId, useCall, useInt32 } from '../../state/queries.ts';
import { queryClient } from '../../state/query-client.ts';
import { useSeen } from '../../state/review.ts';
import { useSeenMark } from '../../state/seen-at-cursor.ts';
import { useSuspectOrder } from '../../state/suspect-order.ts';
import { useViewState } from '../../state/view-state.ts';
import { LossCurve } from './LossCurve.tsx';
import { Neighbours } from './Neighbours.tsx';
import { Note } from './Note.tsx';
import { Scores } from './Scores.tsx';
import { VerdictPart } from './VerdictPart.tsx';

const PADDING = 24;
const MOST_IMAGE = 280;
const AHEAD = 2;

/** Asks for the samples that J shows next, so that walking does not wait. */
function usePrefetch(dataset: Dataset, row: number, scan: number | null): void {
  const order = useSuspectOrder((s) => s.order);
  useEffect(() => {
    const at = order.indexOf(row);
    if (at < 0) return;
    for (const next of order.subarray(at + 1, at + 1 + AHEAD)) {
      void queryClient.prefetchQuery(callOptions('samples/page', { dataset: dataset.id, rows: [next] }));
      void queryClient.prefetchQuery(callOptions('verdict/history', { dataset: dataset.id, row: next }));
      if (hasPictures(dataset)) void queryClient.prefetchQuery(pictureOptions(dataset.id, next));
      if (scan !== null)
        void queryClient.prefetchQuery(
          callOptions('samples/scores', { dataset: dataset.id, row: next, scan }),
        );
    }
  }, [dataset, order, row, scan]);
}

function Cell(props: { readonly value: string | number | null | undefined }) {
  const { value } = props;
  if (value === null || value === undefined || value === '') return <span className="bz-quiet">empty</span>;
  if (typeof value === 'number') return <span className="bz-number">{formatNumber(value)}</span>;
  return <>{value}</>;
}

function Record(props: { readonly dataset: Dataset; readonly sample: Sample }) {
  const { dataset, sample } = props;
  const shown = dataset.columns.filter(({ role }) => role !== 'text' && role !== 'ignored');
  return (
    <section className="bz-inspector-part">
      <h3>Record</h3>
      <dl className="bz-record">
        <div className="bz-pair">
          <dt>Row</dt>
          <dd className="bz-number">{formatCount(sample.row + 1)}</dd>
        </div>
        {dataset.hasConfidence ? (
          <div className="bz-pair">
            <dt>Confidence</dt>
            <dd>
              <Cell value={sample.confidence} />
            </dd>
          </div>
        ) : null}
        {shown.map(({ name }) => (
          <div key={name} className="bz-pair">
            <dt title={name}>{name}</dt>
            <dd>
              <Cell value={sample.columns[name]} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** Everything about one sample: what it is, what the methods say, what people said, what lies beside it. */
export function SampleInspector(props: { readonly dataset: Dataset; readonly row: number }) {
  const { dataset, row } = props;
  const scan = useActiveScanId();
  const page = useCall('samples/page', { dataset: dataset.id, rows: [row] });
  const sample = page.data?.[0];
  const labels = useInt32({ array: 'label', dataset: dataset.id });
  const predicted = useInt32(dataset.hasPredictions ? { array: 'predicted', dataset: dataset.id } : null);
  const picture = usePictures(dataset, [row])(row);
  const seen = useSeen()?.[row] === 1;
  const width = useViewState((s) => s.panels.inspector);
  const withPicture = hasPictures(dataset);
  const shown = sample !== undefined && (!withPicture || picture !== undefined);
  useSeenMark(shown ? row : null);
  usePrefetch(dataset, row, scan);
  const texts = dataset.columns.filter(({ role }) => role === 'text');
  if (page.isError) return <Problem error={page.error} />;
  return (
    <article className="bz-sample" aria-label={sample ? `Sample ${sample.key}` : 'Sample'}>
      <header className="bz-sample-head">
        <h2 className="bz-sample-key bz-mono" title={sample?.key}>
          {sample?.key ?? '…'}
        </h2>
        <div className="bz-sample-classes">
          <ClassName classIndex={labels?.[row] ?? -1} />
          {predicted ? (
            <span className="bz-sample-predicted">
              <span className="bz-quiet">predicted</span> <ClassName classIndex={predicted[row]} />
            </span>
          ) : null}
          <span className="bz-spring" />
          <span className="bz-quiet">{seen ? 'seen' : 'not seen yet'}</span>
        </div>
      </header>
      {withPicture ? (
        <div className="bz-sample-image">
          <Thumbnail
            picture={picture}
            size={Math.min(MOST_IMAGE, width - PADDING)}
            name={sample ? `Image of ${sample.key}` : 'Image'}
          />
        </div>
      ) : null}
      {texts.map(({ name }) => (
        <section key={name} className="bz-inspector-part">
          <h3>{name}</h3>
          <p className="bz-sample-text">
            <Cell value={sample?.columns[name]} />
          </p>
        </section>
      ))}
      <VerdictPart dataset={dataset.id} row={row} />
      <Note key={row} dataset={dataset.id} row={row} saved={sample?.note} />
      {scan === null ? (
        <section className="bz-inspector-part">
          <h3>Scores</h3>
          <p className="bz-quiet">No scan yet. Press S to scan the case.</p>
        </section>
      ) : (
        <Scores dataset={dataset.id} row={row} scan={scan} />
      )}
      {dataset.columns.some(({ role }) => role === 'loss') ? (
        <LossCurve dataset={dataset.id} row={row} />
      ) : null}
      {dataset.matrices.some(({ role }) => role === 'activations') ? (
        <Neighbours dataset={dataset} row={row} />
      ) : null}
      {sample ? <Record dataset={dataset} sample={sample} /> : null}
    </article>
  );
}
