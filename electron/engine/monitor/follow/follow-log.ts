import { basename } from 'node:path';
import type { HourCounts } from '../../../../native-workers/drift/hour-counts.ts';
import { HOUR, MOST_WINDOWS } from '../../../../native-workers/drift/log-windows.ts';
import type { BehaviourReference } from '../../../../native-workers/drift/reference.ts';
import type { FollowedAlert } from '../../../../native-workers/drift/follow-tasks.ts';
import type { TaskArgs } from '../../../../native-workers/tasks.ts';
import type { TaskRunner } from '../../../../native-workers/runner.ts';
import { Cancelled } from '../../../../native-workers/task.ts';
import { Severity, type MonitorRules } from '../../../contract/alerts.ts';
import { BezoarError } from '../../../contract/errors.ts';
import type { Following } from '../../../contract/following.ts';
import type { LogMapping } from '../../../contract/logs.ts';
import type { Sensitivity } from '../../../contract/monitor.ts';
import type { EpisodeRow, Sighting, StoredAlert } from '../../case/alert-table.ts';
import { createBlockParser, type BlockParser } from '../../ingest/logs/block-parser.ts';
import { csvBytes } from '../../ingest/logs/csv-bytes.ts';
import { csvColumns } from '../../ingest/logs/csv-header.ts';
import { CsvText } from '../../ingest/logs/csv-text.ts';
import type { CsvHeader, OpenedFile } from '../../ingest/logs/log-messages.ts';
import { recordEnd } from '../../ingest/logs/record-ends.ts';
import { coolDown, episodeOfAlarm, knownAlerts, type FoundEpisode } from '../alert-episodes.ts';
import { alarmOptions, BEHAVIOUR_TITLE } from '../judge-log.ts';
import { followedRows } from './followed-rows.ts';
import { followSource, type FollowedBlock } from './followed-folder.ts';

/** The newest requests are kept whole; of those before them only their hours' counts. */
const MOST_ROWS = 1_000_000;
/** A window closes when a request comes that is so much later than its end: requests arrive a little out of order. */
const LATE_MS = 60_000;
/** How often the file is looked at, and how long it may be read in one go. */
const POLL_MS = 200;
const TURN_MS = 12;
const CATCH_UP_MS = 5000;
/** Pace over the last so many milliseconds. */
const PACE_MS = 10_000;

export interface FollowRequest {
  readonly path: string;
  readonly baseline: number;
  readonly run: number;
  readonly reference: BehaviourReference;
  readonly mapping: LogMapping;
  readonly sensitivity: Sensitivity;
  readonly rules: MonitorRules;
  readonly fromStart: boolean;
  readonly tellFrom: Severity;
}

/** What following needs of the rest. */
export interface FollowHost {
  readonly runner: TaskRunner;
  /** Alerts of this following so far, with their newest sighting. */
  known(): readonly StoredAlert[];
  /** Keeps sightings in the case; returns the alerts, in order. */
  sight(sightings: readonly Sighting[]): Promise<number[]>;
  /** An alert is new, or has ended. Returns what went wrong, one sentence each. */
  tell(alert: Pick<StoredAlert, 'episode'>, rows: readonly EpisodeRow[]): Promise<string[]>;
  changed(): void;
  /** A mistake of our own. */
  bug(error: unknown): void;
}

export interface FollowedLog {
  state(): Following;
  /** Reads what is there, judges the windows that have closed, and waits for no more. */
  stop(): Promise<void>;
  /** The requests of closed windows that are kept; null before one has closed. */
  kept(): TaskArgs<'assembleFollowed'> | null;
  /** Resolves when everything that is there now is read and judged. */
  settled(): Promise<void>;
}

