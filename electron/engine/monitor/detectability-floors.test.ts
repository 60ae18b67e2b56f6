import { expect, it } from 'vitest';
import type { ClassProfile } from '../../contract/baselines.ts';
import { detectabilityFloors } from './detectability-floors.ts';

const classes = Array.from({ length: 10 }, (_, at): ClassProfile => ({
  name: `c${at}`,
  count: 56_000,
  share: 0.1,
  lower: 0,
  upper: 1,
  weekday: null,
  hour: null,
  numbers: [],
}));

it('are those of the worked example: 10,000 requests a day, ten even classes, one false alarm in ten years', () => {
  const floors = detectabilityFloors({ classes }, { rows: 560_000, days: 56, families: [] }, 3650);
  expect(floors).toHaveLength(30);
  expect(floors[0]).toMatchObject({ className: 'c0', rise: 0.05, days: expect.closeTo(7.56, 2) as number });
  expect(floors[1]).toMatchObject({ rise: 0.1, days: expect.closeTo(1.89, 2) as number });
});
