import { beforeEach, describe, expect, it } from 'vitest';
import { countReviewed } from './review.ts';
import { useSelection } from './selection.ts';
import { stepCursor, suspectsByRank, useSuspectOrder } from './suspect-order.ts';

const selected = (): number[] => Array.from(useSelection.getState().rows);

beforeEach(() => {
  useSelection.getState().restart();
});

describe('the selection', () => {
  it('goes back and forth over what changed it', () => {
    const { select, undo, redo } = useSelection.getState();
    select([4, 2], 'replace');
    select([9], 'add');
    select([2], 'subtract');
    expect(selected()).toEqual([4, 9]);
    undo();
    undo();
    expect(selected()).toEqual([2, 4]);
    redo();
    expect(selected()).toEqual([2, 4, 9]);
    select([2], 'intersect');
    redo();
    expect(selected()).toEqual([2]);
  });

  it('keeps no step for a pick that changes nothing', () => {
    const { select, undo } = useSelection.getState();
    select([1], 'replace');
    select([1], 'add');
    undo();
    expect(selected()).toEqual([]);
  });

  it('forgets its history with the case', () => {
    const { select, restart, undo } = useSelection.getState();
    select([1], 'replace');
    restart([7], 7);
    undo();
    expect(selected()).toEqual([7]);
    expect(useSelection.getState().cursor).toBe(7);
  });
});

describe('the cursor', () => {
  it('walks the suspect order and stops at its ends', () => {
    const flagged = Uint8Array.of(1, 0, 1, 1);
    const order = suspectsByRank(flagged, Int32Array.of(3, 4, 1, 2));
    expect(order).toEqual(Int32Array.of(2, 3, 0));
    useSuspectOrder.getState().setOrder(order);
    expect([stepCursor(1), stepCursor(1), stepCursor(1), stepCursor(1)]).toEqual([2, 3, 0, 0]);
    expect(stepCursor(-1)).toBe(3);
  });

  it('enters the order from a row outside of it', () => {
    useSuspectOrder.getState().setOrder(Int32Array.of(5, 6));
    useSelection.getState().setCursor(99);
    expect(stepCursor(-1)).toBe(6);
  });

  it('stays where it is when there are no suspects', () => {
    useSuspectOrder.getState().setOrder(new Int32Array(0));
    expect(stepCursor(1)).toBeNull();
  });
});

describe('countReviewed', () => {
  it('counts suspects with a verdict of any kind', () => {
    expect(countReviewed(Uint8Array.of(1, 1, 0, 1), Uint8Array.of(1, 0, 2, 3))).toEqual({
      reviewed: 2,
      total: 3,
    });
  });
});
