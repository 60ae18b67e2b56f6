import type { Certificate } from '../../../native-workers/decision/decide-class.ts';
import { pays } from '../../../native-workers/decision/flip-test.ts';
import { NOT_THE_MODELS } from '../features/built-features.ts';
import type { ClassOutcome } from '../../../native-workers/decision/scan.ts';

const count = (value: number) => value.toLocaleString('en-US');

/** A share as a percentage with as many digits as it takes not to round to 0 or 100. */
export function percent(share: number): string {
  const value = 100 * share;
  if (value === 0 || value === 100) return `${value} %`;
  const edge = Math.min(value, 100 - value);
  const digits = edge >= 10 ? 0 : edge >= 1 ? 1 : edge >= 0.01 ? 2 : 3;
  const shown = value.toFixed(digits);
  if (Number(shown) === 100) return 'more than 99.999 %';
  return Number(shown) === 0 ? 'less than 0.001 %' : `${Number(shown)} %`;
}

/** A p-value from its natural logarithm, which does not underflow: '0.012', '1.2e-30'. */
export function pInWords(lnP: number): string {
  if (!Number.isFinite(lnP)) return 'p < 1e-300';
  if (lnP >= Math.log(0.001)) return `p = ${Number(Math.exp(lnP).toPrecision(2))}`;
  const log10 = lnP / Math.LN10;
  let exponent = Math.floor(log10);
  let mantissa = (10 ** (log10 - exponent)).toFixed(1);
  if (mantissa === '10.0') {
    mantissa = '1.0';
    exponent += 1;
  }
  return `p = ${mantissa}e${exponent}`;
}

/** An e-value from its natural logarithm, which does not overflow: 'e = 1,600', 'e = 5.6e6'. */
function eInWords(lnE: number): string {
  if (lnE < Math.log(1e5)) return `e = ${count(Number(Math.exp(lnE).toPrecision(3)))}`;
  const log10 = lnE / Math.LN10;
  const exponent = Math.floor(log10);
  return `e = ${(10 ** (log10 - exponent)).toFixed(1)}e${exponent}`;
}

const viewNames: Readonly<Record<string, string>> = {
  act: 'by activations',
  dir: 'along the leading direction',
  log: 'by logits',
  splitA: 'by activations, first half',
  splitB: 'by activations, second half',
  label: 'by evidence for another label',
};

/** The name of a statistic with the view that it ends on in words: '(act)' becomes 'by activations'. */
export function statisticName(name: string): string {
  return name.replace(/\((\w+)\)$/, (whole, view: string) => viewNames[view] ?? whole);
}

function statisticInWords({ name, value }: Certificate['statistic']): string {
  const shown = Number.isInteger(value) ? count(value) : String(Number(value.toPrecision(3)));
  return `${shown} ${statisticName(name)}`;
}

/** Exact certificates before binomial ones, e-values and structural ones, then by p. */
export function byStrength(certificates: readonly Certificate[]): Certificate[] {
  const order: readonly Certificate['strength'][] = ['exact', 'binomial', 'e-value', 'structural'];
  return certificates.toSorted(
    (a, b) => order.indexOf(a.strength) - order.indexOf(b.strength) || (a.lnP ?? 0) - (b.lnP ?? 0),
  );
}

function oneCertificate(certificate: Certificate): string {
  const { kind, strength, nullHypothesis, statistic, lnP, lnLevel, n, m, k } = certificate;
  const measured =
    strength === 'exact' || strength === 'e-value'
      ? statisticInWords(statistic)
      : strength === 'binomial'
        ? `${statistic.name}: ${percent(statistic.value)}`
        : `${statistic.name}: ${Number(statistic.value.toPrecision(3))}`;
  const level =
    lnP === null || lnLevel === null
      ? ''
      : strength === 'e-value'
        ? `; ${eInWords(-lnP)} where ${eInWords(-lnLevel)} alarms`
        : `; ${pInWords(lnP)} against a level of ${pInWords(lnLevel).slice(4)}`;
  const sizes = [
    `n = ${count(n)}`,
    ...(m === null ? [] : [`m = ${count(m)}`]),
    ...(k === null ? [] : [`k = ${k}`]),
  ];
  // A structural finding tests nothing: its sentence says what it is instead.
  const claim = strength === 'structural' ? nullHypothesis : `Null hypothesis: ${nullHypothesis}`;
  return `${kind} (${strength}). ${claim} Measured: ${measured}${level}; ${sizes.join(', ')}.`;
}

const BY_HEAD =
  'The records hold no predictions: the class of a linear discriminant head stands in for them, which the model may not agree with.';

/**
 * A class's certificates, strongest first, one a line: kind, null hypothesis, statistic, p and its level, n, m, k.
 *
 * @param predictionsByHead whether predictions were missing; the certificates then say so
 */
