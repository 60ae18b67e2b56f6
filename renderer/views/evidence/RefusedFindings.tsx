import { Hash } from '../../components/Hash.tsx';
import { formatTime } from '../../components/number-format.ts';
import { Problem } from '../../components/Problem.tsx';
import { useCall } from '../../state/queries.ts';

/** What was found in files that were not imported, as it was kept. */
export function RefusedFindings() {
  const { data } = useCall('evidence/findings', {});
  const refused = data?.filter(({ evidence }) => evidence === null) ?? [];
  if (refused.length === 0) return null;
  return (
    <section className="bz-section" aria-label="Found in files that were not imported">
      <h2>Found in files that were not imported</h2>
      <ul className="bz-models">
        {refused.map(({ id, file, sha256, by, atMs, sentence }) => (
          <li key={id}>
            <div>
              {file}{' '}
              <span className="bz-quiet bz-number">
                kept by {by}, {formatTime(atMs)}
              </span>{' '}
              <Hash value={sha256} what="SHA-256" />
            </div>
            <Problem>{sentence}</Problem>
          </li>
        ))}
      </ul>
    </section>
  );
}
