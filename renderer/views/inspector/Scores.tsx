import { formatCount, formatNumber } from '../../components/number-format.ts';
import { methodTitle } from '../../components/method-title.ts';
import { Problem } from '../../components/Problem.tsx';
import { useActiveScan, useCall } from '../../state/queries.ts';

/** What each method says of a sample, with its place among the samples of its class in words. */
export function Scores(props: { readonly dataset: number; readonly row: number; readonly scan: number }) {
  const scan = useActiveScan();
  const { data, error } = useCall('samples/scores', props);
  if (error)
    return (
      <section className="bz-inspector-part">
        <h3>Scores</h3>
        <Problem error={error} />
      </section>
    );
  return (
    <section className="bz-inspector-part" aria-label="Scores">
      <h3>Scores</h3>
      {data ? (
        <>
          <p>
            {data.flagged ? (
              <span className="bz-tag bz-tone-alarm">
                <span aria-hidden="true" className="bz-tag-shape">
                  ◎
                </span>
                suspect
              </span>
            ) : (
              <span className="bz-quiet">not a suspect</span>
            )}
            <span className="bz-number">
              {' '}
              · rank {formatCount(data.rank)} of {formatCount(scan?.rows ?? 0)}
            </span>
          </p>
          {data.methods.length > 0 ? (
            <p className="bz-quiet">
              Put forward by: {data.methods.map((id) => methodTitle(scan, id)).join(', ')}
            </p>
          ) : null}
          <ul className="bz-scores">
            {data.scores.map((one) => (
              <li key={one.detector}>
                <div className="bz-score-head">
                  <span>{one.title}</span>
                  <span className="bz-number">{formatNumber(one.score)}</span>
                </div>
                <p className="bz-score-words">
                  {one.sentence}
                  {one.pValue === null ? '' : ` · p\u00a0=\u00a0${formatNumber(one.pValue)}`}
                </p>
                {one.rankInClass === null ? null : (
                  <div
                    className="bz-score-place"
                    title={`${formatCount(one.rankInClass)} of ${formatCount(one.classRows)} in its class, 1 is the most suspicious`}
                  >
                    <span
                      style={{
                        left: `${100 * (1 - (one.rankInClass - 1) / Math.max(1, one.classRows - 1))}%`,
                      }}
                    />
                  </div>
                )}
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </section>
  );
}
