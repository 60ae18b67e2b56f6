import { whyNotRun } from '../../../native-workers/detectors/define-detector.ts';
import type { Matrix, ScanInput } from '../../../native-workers/detectors/detector.ts';
import { detectors } from '../../../native-workers/detectors/registry.ts';
import {
  smallestVisibleDose,
  testCount,
  visibleDose,
} from '../../../native-workers/detectors/trusted-class-test.ts';
import { LEAST_TRUSTED_ROWS } from '../../../native-workers/detectors/trusted-mahalanobis.ts';
import type { ColumnRole, Dataset } from '../../contract/evidence.ts';
import type { ScanPlan } from '../../contract/scan.ts';
import type { CaseFile } from '../case/case-file.ts';
import { canBuildFeatures } from '../features/build-features.ts';
import { NOT_THE_MODELS } from '../features/built-features.ts';
import { builtInOf } from './built-in.ts';
import { parametersOf } from './detector-parameters.ts';
import { overlapSentence, whyTooWide } from './scan-input.ts';

/** The level that a scan has unless the analyst sets another: the chance of any alarm on clean data is at most this. */
export const ALPHA = 0.01;

/** Shares of the trusted rows that poison may lie nearer than. */
const NEARER = [0, 0.01, 0.05];

/** Above this smallest visible share the plan asks for more trusted rows. */
const GOOD_DOSE = 0.02;

/** The shapes of the input without its values: enough to say which detectors apply. */
function bareSet(dataset: Dataset): ScanInput['investigated'] {
  const matrix = (role: 'activations' | 'logits'): Matrix | null => {
    const info = dataset.matrices.find((one) => one.role === role);
    return info ? { data: new Float32Array(), rows: info.shape[0], cols: info.shape[1] } : null;
  };
  const has = (role: ColumnRole): boolean => dataset.columns.some((column) => column.role === role);
  return {
    rows: dataset.rows,
    label: new Int32Array(),
    predicted: dataset.hasPredictions ? new Int32Array() : null,
    keyHash: new Uint32Array(),
    activations: matrix('activations'),
    logits: matrix('logits'),
    losses: has('loss') ? { names: [], data: new Float32Array() } : null,
    gradientNorm: has('gradient-norm') ? new Float64Array() : null,
    images: dataset.matrices.some(({ role }) => role === 'images')
      ? { data: new Float32Array(), contentHash: new Float64Array() }
      : null,
  };
}

function advice(name: string, trusted: number, dose: number | null): string | null {
  if (dose === null)
    return trusted === 0
      ? `No trusted rows of class ${name}: it cannot be tested against a reference. Add trusted rows of class ${name}.`
      : `${trusted} trusted rows of class ${name} are too few for the test. Add trusted rows of class ${name}.`;
  if (dose <= GOOD_DOSE) return null;
  return `Poison below ${(100 * dose).toFixed(1)} % of class ${name} may stay unseen by the trusted test. Add trusted rows of class ${name}.`;
}

/** Which detectors a scan would run, and what it could see per class, before it is run. */
export function scanPlan(caseFile: CaseFile): ScanPlan {
  const investigated = caseFile.datasets.active('investigated');
  if (!investigated)
    return {
      rows: 0,
      builtIn: null,
      canBuildFeatures: false,
      detectors: [],
      classes: [],
      problems: ['There are no samples to investigate yet. Drop activations (.npy) and records (.csv).'],
    };
  const trusted = caseFile.datasets.active('trusted');
  const input: ScanInput = {
    classes: investigated.classes,
    investigated: bareSet(investigated),
    trusted: trusted && bareSet(trusted),
  };
  const buildable = canBuildFeatures(caseFile);
  const problems: string[] = [];
  if (!input.investigated.activations)
    problems.push(
      `The investigated samples have no activations. Drop their activations (.npy, one row a sample)${buildable ? `, or compute ${NOT_THE_MODELS}, of what there is` : ''}.`,
    );
  for (const role of ['activations', 'logits'] as const) {
    const wide = whyTooWide(role, input.investigated[role]?.cols ?? 0);
    if (wide !== null) problems.push(wide);
  }
  const labelled = investigated.classCounts.reduce((sum, count) => sum + count, 0);
  if (labelled === 0)
    problems.push('None of the investigated samples has a label. Import records with a column of labels.');
  else if (labelled < investigated.rows)
    problems.push(`${investigated.rows - labelled} investigated samples have no label. They are not judged.`);
  const overlap = trusted ? caseFile.datasets.overlappingKeys(3) : [];
  if (overlap.length > 0) problems.push(overlapSentence(overlap));
  const [here, there] = [input.investigated.activations, input.trusted?.activations];
  if (here && there && here.cols !== there.cols)
    problems.push(
      `The trusted activations have ${there.cols} columns and the investigated ones ${here.cols}. Export both from the same layer.`,
    );

  // The logits are a view of their own.
  const tests = testCount(input.investigated.logits && input.trusted?.logits ? 6 : 5);
  const classes = investigated.classes.map((name, classIndex) => {
    const m = trusted && there ? (trusted.classCounts[trusted.classes.indexOf(name)] ?? 0) : 0;
    const n = investigated.classCounts[classIndex] ?? 0;
    const testable = m >= LEAST_TRUSTED_ROWS;
    const epsilonMin = testable ? smallestVisibleDose(m, investigated.classes.length, ALPHA, tests) : null;
    return {
      classIndex,
      name,
      n,
      trusted: m,
      epsilonMin,
      doses: NEARER.map((nearer) => ({
        nearer,
        dose: testable
          ? visibleDose(nearer, n, m, { classes: investigated.classes.length, alpha: ALPHA, tests })
          : null,
      })),
      advice: trusted ? advice(name, m, epsilonMin) : null,
    };
  });
  return {
    rows: investigated.rows,
    builtIn: builtInOf(investigated),
    canBuildFeatures: buildable,
    detectors: detectors.map((detector) => {
      const reason = whyNotRun(detector, input);
      return {
        id: detector.id,
        title: detector.title,
        reference: detector.reference,
        family: detector.family,
        parameters: parametersOf(detector),
        applies: reason === null,
        usual: detector.onlyOnRequest === undefined,
        reason: reason ?? detector.onlyOnRequest ?? null,
      };
    }),
    classes,
    problems,
  };
}
