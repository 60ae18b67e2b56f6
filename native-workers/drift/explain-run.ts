import type { Alert } from './alert.ts';
import { alertOf } from './alert-of-change.ts';
import { withoutRows, type HeldLog } from './held-log.ts';
import {
  changesOf,
  distinct,
  joinChanges,
  overlap,
  readClassChange,
  type Change,
  type ReadChange,
} from './read-episodes.ts';
import type { LaneRun } from './run-lanes.ts';
import { rankClassRows } from './which-requests.ts';

/** A change with its reading, where it is about one class, and the log it was read in. */
interface Found {
  readonly change: Change;
  readonly read: ReadChange | null;
  readonly log: HeldLog;
}

/**
 * Episodes as alerts. What a log would still alarm about without the requests that the attack-like changes added is told for itself; what
 * then falls silent was their effect and is told with them.
 *
 * @param seed of the permutations
 * @param runAgain runs the lanes over the log without those requests
 */
export function explainRun(
  run: LaneRun,
  log: HeldLog,
  runAgain: (log: HeldLog) => LaneRun,
  seed: number,
): readonly Alert[] {
  const first = readAll(run, log);
  const attacks = first.filter(isAttack);
  if (attacks.length === 0) return alertsOf(first, seed);
  const rest = withoutRows(log, addedRows(attacks, log));
  const known = (found: Found): boolean =>
    first.some(
      (one) => one.change.subject.key === found.change.subject.key && overlap(one.change, found.change),
    );
  const ofAttack = ({ change }: Found): boolean =>
    attacks.some(
      (attack) =>
        (change.subject.aspect === 'class' || change.subject.aspect === 'accuracy') &&
        change.classIndex === attack.change.classIndex &&
        overlap(attack.change, change),
    );
  const second = readAll(runAgain(rest), rest).filter((found) => known(found) && !ofAttack(found));
  const silent = first.filter(
    (one) =>
      !isAttack(one) &&
      !second.some(
        ({ change }) =>
          change.moved.some(({ key }) => one.change.moved.some((subject) => subject.key === key)) &&
          overlap(change, one.change),
      ),
  );
  const told = attacks.map((attack) => ({
    ...attack,
    change: {
      ...attack.change,
      moved: distinct([
        ...attack.change.moved,
        ...silent.filter((one) => nearest(one, attacks) === attack).flatMap(({ change }) => change.moved),
      ]),
    },
  }));
  return alertsOf([...told, ...second], seed);
}

function isAttack({ read }: Found): boolean {
  return read?.reading.kind === 'attack-like';
}

function readAll(run: LaneRun, log: HeldLog): Found[] {
  const changes = changesOf(run.episodes, log);
  return changes.map((change) => ({
    change,
    log,
    read:
      change.subject.aspect === 'class' && change.classIndex !== null
        ? readClassChange(change, changes, log)
        : null,
  }));
}

/** As many of the most suspicious requests of each attack as were added. */
function addedRows(attacks: readonly Found[], log: HeldLog): Set<number> {
  const added = new Set<number>();
  for (const { change, read } of attacks) {
    if (read === null) continue;
    const { rows } = rankClassRows(log, change, read.tallies);
    for (const row of rows.subarray(0, read.added)) added.add(row);
  }
  return added;
}

/** The attack that began last before a change was raised. */
function nearest({ change }: Found, attacks: readonly Found[]): Found {
  const before = attacks.filter((attack) => attack.change.windowStart <= change.time);
  return before.at(-1) ?? attacks[0];
}

/** Changes of one class on its own are alerts of their own; what moves broadly at one time is one. */
function alertsOf(found: readonly Found[], seed: number): readonly Alert[] {
  const alone = found.filter(
    ({ read }) => read !== null && (!read.reading.othersMoved || read.reading.kind === 'attack-like'),
  );
  const others = found.filter((one) => !alone.includes(one));
  const broad = joinChanges(
    others.map(({ change }) => change),
    (a, b) => causeOf(a) === causeOf(b),
  );
  return [
    ...alone.map(({ change, read, log }) => alertOf(change, read, log, seed)),
    ...broad.map((change) => alertOf(change, null, others[0].log, seed)),
  ].sort((a, b) => a.time - b.time || a.windowStart - b.windowStart || (a.subject < b.subject ? -1 : 1));
}

/** Changes of one cause at one time are one alert. */
function causeOf({ subject }: Change): string {
  return subject.aspect === 'class' || subject.aspect === 'inputs' ? 'inputs' : subject.aspect;
}
