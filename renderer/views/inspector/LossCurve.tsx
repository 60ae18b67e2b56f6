import { formatNumber } from '../../components/number-format.ts';
import { Problem } from '../../components/Problem.tsx';
import { useCall } from '../../state/queries.ts';
import { lossCurveShape } from './loss-curve-shape.ts';

const WIDTH = 300;
const HEIGHT = 84;
/** Room for the line's own width. */
const EDGE = 4;

const points = (places: readonly (readonly [number, number])[]): string =>
  places.map(([x, y]) => `${(x + EDGE).toFixed(1)},${(y + EDGE).toFixed(1)}`).join(' ');

/** How the loss of a sample went, beside its class; nothing for a set without losses. */
export function LossCurve(props: { readonly dataset: number; readonly row: number }) {
  const { data, error } = useCall('samples/losses', props);
  if (error) return <Problem error={error} />;
  const shape = data ? lossCurveShape(data, WIDTH - 2 * EDGE, HEIGHT - 2 * EDGE) : null;
  if (!data || shape === null) return null;
  const { names, losses, middle } = data;
  const told = names.map(
    (name, at) => `${name}: ${formatNumber(losses[at])}, median of its class ${formatNumber(middle[at])}`,
  );
  return (
    <section className="bz-inspector-part" aria-label="Losses">
      <h3>
        Losses <span className="bz-quiet">the line; its class in grey, 10 to 90 % and the median</span>
      </h3>
      <svg
        className="bz-loss-curve"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`Losses over the training. ${told.join('. ')}.`}
      >
        <title>{told.join('\n')}</title>
        <polygon className="bz-loss-band" points={points(shape.band)} />
        <polyline className="bz-loss-middle" points={points(shape.middle)} />
        {shape.own.map((run) => (
          <g key={run[0][0]}>
            <polyline className="bz-loss-own" points={points(run)} />
            {run.map(([x, y]) => (
              <circle key={x} className="bz-loss-dot" cx={x + EDGE} cy={y + EDGE} r={2.5} />
            ))}
          </g>
        ))}
      </svg>
      <div className="bz-loss-ends">
        <span>{names[0]}</span>
        <span className="bz-quiet bz-number">
          {formatNumber(shape.least)} to {formatNumber(shape.most)}
          {shape.logarithmic ? ', logarithmic' : ''}
        </span>
        <span>{names.length > 1 ? names.at(-1) : ''}</span>
      </div>
    </section>
  );
}
