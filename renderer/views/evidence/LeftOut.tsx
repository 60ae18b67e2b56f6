import { useState } from 'react';
import type { Evidence } from '../../../electron/contract/evidence.ts';
import { BadRows } from '../../components/BadRows.tsx';
import { formatCount, formatShare } from '../../components/number-format.ts';
import { Problem } from '../../components/Problem.tsx';
import { useCall } from '../../state/queries.ts';

function LeftOutRows(props: { readonly evidence: Evidence }) {
  const { data, error } = useCall('evidence/bad-rows', { evidence: props.evidence.id });
  if (error) return <Problem error={error} />;
  return data ? <BadRows rows={data} count={props.evidence.badRows} /> : null;
}

/** How many records of a file were left out, and on demand which and why. */
export function LeftOut(props: { readonly evidence: Evidence }) {
  const { badRows, report } = props.evidence;
  const [isOpen, setIsOpen] = useState(false);
  if (badRows === 0) return null;
  const records = report?.records ?? badRows;
  return (
    <details
      onToggle={(event) => {
        setIsOpen(event.currentTarget.open);
      }}
    >
      <summary>
        <span aria-hidden="true" className="bz-tone-caution">
          ◆
        </span>{' '}
        {formatCount(badRows)} of {formatCount(records)} records ({formatShare(badRows / records)}) were left
        out
      </summary>
      {isOpen ? <LeftOutRows evidence={props.evidence} /> : null}
    </details>
  );
}
