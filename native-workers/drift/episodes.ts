import type { LaneLength } from './lane-windows.ts';

/** Windows without an alarm after which an episode is closed: a day, or three days of daily windows. */
export const QUIET_WINDOWS: Readonly<Record<LaneLength, number>> = { hour: 24, day: 3 };

/** Entries `from` to `to - 1` of the hour counts that an episode's alarming windows hold. */
export interface HourSpan {
  readonly from: number;
  readonly to: number;
}

/** One change of one subject: raised once, extended while windows alarm. */
export interface Episode<Raise> {
  readonly subject: string;
  readonly lane: LaneLength;
  /** What the first raise found. */
  readonly raise: Raise;
  /** End of the raising window, ms. */
  readonly time: number;
  /** In order; they do not overlap. */
  readonly spans: readonly HourSpan[];
  readonly windowStart: number;
  readonly windowEnd: number;
  readonly open: boolean;
}

type Growing<Raise> = { -readonly [Key in keyof Episode<Raise>]: Episode<Raise>[Key] };

/** Episodes as windows close, in order of their ends. */
export class EpisodeBook<Raise> {
  readonly #all: Growing<Raise>[] = [];
  readonly #quiet = new Map<string, number>();

  /** The open episode of a subject. */
  open(subject: string): Episode<Raise> | null {
    return this.#all.find((one) => one.open && one.subject === subject) ?? null;
  }

  openOnes(): readonly Episode<Raise>[] {
    return this.#all.filter(({ open }) => open);
  }

  all(): readonly Episode<Raise>[] {
    return this.#all;
  }

  /** A subject alarms in a window: a new episode, or an open one that grows. */
  alarm(
    subject: string,
    lane: LaneLength,
    window: { readonly start: number; readonly end: number },
    span: HourSpan,
    raise: () => Raise,
  ): void {
    const known = this.#all.find((one) => one.open && one.subject === subject);
    this.#quiet.set(subject, 0);
    if (known === undefined) {
      this.#all.push({
        subject,
        lane,
        raise: raise(),
        time: window.end,
        spans: [span],
        windowStart: window.start,
        windowEnd: window.end,
        open: true,
      });
      return;
    }
    known.spans = joinSpans([...known.spans, span]);
    known.windowStart = Math.min(known.windowStart, window.start);
    known.windowEnd = Math.max(known.windowEnd, window.end);
    // An episode that days keep alive is a slow one: it is closed by days.
    if (lane === 'day') known.lane = 'day';
  }

  /** A window of a lane has closed: its open episodes that were quiet for too long end. */
  close(lane: LaneLength, alarmed: ReadonlySet<string>): void {
    for (const one of this.#all) {
      if (!one.open || one.lane !== lane || alarmed.has(one.subject)) continue;
      const quiet = (this.#quiet.get(one.subject) ?? 0) + 1;
      this.#quiet.set(one.subject, quiet);
      if (quiet >= QUIET_WINDOWS[lane]) one.open = false;
    }
  }
}

/** Spans in order, those that touch or overlap as one. */
export function joinSpans(spans: readonly HourSpan[]): HourSpan[] {
  const joined: HourSpan[] = [];
  for (const span of [...spans].sort((a, b) => a.from - b.from || a.to - b.to)) {
    const last = joined.at(-1);
    if (last !== undefined && span.from <= last.to)
      joined[joined.length - 1] = { from: last.from, to: Math.max(last.to, span.to) };
    else joined.push(span);
  }
  return joined;
}
