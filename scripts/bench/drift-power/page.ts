import { RISES, RULES, type RegimePower } from './measure.ts';

const traffic = {
  A: 'independent requests, constant volume',
  B: 'class shares and volume follow the weekday',
  C: 'B with a day effect (variance about 1.5 times as large)',
};

/** docs/drift-power.md */
export function driftPowerPage(measured: readonly RegimePower[]): string {
  const [first] = measured;
  const lines = [
    '# Power of the drift alarm',
    '',
    '`npm run bench -- drift-power` writes this page. The daily lane of the behaviour alarm alone: ten classes, 10,000 requests a day, a reference of 56 simulated days of its own in every run, then clean years, and attacks that multiply the share of a 10 % class from the 31st day on.',
    '',
    `The e-SR alarms at ${first.falseAlarmDays} days to a false alarm; the usual rules alarm at their usual limits, chi-squared (with the reference's own error) against the same weekday shares.`,
    '',
    '## Alarms a year on clean traffic',
    '',
    `| traffic | years | ${RULES.join(' | ')} |`,
    `| --- | --- | ${RULES.map(() => '---').join(' | ')} |`,
    ...measured.map(
      ({ regime, years, falseAlarms }) =>
        `| ${regime}: ${traffic[regime]} | ${years} | ${falseAlarms.map((rate) => rate.toFixed(3)).join(' | ')} |`,
    ),
    '',
    `## Median days to the alarm, and share seen within 60 days (${first.runs} attacks each)`,
    '',
    `| traffic | rise | ${RULES.join(' | ')} |`,
    `| --- | --- | ${RULES.map(() => '---').join(' | ')} |`,
    ...measured.flatMap(({ regime, found }) =>
      RISES.map(
        (rise, at) =>
          `| ${regime} | +${100 * rise} % | ${found[at].map(({ median, within60 }) => `${median ?? '> 120'} / ${(100 * within60).toFixed(0)} %`).join(' | ')} |`,
      ),
    ),
    '',
    'A rule that alarms often on clean traffic is also "found" early: read its delay beside its false alarms.',
    '',
  ];
  return lines.join('\n');
}
