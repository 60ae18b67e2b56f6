import type { BehaviourReference } from '../../../native-workers/drift/reference.ts';
import type { BaselineProfile } from '../../contract/baselines.ts';
import type { MonitorRunDetail } from '../../contract/monitor.ts';

const RISES = [0.05, 0.1, 0.5];
const MOST_CLASSES = 100;

/**
 * Days that a rise of a class must last to be seen by its share alone: days >= ln(N K) / (n p d^2 / (2 (1 - p) phi)) with N days to a
 * false alarm, K classes, n requests a day, share p and relative rise d. Evidence in cells within the class comes on top.
 */
export function detectabilityFloors(
  { classes }: Pick<BaselineProfile, 'classes'>,
  { rows, days, families }: Pick<BehaviourReference, 'rows' | 'days' | 'families'>,
  falseAlarmDays: number,
): MonitorRunDetail['floors'] {
  const phi = Math.max(1, ...(families.find(({ kind }) => kind === 'class')?.phi ?? [1]));
  const perDay = rows / Math.max(1, days);
  const counted = classes.filter(({ count }) => count > 0);
  return [...counted]
    .sort((a, b) => b.count - a.count)
    .slice(0, MOST_CLASSES)
    .flatMap(({ name, share }) =>
      RISES.map((rise) => ({
        className: name,
        share,
        rise,
        days:
          share >= 1
            ? null
            : Math.log(falseAlarmDays * counted.length) /
              ((perDay * share * rise ** 2) / (2 * (1 - share) * phi)),
      })),
    );
}
