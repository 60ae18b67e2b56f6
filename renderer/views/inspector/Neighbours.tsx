import type { Dataset } from '../../../electron/contract/evidence.ts';
import { ClassName } from '../../components/ClassName.tsx';
import { formatNumber } from '../../components/number-format.ts';
import { Problem } from '../../components/Problem.tsx';
import { Thumbnail } from '../../components/Thumbnail.tsx';
import { VerdictTag, verdictOfByte } from '../../components/VerdictTag.tsx';
import { hasPictures, usePictures } from '../../state/pictures.ts';
import { useCall, useInt32 } from '../../state/queries.ts';
import { useRested } from '../../state/rested.ts';
import { useVerdicts } from '../../state/review.ts';
import { useSelection } from '../../state/selection.ts';

const COUNT = 8;
const NONE: readonly { readonly row: number; readonly distance: number }[] = [];

/** The samples whose activations are nearest; a click goes there. */
export function Neighbours(props: { readonly dataset: Dataset; readonly row: number }) {
  const { dataset } = props;
  const row = useRested(props.row);
  const { data, error } = useCall(
    'samples/neighbours',
    row === null ? null : { dataset: dataset.id, row, k: COUNT },
  );
  const neighbours = data ?? NONE;
  const labels = useInt32({ array: 'label', dataset: dataset.id });
  const verdicts = useVerdicts();
  const pictureOf = usePictures(
    dataset,
    neighbours.map((one) => one.row),
  );
  const { data: samples } = useCall(
    'samples/page',
    neighbours.length === 0 ? null : { dataset: dataset.id, rows: neighbours.map((one) => one.row) },
  );
  const { setCursor } = useSelection.getState();
  const pictures = hasPictures(dataset);
  return (
    <section className="bz-inspector-part" aria-label="Nearest neighbours">
      <h3>
        Nearest neighbours <span className="bz-quiet">by activation distance</span>
      </h3>
      {error ? <Problem error={error} /> : null}
      <ul className={pictures ? 'bz-neighbours' : 'bz-neighbours bz-neighbours-plain'}>
        {neighbours.map((one) => {
          const key = samples?.find((sample) => sample.row === one.row)?.key ?? '';
          return (
            <li key={one.row}>
              <button
                type="button"
                title={`${key}: go to this sample`}
                aria-label={`Neighbour ${key}`}
                onClick={() => {
                  setCursor(one.row);
                }}
              >
                {pictures ? (
                  <Thumbnail picture={pictureOf(one.row)} size={56} name="" />
                ) : (
                  <span className="bz-mono bz-neighbour-key">{key}</span>
                )}
                <span className="bz-neighbour-class">
                  <ClassName classIndex={labels?.[one.row] ?? -1} />
                </span>
                <span className="bz-neighbour-facts">
                  <span className="bz-number bz-quiet">{formatNumber(one.distance)}</span>
                  {verdicts?.[one.row] ? (
                    <VerdictTag short verdict={verdictOfByte(verdicts[one.row])} />
                  ) : null}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
