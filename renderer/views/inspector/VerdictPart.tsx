import { Button, ButtonGroup } from '@blueprintjs/core';
import { useEffect } from 'react';
import type { Verdict } from '../../../electron/contract/samples.ts';
import { formatTime } from '../../components/number-format.ts';
import { VerdictTag, verdictOfByte } from '../../components/VerdictTag.tsx';
import { useCall } from '../../state/queries.ts';
import { setVerdict, useVerdicts } from '../../state/review.ts';
import { useVerdictReason } from '../../state/verdict-reason.ts';

const choices: readonly { readonly verdict: Verdict; readonly text: string; readonly key: string }[] = [
  { verdict: 'poison', text: '✕ Poison', key: 'X' },
  { verdict: 'clean', text: '✓ Clean', key: 'C' },
  { verdict: 'unsure', text: '? Unsure', key: 'U' },
];

/** The verdict on a sample: given here or by key, with a reason, and who gave which before. */
export function VerdictPart(props: { readonly dataset: number; readonly row: number }) {
  const { dataset, row } = props;
  const present = verdictOfByte(useVerdicts()?.[row] ?? 0);
  const history = useCall('verdict/history', { dataset, row }).data ?? [];
  const reason = useVerdictReason((s) => s.reason);
  const write = useVerdictReason((s) => s.write);
  // A reason is about the sample that it was written beside.
  useEffect(() => {
    write('');
  }, [row, write]);
  return (
    <section className="bz-inspector-part" aria-label="Verdict">
      <header className="bz-verdict-head">
        <h3>Verdict</h3>
        {present === null ? null : (
          <button
            type="button"
            className="bz-link"
            title="Take the verdict of this sample back (Delete)"
            onClick={() => void setVerdict(null, [row])}
          >
            take back
          </button>
        )}
      </header>
      <div className="bz-verdict-buttons">
        <ButtonGroup role="group" aria-label="Verdict">
          {choices.map(({ verdict, text, key }) => (
            <Button
              key={verdict}
              size="small"
              active={present === verdict}
              aria-pressed={present === verdict}
              aria-label={`Mark this sample ${verdict}`}
              title={`Mark this sample ${verdict} (${key})`}
              text={text}
              endIcon={<kbd>{key}</kbd>}
              onClick={() => void setVerdict(verdict, [row])}
            />
          ))}
        </ButtonGroup>
      </div>
      <input
        type="text"
        className="bz-verdict-reason"
        aria-label="Reason of the next verdict"
        placeholder="Reason, goes with the next verdict"
        maxLength={2000}
        value={reason}
        onChange={(event) => {
          write(event.target.value);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') event.currentTarget.blur();
        }}
      />
      {history.length > 0 ? (
        <ol className="bz-verdict-history" aria-label="History of verdicts">
          {[...history]
            .sort((a, b) => b.atMs - a.atMs)
            .map((entry, i) => (
              <li key={`${entry.atMs}-${i}`}>
                <span>
                  {entry.verdict === null ? (
                    <span className="bz-quiet">taken back</span>
                  ) : (
                    <VerdictTag verdict={entry.verdict} />
                  )}{' '}
                  <span className="bz-quiet">
                    {entry.who}, {formatTime(entry.atMs)}
                  </span>
                </span>
                {entry.reason === '' ? null : <span className="bz-verdict-why">{entry.reason}</span>}
              </li>
            ))}
        </ol>
      ) : null}
    </section>
  );
}
