import { readFileSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BezoarError } from '../../electron/contract/errors.ts';
import type { FuzzEntry, Reading, SeedFile } from './fuzz-entry.ts';
import { changed, drawsOf } from './mutant.ts';

const MOST_MILLISECONDS = 2000;
const ALWAYS_FINE = 64 * 1024 * 1024;
const REPEATS = 3;

/** What became of one input. */
export type Verdict =
  | { readonly kind: 'read'; readonly reading: Reading }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'fault'; readonly what: string };

export interface Input extends SeedFile {
  readonly number: number;
}

/** Input `number` of an entry: the seeds as they are come first. */
export function inputOf(entry: FuzzEntry, seeds: readonly SeedFile[], seed: number, number: number): Input {
  if (number < seeds.length) return { ...seeds[number], number };
  const draws = drawsOf(seed, entry.name, number);
  const from = draws.oneOf(seeds);
  const bytes =
    entry.mutant?.(from, seeds, draws) ??
    changed(
      from.bytes,
      seeds.map((one) => one.bytes),
      draws,
    );
  return { name: from.name, bytes, number };
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** The most memory that this process has held since it was asked last. Told by Linux alone; elsewhere the most ever. */
function peakMemory(): number {
  try {
    const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    writeFileSync('/proc/self/clear_refs', '5');
    return 1024 * Number(peak);
  } catch {
    return 1024 * process.resourceUsage().maxRSS;
  }
}

interface Measured {
  readonly verdict: Verdict;
  readonly milliseconds: number;
  /** Bytes: pages that were touched, or buffers that were taken, whichever are more. */
  readonly memory: number;
}

async function measured(entry: FuzzEntry, { name, bytes }: Input): Promise<Measured> {
  peakMemory();
  const before = process.memoryUsage();
  const begun = performance.now();
  const worked = process.cpuUsage();
  const verdict = await verdictOf(entry, name, bytes);
  const { user, system } = process.cpuUsage(worked);
  // Of the processor's time, so that other work on the machine does not count.
  const milliseconds = Math.min(performance.now() - begun, (user + system) / 1000);
  const buffers = process.memoryUsage().arrayBuffers - before.arrayBuffers;
  return { verdict, milliseconds, memory: Math.max(buffers, peakMemory() - before.rss) };
}

async function verdictOf(entry: FuzzEntry, name: string, bytes: Uint8Array): Promise<Verdict> {
  try {
    return { kind: 'read', reading: await entry.read(name, bytes) };
  } catch (error) {
    if (!(error instanceof BezoarError))
      return {
        kind: 'fault',
        what: `threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      };
    if (!/^(evidence|log)\//.test(error.code)) return { kind: 'fault', what: `was refused as ${error.code}` };
    if (!error.message.includes('Nothing was imported'))
      return { kind: 'fault', what: `was refused by no whole sentence: ${error.message}` };
    return { kind: 'refused', code: error.code };
  }
}

/**
 * Reads one input and holds what becomes of it against what every reader promises: the values of its file or a refusal
 * in words, within two seconds, and within 64 MB and twice the decoded size.
 */
export async function judge(
  entry: FuzzEntry,
  input: Input,
  mostMilliseconds = MOST_MILLISECONDS,
): Promise<Verdict> {
  const first = await measured(entry, input);
  const { verdict } = first;
  if (verdict.kind === 'fault') return verdict;
  const decoded = verdict.kind === 'read' ? verdict.reading.decoded : (entry.claimed?.(input.bytes) ?? 0);
  const most = ALWAYS_FINE + 2 * decoded;
  let { milliseconds, memory } = first;
  // What inputs before left behind takes memory, and time to be collected: such an input is read again.
  for (let left = REPEATS; left > 0 && (milliseconds > mostMilliseconds || memory > most); left -= 1) {
    collect();
    const again = await measured(entry, input);
    milliseconds = Math.min(milliseconds, again.milliseconds);
    memory = Math.min(memory, again.memory);
  }
  if (milliseconds > mostMilliseconds) return { kind: 'fault', what: `took ${Math.round(milliseconds)} ms` };
  if (memory > most)
    return { kind: 'fault', what: `took ${Math.round(memory / 2 ** 20)} MB for ${decoded} bytes of values` };
  if (verdict.kind !== 'read') return verdict;
  const differs = differencesIn(verdict.reading, input);
  return differs === null
    ? verdict
    : { kind: 'fault', what: `is read otherwise by a second reader: ${differs}` };
}

function differencesIn(reading: Reading, { bytes }: Input): string | null {
  try {
    return reading.differs?.(bytes) ?? null;
  } catch (error) {
    return `it throws ${String(error)}`;
  }
}
