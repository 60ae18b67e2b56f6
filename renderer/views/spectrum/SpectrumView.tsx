import { useMemo, useState } from 'react';
import type {
  ClassSpectrum,
  DetectorRun,
  ScanDetail,
  ScoreHistogram,
} from '../../../electron/contract/scan.ts';
import { Chart } from '../../components/Chart.tsx';
import type { Series } from '../../components/Chart.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { formatNumber, formatShare } from '../../components/number-format.ts';
import { Problem } from '../../components/Problem.tsx';
import { useClassColours } from '../../state/class-colours.ts';
import { useActiveScan, useCall } from '../../state/queries.ts';
import { useViewState } from '../../state/view-state.ts';
import { ThresholdSlider } from './ThresholdSlider.tsx';
import './spectrum.css';

const ALARM = '#e5484d';
const ORDINARY = '#8b93a1';
const TRUSTED = '#30a46c';

/** The class to begin with: the first alarmed one, else the first with a structure, else the first judged. */
function firstClass(scan: ScanDetail): number {
  return scan.alarms[0] ?? scan.structures[0] ?? scan.classes[0]?.classIndex ?? 0;
}

/** The method whose scores to begin with: one with a certificate for the class, else the first. */
function strongestRun(scan: ScanDetail, classIndex: number | undefined): DetectorRun | undefined {
  const judged = (run: DetectorRun) =>
    run.classes.some((one) => one.classIndex === classIndex && one.skipped === null);
  return scan.detectorRuns.find((run) => run.certificate === 'exact' && judged(run)) ?? scan.detectorRuns[0];
}

function projectionSeries(spectrum: ClassSpectrum): Series[] {
  const { edges, counts } = spectrum.histogram;
  const rest = counts.map((n, k) => n - (spectrum.flaggedHistogram[k] ?? 0));
  return [
    { name: 'ordinary samples', kind: 'bars', x: edges, y: rest, colour: ORDINARY },
    { name: 'suspects', kind: 'bars', x: edges, y: spectrum.flaggedHistogram, colour: ALARM },
  ];
}

function scoreSeries(histogram: ScoreHistogram): Series[] {
  const { edges, ordinary, flagged, trusted } = histogram;
  const series: Series[] = [
    { name: 'ordinary samples', kind: 'bars', x: edges, y: ordinary, colour: ORDINARY },
    { name: 'suspects', kind: 'bars', x: edges, y: flagged, colour: ALARM },
  ];
  if (trusted.length > 0)
    series.push({ name: 'trusted samples', kind: 'steps', x: edges, y: trusted, colour: TRUSTED });
  return series;
}

function spectrumCaption(spectrum: ClassSpectrum): string {
  const [first] = spectrum.eigenvalues;
  const share = spectrum.totalVariance > 0 ? first / spectrum.totalVariance : null;
  const depth = spectrum.depth === null ? 'no valley' : `valley depth ${formatNumber(spectrum.depth)}`;
  return `The leading direction holds ${formatShare(share)} of the class's variance; ${depth}.`;
}

