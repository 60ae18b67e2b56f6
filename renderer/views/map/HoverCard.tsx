import { ClassName } from '../../components/ClassName.tsx';
import { Thumbnail } from '../../components/Thumbnail.tsx';
import { VerdictTag, verdictOfByte } from '../../components/VerdictTag.tsx';
import { hasPictures, usePictures } from '../../state/pictures.ts';
import { useInt32, useInvestigated, useSample } from '../../state/queries.ts';
import { useVerdicts } from '../../state/review.ts';

const CARD_WIDTH = 248;
const CARD_HEIGHT = 92;
const GAP = 14;

/** The sample under the pointer. `xCss` and `yCss` are its place on a map of `width` by `height`. */
export function HoverCard(props: {
  readonly row: number;
  readonly xCss: number;
  readonly yCss: number;
  readonly width: number;
  readonly height: number;
  /** What the score of the map says of the sample, where it is coloured by score. */
  readonly score: string | null;
}) {
  const { row, xCss, yCss, width, height } = props;
  const dataset = useInvestigated();
  const sample = useSample(dataset?.id ?? null, row);
  const labels = useInt32(dataset ? { array: 'label', dataset: dataset.id } : null);
  const predicted = useInt32(dataset?.hasPredictions ? { array: 'predicted', dataset: dataset.id } : null);
  const verdicts = useVerdicts();
  const picture = usePictures(dataset, [row])(row);
  const left = xCss + GAP + CARD_WIDTH > width ? xCss - GAP - CARD_WIDTH : xCss + GAP;
  const top = Math.min(yCss + GAP, height - CARD_HEIGHT - 4);
  return (
    <div
      className="bz-hover-card"
      role="tooltip"
      style={{ left: Math.max(4, left), top: Math.max(4, top), width: CARD_WIDTH }}
    >
      {hasPictures(dataset) ? <Thumbnail picture={picture} size={64} name="" /> : null}
      <div className="bz-hover-facts">
        <span className="bz-mono bz-hover-key">{sample?.key ?? '…'}</span>
        <ClassName classIndex={labels?.[row] ?? -1} />
        {predicted ? (
          <span className="bz-hover-line">
            <span className="bz-quiet">predicted</span> <ClassName classIndex={predicted[row]} />
          </span>
        ) : null}
        {props.score === null ? null : <span className="bz-hover-line bz-quiet">{props.score}</span>}
        {verdicts?.[row] ? <VerdictTag verdict={verdictOfByte(verdicts[row])} /> : null}
      </div>
    </div>
  );
}
