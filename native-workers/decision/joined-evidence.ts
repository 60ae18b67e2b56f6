import type { TrustedEvidence } from '../detectors/trusted-class-test.ts';

/** Depths that a view's p is the best of, and sides that a group's is. */
const DEPTHS = 4;
const SIDES = 2;
/** Groups that are looked for, one along each leading direction; one that is not there is an e-value of 1. */
const GROUPS = 3;

/**
 * ln of the e-value that a p-value is calibrated to: (1 - p + p ln p) / (p ln² p), the mixture of κ p^(κ-1) over κ (Vovk, Wang
 * 2021). Its mean under the null is 1, whatever p depends on.
 *
 * @param lnP at most 0
 */
export function lnCalibrated(lnP: number): number {
  // Near p = 1 both parts of the fraction vanish; the series of the numerator is L²/2 + L³/3 + L⁴/8.
  if (lnP > -1e-3) return Math.log(1 / 2 + lnP / 3 + lnP ** 2 / 8) - lnP;
  const p = Math.exp(lnP);
  return Math.log(1 - p + p * lnP) - lnP - 2 * Math.log(-lnP);
}

/** ln of the weighted mean of e-values, which is one whatever they depend on. */
function lnWeightedMean(parts: readonly { readonly weight: number; readonly lnE: number }[]): number {
  const most = Math.max(...parts.map(({ lnE }) => lnE));
  return most + Math.log(parts.reduce((sum, { weight, lnE }) => sum + weight * Math.exp(lnE - most), 0));
}

function mean(values: readonly number[], count: number): number {
  const padded = [...values, ...Array.from({ length: count - values.length }, () => 0)];
  return lnWeightedMean(padded.map((lnE) => ({ weight: 1 / count, lnE })));
}

/**
 * ln of one e-value for all tests of a class: half of it goes to the trusted test, a quarter each to flips and peels, as the
 * levels do; without trusted rows the two share it. Alone it would alarm from K / alpha on. It sees less than the levels
 * added up, which decide, and is shown beside them.
 *
 * @param peels ln p of the peeled groups, not corrected for their number
 * @param lnFlips ln of the e-value of the flips
 */
export function joinedEvidence(
  trusted: TrustedEvidence | null,
  peels: readonly number[],
  lnFlips: number,
): number {
  const calibrated = (lnP: number, choices: number): number =>
    lnCalibrated(Math.min(0, lnP + Math.log(choices)));
  const flips = { weight: 1 / 2, lnE: lnFlips };
  const peeled = {
    weight: 1 / 2,
    lnE: mean(
      peels.map((lnP) => calibrated(lnP, 1)),
      GROUPS,
    ),
  };
  const others = lnWeightedMean([flips, peeled]);
  if (trusted === null) return others;
  const { views, groups } = trusted;
  const tests = [
    ...views.map(({ lnP }) => calibrated(lnP, DEPTHS)),
    ...groups.map(({ lnP }) => calibrated(lnP, SIDES)),
  ];
  return lnWeightedMean([
    { weight: 1 / 2, lnE: mean(tests, views.length + GROUPS) },
    { weight: 1 / 2, lnE: others },
  ]);
}
