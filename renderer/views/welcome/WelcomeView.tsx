import { Button } from '@blueprintjs/core';
import { formatTime } from '../../components/number-format.ts';
import { chooseCase, newCase } from '../../state/case-doors.ts';
import { enterCase } from '../../state/engine-events.ts';
import { currentHost } from '../../state/host-context.ts';
import { useCall } from '../../state/queries.ts';
import './welcome.css';

const files: readonly (readonly [string, string])[] = [
  ['Activations', '.npy, float16, float32 or float64, one row a sample'],
  ['Records', '.csv with a header: key, label, predicted, confidence, losses, text'],
  ['Images', '.npy, uint8, N × height × width, grey or RGB'],
  ['Trusted set', 'the same files of a hold-out that is known to be clean'],
];

/** No case is open: what to do next. */
export function WelcomeView() {
  const recent = useCall('case/recent', {}).data ?? [];
  return (
    <main className="bz-welcome" aria-label="Welcome">
      <section>
        <h1>Open an investigation</h1>
        <p>
          Drop what you have anywhere on this window, a new case is made around it. Row <i>i</i> of every
          array is row <i>i</i> of the records. Nothing leaves this machine.
        </p>
        <dl className="bz-welcome-files">
          {files.map(([name, what]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
        <div className="bz-welcome-actions">
          <Button intent="primary" text="New case…" onClick={() => void newCase()} />
          <Button text="Open case…" onClick={() => void chooseCase()} />
        </div>
      </section>
      <section>
        <h2>Recent cases</h2>
        {recent.length === 0 ? <p className="bz-quiet">None yet.</p> : null}
        <ul className="bz-recent">
          {recent.map((one) => (
            <li key={one.id}>
              <button
                type="button"
                disabled={!one.present}
                onClick={() => void enterCase(() => currentHost().call('case/open-recent', { id: one.id }))}
              >
                <span className="bz-recent-name">{one.name}</span>
                <span className="bz-quiet">
                  {one.present ? one.location : `not there any more: ${one.location}`}
                </span>
                <span className="bz-quiet bz-number">{formatTime(one.openedAtMs)}</span>
              </button>
            </li>
          ))}
        </ul>
      </section>
    </main>
  );
}