/** A block as its file's lines are, with the columns of a CSV file where it is the first. */
interface ReadBlock {
  readonly header: CsvHeader | null;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Turns blocks of a CSV log into UTF-8 and takes the headers from them; those of another log stay as they are. */
function blockReader(mapping: LogMapping): (block: FollowedBlock) => ReadBlock {
  const csv = mapping.format === 'csv' ? csvBytes(mapping) : null;
  if (csv === null) return ({ bytes }) => ({ header: null, bytes });
  const { encoding, header: named = true } = mapping.reading ?? {};
  const texts = new Map<number, CsvText>();
  let columns: readonly string[] | null = null;
  const utf8 = (text: CsvText, lines: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => {
    const bytes = text.take(lines);
    // Lines are whole, so a character that is not ends with them.
    const end = text.end();
    return end.length === 0 ? bytes : new Uint8Array(Buffer.concat([bytes, end]));
  };
  return (block) => {
    let text = texts.get(block.file);
    if (text === undefined || block.first) {
      text = new CsvText(encoding === 'windows-1252' || encoding === 'utf-8' ? encoding : null);
      texts.set(block.file, text);
    }
    if (!block.first) return { header: null, bytes: utf8(text, block.bytes) };
    const above = block.header === null ? null : utf8(text, block.header);
    const bytes = utf8(text, block.bytes);
    const end = recordEnd(bytes, 0, csv);
    const firstRecord = above ?? bytes.subarray(0, end === 0 ? bytes.length : end);
    const { names, named: stands } = csvColumns(block.name, firstRecord, csv, named, columns);
    columns ??= names;
    const cut = above === null && stands ? firstRecord.length : 0;
    return { header: { names, lines: stands ? 1 : 0 }, bytes: bytes.slice(cut) };
  };
}

const openedFile = (index: number, name: string, header: CsvHeader | null): OpenedFile => ({
  index,
  name,
  size: 0,
  compression: null,
  header,
  modifiedMs: Date.now(),
});

/**
 * Follows a log: reads what is appended, judges each hour when it has closed, keeps and tells what is new.
 * @throws BezoarError follow/unreadable for a mapping of a format that cannot be read as it grows
 */
export function followLog(id: string, request: FollowRequest, host: FollowHost): FollowedLog {
  const { mapping, reference, rules } = request;
  if (mapping.format === 'parquet' || mapping.format === 'arrow')
    throw new BezoarError(
      'follow/unreadable',
      'Parquet and Arrow files are read whole, not as they grow. Nothing was started. Follow JSON Lines or CSV, or import the finished files.',
    );
  const source = followSource(request.path, request.fromStart);
  const parser: BlockParser = createBlockParser(mapping, [1, 2]);
  const readBlock = blockReader(mapping);
  const rows = followedRows(mapping);
  const startedAtMs = Date.now();
  const opened = new Map<number, OpenedFile>();
  let files = 0;
  const pace: { at: number; events: number }[] = [];
  let events = 0;
  let badLines = 0;
  let blocks = 0;
  let windowsClosed = 0;
  let judgedAt = Date.now();
  let closedUntil = Number.NEGATIVE_INFINITY;
  let earlier: HourCounts | null = null;
  let evidence: number | null = null;
  let alerts = 0;
  let stopping = false;
  let state: Following['state'] = 'waiting';
  let problem: string | null = null;
  let working: Promise<void> | null = null;
  let timer: NodeJS.Timeout | null = null;

  /** Reads for at most a turn. Returns whether there is more. */
  const read = (): boolean => {
    const until = performance.now() + TURN_MS;
    while (performance.now() < until) {
      const block = source.next();
      if (block === null) return false;
      state = stopping ? 'stopped' : 'following';
      const { header, bytes } = readBlock(block);
      // One that took another's place counts as another file: it may have another header.
      if (block.first) opened.set(block.file, openedFile(files++, block.name, header));
      const file = opened.get(block.file);
      if (file === undefined) continue;
      const parsed = parser.parse({ index: blocks, file, bytes, last: block.last, rest: false });
      blocks += 1;
      rows.add(parsed);
      events += parsed.rows;
      badLines += parsed.badCount;
      pace.push({ at: Date.now(), events: parsed.rows });
    }
    return true;
  };

  const settleOld = async (): Promise<void> => {
    while (rows.rows() > MOST_ROWS) {
      const chunk = rows.chunks[0];
      if (chunk === undefined) return;
      earlier = await host.runner.run('settleFollowed', {
        reference,
        earlier,
        chunk,
        columns: rows.columns,
      });
      rows.drop();
    }
  };

  const episodeOf = ({
    alert,
    found,
    arrival,
    time,
  }: FollowedAlert): FoundEpisode & { stored: EpisodeRow[] } => {
    const episode = episodeOfAlarm(alert, BEHAVIOUR_TITLE, rules);
    return {
      ...episode,
      episode: { ...episode.episode, rows: found },
      stored: Array.from(arrival, (at, rank): EpisodeRow => {
        const score = alert.scores[rank];
        return [null, null, rows.requestId(at), time[rank], Number.isFinite(score) ? score : null];
      }),
    };
  };

  const kept = (until: number): TaskArgs<'assembleFollowed'> => ({
    chunks: rows.chunks.map(({ rows: count, columns }) => ({ rows: count, columns })),
    columns: rows.columns,
    until,
  });

  /** Judges up to the end of the last closed hour. */
  const judge = async (until: number): Promise<void> => {
    const result = await host.runner.run('judgeFollowed', {
      reference,
      earlier,
      ...kept(until),
      options: alarmOptions(request.sensitivity),
    });
    const found = coolDown(result.alerts.map(episodeOf), rules.coolDownMinutes * 60_000);
    const known = host.known();
    const matches = knownAlerts(
      found.map(({ episode }) => episode),
      known,
      rules.coolDownMinutes * 60_000,
    );
    const fresh = found.flatMap((one, at) => {
      const before = known.find(({ id: alert }) => alert === matches[at])?.episode ?? null;
      const same =
        before !== null &&
        before.windowEndMs === one.episode.windowEndMs &&
        before.ongoing === one.episode.ongoing &&
        before.kind === one.episode.kind;
      const { stored } = one as FoundEpisode & { stored?: EpisodeRow[] };
      return same
        ? []
        : [{ sighting: { alert: matches[at], episode: one.episode, rows: stored ?? [] }, before }];
    });
    if (fresh.length > 0) await host.sight(fresh.map(({ sighting }) => sighting));
    alerts += fresh.filter(({ before }) => before === null).length;
    for (const { sighting, before } of fresh) {
      const grave =
        Severity.options.indexOf(sighting.episode.severity) >= Severity.options.indexOf(request.tellFrom);
      const ended = before?.ongoing === true && !sighting.episode.ongoing;
      if (grave && (before === null || ended)) {
        const problems = await host.tell(sighting, sighting.rows);
        problem = problems[0] ?? problem;
      }
    }
    // Closed is what is kept and told.
    windowsClosed = Math.max(0, Math.round(until / HOUR - Math.floor(rows.oldest() / HOUR)));
    closedUntil = until;
    evidence = result.lnE;
  };

  /** One look at the file: read, forget what is too much, judge what has closed. Returns whether there is more to read. */
  const look = async (): Promise<boolean> => {
    const more = read();
    await settleOld();
    const until = Math.floor((rows.newest() - LATE_MS) / HOUR) * HOUR;
    // While there is much to catch up with, what has closed is judged together.
    const due = !more || Date.now() - judgedAt > CATCH_UP_MS;
    if (due && Number.isFinite(until) && until > closedUntil && rows.rows() > 0) {
      refuseTooLong(rows.oldest(), rows.newest());
      await judge(until);
      judgedAt = Date.now();
    }
    if (!more && state !== 'stopped') state = source.missing() ? 'waiting' : 'following';
    host.changed();
    return more;
  };

  const fail = (error: unknown): void => {
    if (error instanceof Cancelled) return;
    if (!(error instanceof BezoarError)) host.bug(error);
    problem =
      error instanceof BezoarError
        ? error.message
        : `Following ended by a mistake of Bezoar (${error instanceof Error ? error.message : String(error)}). What was found until then is kept. Start it again.`;
    state = 'failed';
    source.close();
    host.changed();
  };

  const turn = (): void => {
    timer = null;
    working = look()
      .then((more) => {
        if (!stopping) timer = setTimeout(turn, more ? 0 : POLL_MS);
      })
      .catch(fail);
  };
  timer = setTimeout(turn, 0);

  /** Until nothing more is there. */
  const drain = async (): Promise<void> => {
    await working;
    while (state !== 'failed' && (await look()));
  };

  return {
    state: () => {
      const since = Date.now() - PACE_MS;
      while ((pace[0]?.at ?? since) < since) pace.shift();
      const { rotated, truncated, lostBytes, longLines } = source.events();
      const span = Math.min(PACE_MS, Date.now() - startedAtMs) / 1000;
      const notes = [
        ...(problem === null ? [] : [problem]),
        ...(rotated > 0 ? [`The file was replaced ${rotated} times and read on.`] : []),
        ...(truncated > 0
          ? [`It was cut ${truncated} times; ${lostBytes} bytes of unfinished lines went with it.`]
          : []),
        ...(longLines > 0 ? [`${longLines} lines were longer than 16 MiB and left out.`] : []),
        ...(badLines > 0 ? [`${badLines} lines could not be read and were left out.`] : []),
        ...(earlier === null
          ? []
          : [
              `Only the newest ${MOST_ROWS.toLocaleString('en-US')} requests are kept whole: alerts list requests from among them.`,
            ]),
      ];
      return {
        id,
        name: basename(request.path),
        baseline: request.baseline,
        run: request.run,
        state,
        startedAtMs,
        events,
        badLines,
        lastTimeMs: Number.isFinite(rows.newest()) ? rows.newest() : null,
        behindBytes: state === 'failed' || state === 'stopped' ? 0 : source.behind(),
        eventsPerSecond: pace.reduce((sum, one) => sum + one.events, 0) / Math.max(0.2, span),
        windowsClosed,
        alerts,
        evidence,
        sentence: notes.length > 0 ? notes.join(' ') : sentenceOf(state),
      };
    },
    stop: async () => {
      if (state === 'stopped' || state === 'failed') return;
      stopping = true;
      if (timer !== null) clearTimeout(timer);
      timer = null;
      try {
        await drain();
        if (state !== ('failed' as Following['state'])) state = 'stopped';
      } catch (error) {
        fail(error);
      }
      source.close();
      host.changed();
    },
    kept: () => (closedUntil === Number.NEGATIVE_INFINITY ? null : kept(closedUntil)),
    settled: async () => {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      await drain();
      if (!stopping && state !== 'failed') timer = setTimeout(turn, POLL_MS);
    },
  };
}

/** A clock that was wrong once makes more hours than can be looked at. */
function refuseTooLong(oldest: number, newest: number): void {
  if (newest - oldest <= MOST_WINDOWS * HOUR) return;
  const [first, last] = [oldest, newest].map((time) => new Date(time).toISOString());
  throw new BezoarError(
    'log/too-long',
    `Following ended, because its requests are dated from ${first} to ${last}, and one of these times is wrong. ` +
      'What was found until then is kept. Mend the clock of what writes the log, and follow it again from now on.',
  );
}

const sentenceOf = (state: Following['state']): string => {
  switch (state) {
    case 'following':
      return 'Every line is read as it comes.';
    case 'waiting':
      return 'The file is not there; it is read as soon as it is.';
    case 'stopped':
      return 'Stopped. What was found is kept.';
    case 'failed':
      return 'Following ended.';
  }
};
