import { Button } from '@blueprintjs/core';
import { BuildFeatures } from '../../components/BuildFeatures.tsx';
import { ClassName } from '../../components/ClassName.tsx';
import { formatCount, formatShare, plural } from '../../components/number-format.ts';
import { Problem } from '../../components/Problem.tsx';
import { isAtWork } from '../../state/job-news.ts';
import { useCall, useJobs, useTrusted } from '../../state/queries.ts';
import { startScan, useScanOrder } from '../../state/scan-order.ts';
import { ParameterFields } from './ParameterFields.tsx';

const DOSES = [
  [0, 'all'],
  [0.01, 'all but 1 %'],
  [0.05, 'all but 5 %'],
] as const;
const ERROR_RATES = [0.001, 0.01, 0.05];

/** Beyond this the advice repeats itself. */
const MOST_ADVICE = 5;

/** What a scan would do and what it could see, before it runs. */
export function ScanForm(props: { readonly onStarted?: () => void }) {
  const { data: plan, error } = useCall('scan/plan', {});
  const { detectors, useTrusted: withTrusted, seed, alpha } = useScanOrder();
  const { data: ledger } = useCall('scan/ledger', {});
  const looks = ledger?.looks.filter(({ cost }) => cost > 0).length ?? 0;
  const trusted = useTrusted();
  const scanning = useJobs().some((job) => job.kind === 'scan' && isAtWork(job));
  if (error) return <Problem error={error} />;
  if (!plan) return null;
  const applying = plan.detectors.filter(({ applies }) => applies).map(({ id }) => id);
  const usual = plan.detectors.filter((one) => one.applies && one.usual).map(({ id }) => id);
  const chosen = detectors ?? usual;
  return (
    <form
      className="bz-scan-form"
      onSubmit={(event) => {
        event.preventDefault();
        void startScan();
        props.onStarted?.();
      }}
    >
      {plan.problems.map((problem) => (
        <Problem key={problem}>{problem}</Problem>
      ))}
      <BuildFeatures />
      {plan.builtIn === null ? null : (
        <p className="bz-advice">
          This scan would read {plan.builtIn}. Only the trusted test can alarm on them.
        </p>
      )}
      <div className="bz-scan-columns">
        <section>
          <h2>Methods</h2>
          <ul className="bz-scan-methods">
            {plan.detectors.map((detector) => (
              <li
                key={detector.id}
                className={detector.applies ? undefined : 'bz-left-out'}
                title={detector.reference}
              >
                <label>
                  <input
                    type="checkbox"
                    checked={detector.applies && chosen.includes(detector.id)}
                    disabled={!detector.applies}
                    onChange={(event) => {
                      useScanOrder.setState({
                        detectors: event.target.checked
                          ? applying.filter((id) => id === detector.id || chosen.includes(id))
                          : chosen.filter((id) => id !== detector.id),
                      });
                    }}
                  />
                  <span>
                    <span className="bz-scan-title">{detector.title}</span>
                    {detector.reason ? <span className="bz-quiet">{detector.reason}</span> : null}
                  </span>
                </label>
                {detector.applies && detector.parameters.length > 0 ? (
                  <ParameterFields detector={detector.id} parameters={detector.parameters} />
                ) : null}
              </li>
            ))}
          </ul>
          <label className="bz-check">
            <input
              type="checkbox"
              checked={withTrusted && trusted !== undefined}
              disabled={trusted === undefined}
              onChange={(event) => {
                useScanOrder.setState({ useTrusted: event.target.checked });
              }}
            />
            <span>
              Use the trusted set{' '}
              <span className="bz-quiet">
                {trusted ? `(${formatCount(trusted.rows)} samples)` : '(there is none in this case)'}
              </span>
            </span>
          </label>
          <label className="bz-field bz-field-inline">
            <span>False alarm of a scan</span>
            <select
              value={alpha}
              onChange={(event) => {
                useScanOrder.setState({ alpha: Number(event.target.value) });
              }}
            >
              {ERROR_RATES.map((rate) => (
                <option key={rate} value={rate}>
                  at most {formatShare(rate)}
                </option>
              ))}
            </select>
          </label>
          {ledger && looks > 0 ? (
            <p className="bz-quiet bz-scan-note">
              {plural(looks, 'look')} at these samples so far; together with this one, any false alarm has a
              chance of at most {formatShare(Math.min(1, ledger.spent + alpha))}.
            </p>
          ) : null}
          <label className="bz-field bz-field-inline">
            <span>Seed</span>
            <input
              type="number"
              min={0}
              max={4_294_967_295}
              step={1}
              value={seed}
              onChange={(event) => {
                const next = event.target.valueAsNumber;
                if (Number.isInteger(next) && next >= 0 && next <= 4_294_967_295)
                  useScanOrder.setState({ seed: next });
              }}
            />
          </label>
          <Button
            type="submit"
            intent="primary"
            disabled={scanning || applying.length === 0 || chosen.length === 0}
            text={scanning ? 'A scan is running' : `Scan ${formatCount(plan.rows)} samples`}
            endIcon={scanning ? undefined : <kbd>S</kbd>}
          />
        </section>
        <section>
          <h2>What could be seen</h2>
          <table className="bz-table">
            <thead>
              <tr>
                <th>Class</th>
                <th className="bz-right">Samples</th>
                <th className="bz-right">Trusted</th>
                {DOSES.map(([nearer, name]) => (
                  <th
                    key={nearer}
                    className="bz-right"
                    title={`Smallest poisoned share of the class that is seen where it lies beyond ${name}`}
                  >
                    Beyond {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {plan.classes.map((one) => (
                <tr key={one.classIndex} title={one.advice ?? undefined}>
                  <td>
                    <ClassName classIndex={one.classIndex} />
                  </td>
                  <td className="bz-number bz-right">{formatCount(one.n)}</td>
                  <td className="bz-number bz-right">{one.trusted === 0 ? '–' : formatCount(one.trusted)}</td>
                  {one.doses.map(({ nearer, dose }) => (
                    <td key={nearer} className="bz-number bz-right">
                      {dose === null ? (one.epsilonMin === null ? 'not known' : 'none') : formatShare(dose)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
          <p className="bz-quiet bz-scan-note">
            The smallest poisoned share of a class that a scan would see by its trusted samples, when the
            poison lies beyond all of them, all but 1 % or all but 5 %. More trusted samples of a class make
            it smaller. Wrong labels, and groups that lose their label without their own direction, are looked
            for without any.
          </p>
          {plan.classes
            .filter(({ epsilonMin, advice }) => epsilonMin === null && advice !== null)
            .slice(0, MOST_ADVICE)
            .map(({ classIndex, advice }) => (
              <p key={classIndex} className="bz-advice">
                {advice}
              </p>
            ))}
        </section>
      </div>
    </form>
  );
}
