import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { followSource, type FollowedSource } from './followed-folder.ts';

let folder = '';
let path = '';
let source: FollowedSource;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-follow-'));
  path = join(folder, 'app.log');
});
afterEach(() => {
  source.close();
  rmSync(folder, { recursive: true, force: true });
});

/** All lines that are there now. */
function lines(): string[] {
  let text = '';
  for (let block = source.next(); block !== null; block = source.next())
    text += Buffer.from(block.bytes).toString();
  return text.split('\n').filter((line) => line !== '');
}

describe('a followed file', () => {
  it('gives whole lines only, in order, whatever pieces they are written in', () => {
    writeFileSync(path, 'a1\na2\nhal');
    source = followSource(path, true);
    expect(lines()).toEqual(['a1', 'a2']);
    appendFileSync(path, 'f');
    expect(lines()).toEqual([]);
    expect(source.behind()).toBe(0);
    appendFileSync(path, ' done\na4\n');
    expect(source.behind()).toBe(9);
    expect(lines()).toEqual(['half done', 'a4']);
    const many = Array.from({ length: 60_000 }, (_, at) => `line ${at}`);
    appendFileSync(path, `${many.join('\n')}\n`);
    expect(lines()).toEqual(many);
  });

  it('is begun at its end when only what comes is asked for', () => {
    writeFileSync(path, 'old\nunfinished');
    source = followSource(path, false);
    expect(lines()).toEqual([]);
    appendFileSync(path, ' line\nnew\n');
    expect(lines()).toEqual(['unfinished line', 'new']);
  });

  it('may come later and go away for a while', () => {
    source = followSource(path, false);
    expect(source.missing()).toBe(true);
    expect(lines()).toEqual([]);
    writeFileSync(path, 'x\n');
    expect(source.missing()).toBe(false);
    expect(lines()).toEqual(['x']);
    rmSync(path);
    expect(lines()).toEqual([]);
    writeFileSync(path, 'again\n');
    expect(lines()).toEqual(['again']);
  });

  it('that another took the place of is read to its end first, its unfinished line too', () => {
    writeFileSync(path, 'a1\n');
    source = followSource(path, true);
    expect(lines()).toEqual(['a1']);
    renameSync(path, join(folder, 'app.log.1'));
    appendFileSync(join(folder, 'app.log.1'), 'a2\nlast');
    expect(lines()).toEqual(['a2']);
    writeFileSync(path, 'b1\n');
    expect(source.next()).toMatchObject({ first: false, last: true });
    expect(source.next()).toMatchObject({ first: true, last: false });
    expect(lines()).toEqual([]);
    expect(source.events()).toMatchObject({ rotated: 1, truncated: 0, lostBytes: 0 });
  });

  it('that was cut is read from its start: shorter, or as long as before with other bytes', () => {
    writeFileSync(path, 'a1\na2\nhal');
    source = followSource(path, true);
    expect(lines()).toEqual(['a1', 'a2']);
    truncateSync(path, 0);
    appendFileSync(path, 'b1\n');
    expect(lines()).toEqual(['b1']);
    expect(source.events()).toMatchObject({ truncated: 1, lostBytes: 3 });
    writeFileSync(path, 'c1\nc2\nc3\n');
    expect(lines()).toEqual(['c1', 'c2', 'c3']);
    expect(source.events()).toMatchObject({ truncated: 2, rotated: 0 });
  });

  it('with a line beyond all measure loses that line alone, and says so', () => {
    const long = 'x'.repeat(17 * 1024 * 1024);
    writeFileSync(path, `a\n${long}`);
    source = followSource(path, true);
    expect(lines()).toEqual(['a']);
    appendFileSync(path, `${long}\nb\n`);
    expect(lines()).toEqual(['b']);
    expect(source.events().longLines).toBe(1);
  });
});

describe('a followed folder', () => {
  it('reads files that come later from their start, and a file that is renamed once', () => {
    writeFileSync(path, 'old\n');
    mkdirSync(join(folder, 'inner'));
    source = followSource(folder, false);
    expect(lines()).toEqual([]);
    writeFileSync(join(folder, 'b.log'), 'b1\n');
    writeFileSync(join(folder, 'a.log.gz'), 'finished');
    appendFileSync(path, 'new\n');
    expect(lines().sort()).toEqual(['b1', 'new']);
    for (const turn of [1, 2, 3]) {
      for (let at = turn - 1; at > 0; at -= 1)
        renameSync(join(folder, `app.log.${at}`), join(folder, `app.log.${at + 1}`));
      renameSync(path, join(folder, 'app.log.1'));
      writeFileSync(path, `turn ${turn}\n`);
      expect(lines()).toEqual([`turn ${turn}`]);
    }
    expect(source.events().rotated).toBe(3);
  });

  it('of files that were copied away and cut reads on', () => {
    writeFileSync(path, 'a1\n');
    source = followSource(folder, true);
    expect(lines()).toEqual(['a1']);
    copyFileSync(path, join(folder, 'app.log.1.gz'));
    truncateSync(path, 0);
    appendFileSync(path, 'a2\n');
    expect(lines()).toEqual(['a2']);
  });
});