export function certificateInWords(outcome: ClassOutcome, predictionsByHead: boolean): string | null {
  if (outcome.certificates.length === 0) return null;
  const lines = byStrength(outcome.certificates).map(oneCertificate);
  return [...lines, ...(predictionsByHead ? [BY_HEAD] : [])].join('\n');
}

function fact(outcome: ClassOutcome, name: string): number | null {
  return outcome.facts.find((one) => one.name === name)?.value ?? null;
}

function payingFlips({ flips }: ClassOutcome) {
  return flips?.pairs.filter(pays) ?? [];
}

function alarmSentence(outcome: ClassOutcome, names: readonly string[], alpha: number): string {
  const name = names[outcome.classIndex];
  const reasons: string[] = [];
  const beyond = fact(outcome, 'trusted rows that the median flagged row lies beyond');
  if (outcome.ways.includes('trusted'))
    reasons.push(
      beyond === null
        ? 'more of them lie apart from the trusted ones than chance allows'
        : `half of them lie further out than ${beyond === 1 ? 'every' : `${percent(beyond)} of the`} trusted ${name} ${beyond === 1 ? 'sample' : 'samples'}`,
    );
  if (outcome.ways.includes('peel'))
    reasons.push(
      'they form a group that loses its label without its own direction, as samples with a trigger do',
    );
  const flips = outcome.ways.includes('flip') ? payingFlips(outcome) : [];
  if (flips.length > 0)
    reasons.push(
      `${count(flips.reduce((sum, { deep }) => sum + deep, 0))} of them lie deep inside ${flips
        .slice(0, 3)
        .map(({ classIndex }) => names[classIndex])
        .join(
          ', ',
        )}${flips.length > 3 ? ` and ${flips.length - 3} more` : ''}, as wrongly labelled samples do`,
    );
  const chance = outcome.lnP === null ? '' : ` (${pInWords(outcome.lnP)})`;
  return `${count(outcome.flagged)} of ${count(outcome.n)} ${name} samples do not belong: ${reasons.join(', and ')}${chance}. On clean data any alarm of this scan has a chance of at most ${percent(alpha)}.`;
}

function darkSentence(outcome: ClassOutcome, name: string): string {
  const tested = `Tested, nothing found among ${count(outcome.n)} ${name} samples.`;
  if (outcome.epsilonMin === null)
    return `${tested} How small a share would have been seen cannot be said: add trusted ${name} samples.`;
  const rows = Math.ceil(outcome.epsilonMin * outcome.n);
  return `${tested} Poison beyond every trusted sample would have been seen from ${percent(outcome.epsilonMin)} on (${count(rows)} samples); less, or nearer poison, may be there.`;
}

/**
 * The finding about a class in one or two sentences, with its strength and its limits.
 *
 * @param names of all classes
 * @param builtIn whether it stands on built-in features
 */
export function findingInWords(
  outcome: ClassOutcome,
  names: readonly string[],
  alpha: number,
  builtIn = false,
): string {
  if (builtIn && outcome.decision === 'dark' && outcome.epsilonMin === null)
    return `No tight group apart was seen among ${count(outcome.n)} ${names[outcome.classIndex]} samples. On ${NOT_THE_MODELS}, nothing can alarm without trusted ${names[outcome.classIndex]} samples: add some.`;
  const sentence = decisionInWords(outcome, names, alpha);
  return builtIn ? `${sentence} Measured on ${NOT_THE_MODELS}.` : sentence;
}

function decisionInWords(outcome: ClassOutcome, names: readonly string[], alpha: number): string {
  const name = names[outcome.classIndex];
  switch (outcome.decision) {
    case 'alarm':
      return alarmSentence(outcome, names, alpha);
    case 'structure':
      return `A tight group sits apart in ${name}: ${count(outcome.flagged)} of ${count(outcome.n)} samples are put forward. No error rate stands behind this; look at what they share before you judge.`;
    case 'dark':
      return darkSentence(outcome, name);
    case 'not judged':
    case 'not judged (ranking)':
      return outcome.skipped ?? `Class ${name} was ranked for reading, not judged.`;
  }
}

const relations: Readonly<Record<string, string>> = {
  'trusted-mahalanobis': 'further out than',
  'spectral-signatures': 'further out along the leading direction than',
  'activation-clustering': 'nearer to the smaller cluster than',
};

/**
 * A sample's place among the samples of its class by one detector.
 *
 * @param below samples of the class with a lower score
 * @param others samples of the class that were scored, without this one
 */
export function placeInWords(detector: string, name: string, below: number, others: number): string {
  const relation = relations[detector] ?? 'more suspicious than';
  if (others === 0) return `The only ${name} sample that was scored.`;
  if (below === others) return `${relation} every other ${name} sample`;
  if (below === 0) return `${relation} no other ${name} sample`;
  return `${relation} ${percent(below / others)} of ${name} samples`;
}