/** The leading spectrum of a class, its projection with the cut, and each method's scores. */
export function SpectrumView() {
  const scan = useActiveScan();
  const chosenClass = useViewState((s) => s.spectrumClass);
  const chosenDetector = useViewState((s) => s.spectrumDetector);
  const set = useViewState((s) => s.set);
  const { nameOf } = useClassColours();

  const classIndex =
    scan &&
    (scan.classes.some((one) => one.classIndex === chosenClass) ? (chosenClass ?? 0) : firstClass(scan));
  const detector =
    scan?.detectorRuns.find((run) => run.id === chosenDetector) ?? (scan && strongestRun(scan, classIndex));
  const spectrum = useCall(
    'scan/spectrum',
    scan && classIndex !== undefined ? { scan: scan.id, classIndex } : null,
  );
  const histogram = useCall(
    'scan/histogram',
    scan && classIndex !== undefined && detector
      ? { scan: scan.id, detector: detector.id, classIndex }
      : null,
  );

  const eigenvalues = useMemo<Series[]>(
    () =>
      spectrum.data
        ? [
            {
              name: 'eigenvalue',
              kind: 'line',
              x: spectrum.data.eigenvalues.map((_, k) => k + 1),
              y: spectrum.data.eigenvalues,
              colour: '#3b82f6',
            },
          ]
        : [],
    [spectrum.data],
  );
  const projection = useMemo(() => (spectrum.data ? projectionSeries(spectrum.data) : []), [spectrum.data]);
  const scores = useMemo(() => (histogram.data ? scoreSeries(histogram.data) : []), [histogram.data]);

  const [moved, setMoved] = useState<{ readonly of: unknown; readonly at: number } | null>(null);
  const threshold = useMemo(() => {
    const data = histogram.data;
    if (!data) return null;
    if (moved?.of === data) return { at: moved.at, name: 'your threshold' };
    return data.cut === null ? null : { at: data.cut, name: data.cutName ?? 'cut' };
  }, [histogram.data, moved]);

  if (!scan || classIndex === undefined)
    return (
      <EmptyState title="No scan yet">
        Scan the case first (S). Each class then shows its leading spectrum and its scores with the cut drawn.
      </EmptyState>
    );

  return (
    <section className="bz-spectrum" aria-label="Spectrum">
      <header className="bz-spectrum-head">
        <label>
          Class{' '}
          <select
            value={classIndex}
            onChange={(event) => {
              set({ spectrumClass: Number(event.currentTarget.value) });
            }}
          >
            {scan.classes.map((one) => (
              <option key={one.classIndex} value={one.classIndex}>
                {one.flagged > 0 ? `${nameOf(one.classIndex)} (${one.decision})` : nameOf(one.classIndex)}
              </option>
            ))}
          </select>
        </label>
        <label>
          Scores of{' '}
          <select
            value={detector?.id}
            onChange={(event) => {
              set({ spectrumDetector: event.currentTarget.value });
            }}
          >
            {scan.detectorRuns.map((run) => (
              <option key={run.id} value={run.id}>
                {run.title}
              </option>
            ))}
          </select>
        </label>
        {spectrum.data ? <span className="bz-spectrum-note">{spectrumCaption(spectrum.data)}</span> : null}
      </header>
      {spectrum.isError ? <Problem error={spectrum.error} /> : null}
      {spectrum.data === null ? (
        <p className="bz-spectrum-none">
          No spectrum of this class: it was not judged, or spectral signatures were left out of this scan.
        </p>
      ) : null}
      <div className="bz-spectrum-charts">
        {spectrum.data ? (
          <>
            <Chart
              title={`Leading spectrum of ${nameOf(classIndex)}`}
              series={eigenvalues}
              threshold={null}
              xTitle="component"
              yTitle="eigenvalue (units²)"
              logY={false}
            />
            <Chart
              title={`Projection of ${nameOf(classIndex)} on its leading direction`}
              series={projection}
              threshold={
                spectrum.data.cut === null ? null : { at: spectrum.data.cut, name: spectrum.data.cutName }
              }
              xTitle="projection (activation units)"
              yTitle="samples (logarithmic)"
              logY
            />
          </>
        ) : null}
        {histogram.isError ? <Problem error={histogram.error} /> : null}
        {histogram.data && detector ? (
          <div className="bz-spectrum-scores">
            <Chart
              title={`${detector.title}: scores of ${nameOf(classIndex)}`}
              series={scores}
              threshold={threshold}
              xTitle={`score (${histogram.data.unit})`}
              yTitle="samples (logarithmic)"
              logY
            />
            <ThresholdSlider
              scan={scan.id}
              histogram={histogram.data}
              value={threshold?.at ?? histogram.data.edges[histogram.data.edges.length - 1]}
              onValue={(at) => {
                setMoved({ of: histogram.data, at });
              }}
            />
          </div>
        ) : null}
      </div>
    </section>
  );
}
