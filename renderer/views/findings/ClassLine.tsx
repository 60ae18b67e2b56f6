import { Button } from '@blueprintjs/core';
import { useId, useState } from 'react';
import type { ClassFinding, ScanDetail } from '../../../electron/contract/scan.ts';
import { ClassName } from '../../components/ClassName.tsx';
import { DecisionTag } from '../../components/DecisionTag.tsx';
import { FactName } from '../../components/FactName.tsx';
import { formatCount, formatP, formatShare, formatTime, plural } from '../../components/number-format.ts';
import { TraitsPanel } from '../../components/TraitsPanel.tsx';
import { currentHost } from '../../state/host-context.ts';
import { sayFailure } from '../../state/toasts.ts';
import { useInt32, useInvestigated } from '../../state/queries.ts';
import { useFlagged } from '../../state/review.ts';
import { useSelection } from '../../state/selection.ts';
import { useViewState } from '../../state/view-state.ts';
import { factText, joinedSentence, limitSentence, waysInWords } from './finding-words.ts';

function MethodTable(props: { readonly runs: ScanDetail['detectorRuns']; readonly classIndex: number }) {
  return (
    <table className="bz-table">
      <thead>
        <tr>
          <th>Method</th>
          <th>Says</th>
          <th className="bz-right">p</th>
          <th>Facts</th>
        </tr>
      </thead>
      <tbody>
        {props.runs.map((run) => {
          const said = run.classes.find(({ classIndex }) => classIndex === props.classIndex);
          const skipped =
            said?.skipped ?? run.skipped.find(({ classIndex }) => classIndex === props.classIndex)?.reason;
          return (
            <tr key={run.id}>
              <td className="bz-nowrap" title={run.reference}>
                {run.title}
              </td>
              <td>
                {said && !skipped ? <DecisionTag decision={said.decision} /> : (skipped ?? 'did not run')}
              </td>
              <td className="bz-number bz-right bz-nowrap">
                {said && run.certificate === 'exact' ? formatP(said.pValue, said.lnP) : 'no certificate'}
              </td>
              <td className="bz-number bz-quiet">
                {said?.facts.map((fact, k) => (
                  <span key={fact.name}>
                    {k > 0 ? ', ' : ''}
                    <FactName name={fact.name} /> {factText(fact)}
                  </span>
                ))}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** The method that decides, and the rankings behind a line: they claim nothing. */
function Methods(props: { readonly scan: ScanDetail; readonly classIndex: number }) {
  const { scan, classIndex } = props;
  const exact = scan.detectorRuns.filter(({ certificate }) => certificate === 'exact');
  const rankings = scan.detectorRuns.filter(({ certificate }) => certificate !== 'exact');
  return (
    <>
      {exact.length > 0 ? <MethodTable runs={exact} classIndex={classIndex} /> : null}
      {rankings.length > 0 ? (
        <details className="bz-rankings">
          <summary>
            {plural(rankings.length, 'ranking')}{' '}
            <span className="bz-quiet">to be read; none of them has an error rate</span>
          </summary>
          <MethodTable runs={rankings} classIndex={classIndex} />
        </details>
      ) : null}
    </>
  );
}

function Shares(props: { readonly scan: ScanDetail; readonly finding: ClassFinding }) {
  const { scan, finding } = props;
  const [open, setOpen] = useState(false);
  if (finding.shares === null) return null;
  return (
    <section className="bz-shares" aria-label="What they share">
      <p>
        <strong>What they share.</strong> {finding.shares.sentence}{' '}
        <Button
          size="small"
          text={open ? 'Less' : 'All of it'}
          aria-expanded={open}
          onClick={() => {
            setOpen(!open);
          }}
        />
      </p>
      {open ? (
        <TraitsPanel
          group={{ kind: 'finding', scan: scan.id, classIndex: finding.classIndex }}
          withoutSentence
        />
      ) : null}
    </section>
  );
}

/** A structure that was judged natural, or the way to judge it so. */
function Natural(props: { readonly scan: ScanDetail; readonly finding: ClassFinding }) {
  const { scan, finding } = props;
  const [reason, setReason] = useState<string | null>(null);
  const { known } = finding;
  const call = async (work: () => Promise<unknown>) => {
    try {
      await work();
      setReason(null);
    } catch (error) {
      sayFailure(error);
    }
  };
  if (finding.decision !== 'structure') return null;
  if (known !== null)
    return (
      <p className="bz-natural">
        Known: {known.by} judged it natural on {formatTime(known.atMs)}
        {known.reason === '' ? '' : ` (“${known.reason}”)`}; {formatShare(known.overlap)} of the samples are
        the same.{' '}
        <Button
          size="small"
          text="No longer"
          onClick={() => void call(() => currentHost().call('structure/withdraw', { id: known.id }))}
        />
      </p>
    );
  return reason === null ? (
    <Button
      size="small"
      text="Natural…"
      title="Remember this structure as natural, so that it is not shown as new again"
      onClick={() => {
        setReason('');
      }}
    />
  ) : (
    <form
      className="bz-natural"
      onSubmit={(event) => {
        event.preventDefault();
        const { classIndex } = finding;
        void call(() => currentHost().call('structure/judge-natural', { scan: scan.id, classIndex, reason }));
      }}
    >
      <label>
        Why is it natural?{' '}
        <input
          type="text"
          value={reason}
          maxLength={2000}
          onChange={(event) => {
            setReason(event.target.value);
          }}
        />
      </label>{' '}
      <Button size="small" type="submit" intent="primary" text="Remember it" />{' '}
      <Button
        size="small"
        text="Cancel"
        onClick={() => {
          setReason(null);
        }}
      />
    </form>
  );
}

function Actions(props: { readonly finding: ClassFinding }) {
  const { classIndex, flagged: count } = props.finding;
  const flagged = useFlagged();
  const dataset = useInvestigated();
  const labels = useInt32(dataset ? { array: 'label', dataset: dataset.id } : null);
  const set = useViewState((s) => s.set);
  const setSuspectFilter = useViewState((s) => s.setSuspectFilter);
  const select = useSelection((s) => s.select);
  return (
    <div className="bz-actions">
      {count > 0 ? (
        <>
          <Button
            size="small"
            intent="primary"
            text={`Look at ${plural(count, 'suspect')}`}
            onClick={() => {
              setSuspectFilter({ rows: 'suspects', classIndex, verdict: 'any', method: null });
              set({ view: 'suspects' });
            }}
          />
          <Button
            size="small"
            text="Select them on the map"
            disabled={!flagged || !labels}
            onClick={() => {
              if (!flagged || !labels) return;
              const rows: number[] = [];
              for (let row = 0; row < flagged.length; row++) {
                if (flagged[row] !== 0 && labels[row] === classIndex) rows.push(row);
              }
              select(rows, 'replace');
              set({ view: 'map' });
            }}
          />
        </>
      ) : null}
      <Button
        size="small"
        text="Spectrum"
        onClick={() => {
          set({ view: 'spectrum', spectrumClass: classIndex });
        }}
      />
    </div>
  );
}

/** One class in words; opened, what the words stand on. */
export function ClassLine(props: {
  readonly scan: ScanDetail;
  readonly finding: ClassFinding;
  readonly open: boolean;
  readonly onToggle: () => void;
}) {
  const { finding } = props;
  const id = useId();
  return (
    <li
      className={`bz-finding bz-finding-${finding.known === null ? finding.decision.split(' ')[0] : 'known'}`}
    >
      <button
        type="button"
        className="bz-finding-line"
        aria-expanded={props.open}
        aria-controls={id}
        onClick={props.onToggle}
      >
        <span className="bz-finding-caret" aria-hidden="true">
          {props.open ? '▾' : '▸'}
        </span>
        {finding.known === null ? (
          <DecisionTag decision={finding.decision} />
        ) : (
          <span className="bz-tag bz-tone-quiet">
            <span aria-hidden="true" className="bz-tag-shape">
              ◇
            </span>
            Known
          </span>
        )}
        <ClassName classIndex={finding.classIndex} />
        <span className="bz-finding-sentence">
          {finding.known === null
            ? finding.sentence
            : `Judged natural by ${finding.known.by}${finding.known.reason === '' ? '' : ` (“${finding.known.reason}”)`}: ${plural(finding.flagged, 'sample')} of a tight group, ${formatShare(finding.known.overlap)} the same as those judged then.`}
        </span>
        <span className="bz-number bz-finding-count">
          {formatCount(finding.flagged)} <span className="bz-quiet">of {formatCount(finding.n)}</span>
        </span>
      </button>
      {props.open ? (
        <div className="bz-finding-body" id={id}>
          <dl className="bz-pairs">
            <dt>{finding.decision === 'structure' ? 'Measured' : 'Certificate'}</dt>
            <dd className="bz-lines">
              {finding.certificate ??
                (finding.decision === 'alarm' || finding.decision === 'dark'
                  ? 'none recorded'
                  : 'none: this is no claim with an error rate')}
            </dd>
            {finding.pValue !== null || finding.lnP !== null ? (
              <>
                <dt>Test</dt>
                <dd className="bz-number">{formatP(finding.pValue, finding.lnP)}</dd>
              </>
            ) : null}
            {finding.ways.length > 0 ? (
              <>
                <dt>Found as</dt>
                <dd>{waysInWords(finding)}</dd>
              </>
            ) : null}
            {finding.joined === null ? null : (
              <>
                <dt>Second opinion</dt>
                <dd>{joinedSentence(finding.joined)}</dd>
              </>
            )}
            <dt>Limits</dt>
            <dd>{limitSentence(finding)}</dd>
          </dl>
          <Shares scan={props.scan} finding={finding} />
          <Natural scan={props.scan} finding={finding} />
          <ul className="bz-facts" aria-label="Facts">
            {finding.facts.map((fact) => (
              <li key={fact.name}>
                <span>
                  <FactName name={fact.name} />
                </span>
                <span className="bz-number">{factText(fact)}</span>
              </li>
            ))}
          </ul>
          <Methods scan={props.scan} classIndex={finding.classIndex} />
          <Actions finding={finding} />
        </div>
      ) : null}
    </li>
  );
}
