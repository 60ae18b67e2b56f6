import { describe, expect, it } from 'vitest';
import { Cancelled, uncancelled, type TaskContext } from '../task.ts';
import { endRounds, joinRounds, leadRound, stripBoard } from './strip-board.ts';

const ctx = uncancelled();

describe('a board of strips', () => {
  it('lets a thread that is alone do every strip once, round after round', () => {
    const board = stripBoard(5);
    const done: string[] = [];
    for (const phase of [2, 7]) leadRound(board, phase, (strip, of) => done.push(`${of}/${strip}`), ctx);
    expect(done).toEqual(['2/0', '2/1', '2/2', '2/3', '2/4', '7/0', '7/1', '7/2', '7/3', '7/4']);
  });

  it('gives a strip to one thread alone, and to none once the rounds have ended', () => {
    const board = stripBoard(4);
    const [led, joined]: [number[], number[]] = [[], []];
    leadRound(
      board,
      0,
      (strip) => {
        led.push(strip);
        if (strip > 0) return;
        // Joins in the middle of the first strip, and leaves when nothing is left to take.
        let asked = 0;
        const leaving: TaskContext = {
          ...ctx,
          check: () => {
            if (asked++ === 3) throw new Cancelled();
          },
        };
        expect(() => {
          joinRounds(board, (other) => joined.push(other), leaving);
        }).toThrow(Cancelled);
      },
      ctx,
    );
    expect(led).toEqual([0]);
    expect(joined).toEqual([1, 2, 3]);
    endRounds(board);
    joinRounds(board, () => expect.unreachable(), ctx);
  });

  it('does not wait for a thread that was lost in the middle of a strip', () => {
    const board = stripBoard(2);
    const lead = () => {
      leadRound(
        board,
        0,
        () => {
          // The other thread takes the second strip and ends there.
          expect(() => {
            joinRounds(board, fail, ctx);
          }).toThrow('lost');
          endRounds(board);
        },
        ctx,
      );
    };
    expect(lead).toThrow('has ended');
  });

  it('looks at cancellation while it waits', () => {
    const board = stripBoard(2);
    const cancelled: TaskContext = {
      ...ctx,
      check: () => {
        throw new Cancelled();
      },
    };
    expect(() => {
      leadRound(
        board,
        0,
        () => {
          expect(() => {
            joinRounds(board, fail, ctx);
          }).toThrow('lost');
        },
        cancelled,
      );
    }).toThrow(Cancelled);
  });
});

function fail(): never {
  throw new Error('lost');
}
