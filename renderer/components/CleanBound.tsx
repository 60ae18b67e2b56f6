import { useActiveScanId, useCall } from '../state/queries.ts';
import { formatCount } from './number-format.ts';

/** How many of the samples may be clean at most, class by class, where trusted samples tell. */
export function CleanBound(props: { readonly rows: Int32Array }) {
  const scan = useActiveScanId();
  const { data } = useCall('scan/clean-bound', scan === null ? null : { scan, rows: [...props.rows] });
  const known = data?.filter(({ clean }) => clean !== null) ?? [];
  if (known.length === 0) return null;
  // A bound of all of them says nothing.
  const told = known.filter(({ rows, clean }) => (clean ?? rows) < rows);
  if (told.length === 0)
    return (
      <p className="bz-quiet">
        By the trusted samples that lie as far out, all of them may be clean: they set no bound here.
      </p>
    );
  return (
    <p>
      {told
        .map(
          ({ name, rows, clean }) =>
            `Of the ${formatCount(rows)} ${name} samples at most ${formatCount(clean ?? rows)} are clean`,
        )
        .join('. ')}
      .{' '}
      <span className="bz-quiet">
        {told.length < known.length ? 'For the other classes there is no bound. ' : ''}
        By the trusted samples that lie as far out; right in 95 % of cases whatever samples are chosen.
      </span>
    </p>
  );
}
