import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EPOCH, EventTimeReader, unitBySize, ZONELESS } from './event-time.ts';

const read = (text: string, zoneMinutes = 0, unit: 's' | 'ms' | 'us' | 'ns' | null = null) => {
  const reader = new EventTimeReader(zoneMinutes, unit);
  const bytes = Buffer.from(`,${text},`);
  return { ms: reader.fromText(bytes, 1, bytes.length - 1), zone: reader.zone };
};

describe('a time as text', () => {
  it.each([
    ['2026-03-02T08:00:00Z', Date.UTC(2026, 2, 2, 8), 0],
    ['2026-03-02t08:00:00z', Date.UTC(2026, 2, 2, 8), 0],
    ['2026-03-02T08:00:00.404Z', Date.UTC(2026, 2, 2, 8, 0, 0, 404), 0],
    ['2026-03-02T08:00:00,404Z', Date.UTC(2026, 2, 2, 8, 0, 0, 404), 0],
    ['2026-03-02T10:00:00+02:00', Date.UTC(2026, 2, 2, 8), 120],
    ['2026-03-02T10:00:00+0200', Date.UTC(2026, 2, 2, 8), 120],
    ['2026-03-02 02:30:00 -05', Date.UTC(2026, 2, 2, 7, 30), -300],
    ['2026-03-02 08:00:00 UTC', Date.UTC(2026, 2, 2, 8), 0],
    ['2026-03-02 08:00', Date.UTC(2026, 2, 2, 8), ZONELESS],
    ['2026-03-02', Date.UTC(2026, 2, 2), ZONELESS],
    [' 2024-02-29T23:59:60Z ', Date.UTC(2024, 2, 1), 0],
    ['0001-01-01T00:00:00Z', -62_135_596_800_000, 0],
    ['1772438405', 1_772_438_405_000, EPOCH],
    ['1772438405.25', 1_772_438_405_250, EPOCH],
    ['1772438405123', 1_772_438_405_123, EPOCH],
    ['1772438405123456', 1_772_438_405_123.456, EPOCH],
    ['1772438405000000000', 1_772_438_405_000, EPOCH],
    ['1772438405123456789', 1_772_438_405_123.456789, EPOCH],
  ])('%s', (text, ms, zone) => {
    expect(read(text)).toEqual({ ms, zone });
  });

  it.each([
    '',
    'yesterday',
    '2026-02-29T00:00:00Z',
    '2026-13-01',
    '2026-00-10',
    '2026-03-02T24:00:00Z',
    '2026-03-02T08:60:00Z',
    '2026-03-02T08:00:61Z',
    '2026-03-02T08:00:00.Z',
    '2026-03-02T08:00:00+2',
    '2026-03-02T08:00:00+02:60',
    '2026-03-02T08:00:00 CET',
    '2026-03-02x08:00:00Z',
    '2026-03-02T08:0',
    '02/03/2026',
    '1e400',
    '99999999999999999999999',
    '0x10',
  ])('refuses %j', (text) => {
    expect(read(text).ms).toBeNaN();
  });

  it('takes a time without a zone for the one that is said', () => {
    expect(read('2026-03-02T10:00:00', 120).ms).toBe(Date.UTC(2026, 2, 2, 8));
    expect(read('2026-03-02', -60).ms).toBe(Date.UTC(2026, 2, 2, 1));
    expect(read('2026-03-02T10:00:00Z', 120).ms).toBe(Date.UTC(2026, 2, 2, 10));
  });

  it('agrees with the calendar of JavaScript', () => {
    const reader = new EventTimeReader(0, null);
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
        (date) => {
          const bytes = Buffer.from(date.toISOString());
          expect(reader.fromText(bytes, 0, bytes.length)).toBe(date.getTime());
        },
      ),
    );
  });
});

describe('an epoch time', () => {
  it('is read in the unit that is said, else in the one that its size tells', () => {
    const reader = new EventTimeReader(0, 's');
    expect(reader.fromNumber(5)).toBe(5000);
    expect(reader.zone).toBe(EPOCH);
    expect(new EventTimeReader(0, 'ns').fromNumber(5e6)).toBe(5);
    expect([1.7e9, 1.7e12, 1.7e15, 1.7e18].map(unitBySize)).toEqual(['s', 'ms', 'us', 'ns']);
    const auto = new EventTimeReader(0, null);
    expect([1.7e9, 1.7e12, 1.7e15, 1.7e18].map((value) => auto.fromNumber(value))).toEqual(
      Array(4).fill(1.7e12),
    );
  });

  it('that no calendar knows is none', () => {
    expect(new EventTimeReader(0, 's').fromNumber(1e13)).toBeNaN();
    expect(new EventTimeReader(0, null).fromNumber(NaN)).toBeNaN();
  });
});
