import { useMemo } from 'react';
import type { Dataset } from '../../../electron/contract/evidence.ts';
import { ClassName } from '../../components/ClassName.tsx';
import { Thumbnail } from '../../components/Thumbnail.tsx';
import { hasPictures, usePictures } from '../../state/pictures.ts';
import { useCall } from '../../state/queries.ts';
import { useSelection } from '../../state/selection.ts';
import { ordinaryRows } from './suspect-rows.ts';
import type { RowArrays } from './use-suspects.ts';

const COUNT = 8;
const IMAGE = 72;
const NONE: readonly number[] = [];

function Strip(props: {
  readonly dataset: Dataset;
  readonly classIndex: number;
  readonly what: string;
  readonly arrays: RowArrays;
}) {
  const { dataset, classIndex, what, arrays } = props;
  const { labels, flagged, verdicts } = arrays;
  const rows = useMemo(
    () => (labels ? ordinaryRows(classIndex, labels, flagged, verdicts, COUNT) : NONE),
    [classIndex, labels, flagged, verdicts],
  );
  const pictureOf = usePictures(dataset, rows);
  const { data: samples } = useCall(
    'samples/page',
    rows.length === 0 ? null : { dataset: dataset.id, rows: [...rows] },
  );
  const { setCursor } = useSelection.getState();
  const text = dataset.columns.find(({ role }) => role === 'text');
  return (
    <section className="bz-strip" aria-label={`Ordinary samples, ${what}`}>
      <h3>
        <ClassName classIndex={classIndex} />
        <span className="bz-quiet">{what}</span>
      </h3>
      {rows.length === 0 ? <p className="bz-quiet">No ordinary samples of this class.</p> : null}
      <ul>
        {rows.map((row) => {
          const sample = samples?.find((one) => one.row === row);
          return (
            <li key={row}>
              <button
                type="button"
                title={`${sample?.key ?? ''}: go to this sample`}
                aria-label={`Ordinary sample ${sample?.key ?? ''}`}
                onClick={() => {
                  setCursor(row);
                }}
              >
                {hasPictures(dataset) ? (
                  <Thumbnail picture={pictureOf(row)} size={IMAGE} name="" />
                ) : (
                  <span className="bz-tile-text">
                    {text ? String(sample?.columns[text.name] ?? '') : (sample?.key ?? '')}
                  </span>
                )}
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** Ordinary samples of the class that a sample is labelled as, and of the one that the model takes it for. */
export function ReferenceStrip(props: {
  readonly dataset: Dataset;
  readonly row: number;
  readonly arrays: RowArrays;
}) {
  const { dataset, row, arrays } = props;
  const label = arrays.labels?.[row];
  const predicted = arrays.predicted?.[row];
  if (label === undefined) return null;
  const differs = predicted !== undefined && predicted >= 0 && predicted !== label;
  return (
    <aside
      className={hasPictures(dataset) ? 'bz-strips' : 'bz-strips bz-strips-text'}
      aria-label="For comparison"
    >
      <h2>Ordinary samples</h2>
      <div className="bz-strips-columns">
        <Strip
          dataset={dataset}
          classIndex={label}
          what={differs ? 'the label' : 'label and prediction'}
          arrays={arrays}
        />
        {differs ? <Strip dataset={dataset} classIndex={predicted} what="predicted" arrays={arrays} /> : null}
      </div>
    </aside>
  );
}
