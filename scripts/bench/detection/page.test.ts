import { describe, expect, it } from 'vitest';
import type { Detection, ScanOfCase } from './detection.mjs';
import type { Half } from './measure-halves.mjs';
import type { ClassOnCase, DetectorOnCase, Scanned } from './measure-scan.mjs';
import { detectionPage } from './page.mjs';

const marks = { flagged: 900, tp: 900, fp: 0, fn: 0, tn: 59_100 };

function detector(changed: Partial<DetectorOnCase> = {}): DetectorOnCase {
  const id = 'spectral-signatures';
  return { id, title: 'Spectral signatures', milliseconds: 321, marks, auroc: 1, leftOut: null, ...changed };
}

function class_(changed: Partial<ClassOnCase> = {}): ClassOnCase {
  return { name: 'dress', decision: 'alarm', ways: ['peel'], flagged: 900, poisoned: 900, ...changed };
}

function scanned(changed: Partial<Scanned> = {}): Scanned {
  const size = { rows: 60_000, columns: 128, seconds: 12.34, peak: 567e6 };
  const lists = { classes: [class_()], detectors: [detector()] };
  return { ...size, withTrusted: true, engine: 'native-avx2', flagged: marks, ...lists, ...changed };
}

function scan(changed: Partial<ScanOfCase> = {}): ScanOfCase {
  const done = { scanned: scanned(), failure: null };
  return { case: 'badnets', mode: 'with', threads: 2, date: '2026-01-02', ...done, ...changed };
}

function page(changed: Partial<Detection> = {}): string[] {
  const machine = { processor: 'P', cores: 2, memory: 1e9, system: 's', engines: [] };
  const about = { poisoned: 900, target: 'dress' };
  const cases = [{ name: 'badnets', kind: 'measurement' as const, about, hasTrusted: true }];
  return detectionPage({ machine, cases, absent: [], scans: [scan()], halves: [], ...changed }).split('\n');
}

const cellsOf = (lines: readonly string[], first: string): string[] =>
  lines
    .filter((line) => line.startsWith(`| ${first} `))
    .flatMap((line) => line.slice(1, -1).split('|'))
    .map((cell) => cell.trim());

describe('the page of the detection', () => {
  it('judges a case by what is asked of it: the F1, and no other class', () => {
    const cells = cellsOf(page(), 'badnets');
    expect(cells.slice(0, 6)).toEqual(['badnets', 'with', '1.000', '1.000', '0.0000', '900']);
    expect(cells.slice(6)).toEqual(['dress (peel)', '-', '12.3', '567', '0.99, dress', 'met']);
    const second = class_({ name: 'coat', decision: 'structure', ways: ['far'], poisoned: 0 });
    const spread = scan({ scanned: scanned({ classes: [class_(), second] }) });
    expect(cellsOf(page({ scans: [spread] }), 'badnets').at(-1)).toBe('failed');
    const half = { flagged: 450, tp: 450, fp: 0, fn: 450, tn: 59_100 };
    const missed = scan({ scanned: scanned({ flagged: half }) });
    expect(cellsOf(page({ scans: [missed] }), 'badnets').at(-1)).toBe('failed');
  });

  it('has a line for every detector, with the figures of ART under it', () => {
    const lines = page();
    expect(cellsOf(lines, 'Spectral signatures')).toEqual([
      'Spectral signatures',
      '1.000',
      '0.0000',
      '1.000',
      '1.000',
      '321',
    ]);
    expect(cellsOf(lines, "_ART's spectral signatures_").slice(1)).toEqual([
      '1.000',
      '0.487',
      '0.059',
      '1.000',
      '660',
    ]);
  });

  it('has a second line where a detector says otherwise without the trusted set', () => {
    const other = scan({ mode: 'without', scanned: scanned({ detectors: [detector({ auroc: 0.5 })] }) });
    expect(cellsOf(page({ scans: [scan(), other] }), 'Spectral signatures (no trusted set)').at(4)).toBe(
      '0.500',
    );
    const same = scan({ mode: 'without' });
    expect(cellsOf(page({ scans: [scan(), same] }), 'Spectral signatures (no trusted set)')).toEqual([]);
  });

  it('says what was not measured, and invents nothing', () => {
    const broken = scan({ mode: 'without', scanned: null, failure: 'Error: out of memory' });
    const lines = page({
      scans: [scan(), broken],
      absent: [{ name: 'warped', kind: 'own', reason: 'not made yet' }],
    });
    expect(lines).toContain('- warped: not made yet.');
    expect(lines).toContain('- badnets, without a trusted set: the scan failed. Error: out of memory');
    expect(page()).toContain('- badnets, without a trusted set: not scanned yet.');
    const left = scan({ scanned: scanned({ detectors: [detector({ leftOut: 'It needs images.' })] }) });
    expect(cellsOf(page({ scans: [left] }), 'Spectral signatures').at(1)).toBe('left out');
  });

  it('counts alarms over data without poison, and claims nothing from few scans', () => {
    const wrong = class_({ name: 'coat', poisoned: 0 });
    const alarmed = page({ scans: [scan({ scanned: scanned({ classes: [class_(), wrong] }) })] }).join('\n');
    expect(alarmed).toContain('In all 1 of 1 scans raise an alarm');
    expect(alarmed).toContain('no claim from fewer than 100 scans');
    const about = { poisoned: 0 };
    const clean = { name: 'clean', kind: 'measurement' as const, about, hasTrusted: true };
    const half = { classes: 10, alarms: [], structures: [], flagged: 0 };
    const halves = Array.from({ length: 200 }, (_, i) => ({
      ...half,
      seed: i >> 1,
      withTrusted: i % 2 === 0,
    }));
    const withHalves = (found: Half[]) =>
      page({
        cases: [clean],
        scans: [],
        halves: [{ case: 'clean', asked: 100, date: '2026-01-02', halves: found, failure: null }],
      }).join('\n');
    expect(withHalves(halves)).toContain('In all 0 of 200 scans raise an alarm');
    expect(withHalves(halves)).toContain(': met.');
    const lit = halves.map((one, i) => ({ ...one, alarms: i < 6 ? ['coat'] : [] }));
    expect(withHalves(lit)).toContain(': failed.');
    expect(withHalves(lit)).toContain('half 0: alarm coat');
  });
});
