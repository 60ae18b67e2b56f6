import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oklabOf } from './oklab.ts';
import {
  categoricalPalette,
  classColours,
  NOT_JUDGED_COLOUR,
  OTHER_COLOUR,
  packCss,
  sequentialIndex,
  sequentialRamp,
  toHex,
} from './palette.ts';

const lightness = (colour: number): number =>
  oklabOf(colour & 255, (colour >>> 8) & 255, (colour >>> 16) & 255)[0];

describe('class colours', () => {
  it('go by name among up to 20 classes, whatever their order and size', () => {
    const names = ['coat', 'bag', 'dress'];
    const a = classColours(new Map(names.map((name, k) => [name, 10 * k])));
    const b = classColours(new Map(names.toReversed().map((name, k) => [name, 7 + k])));
    for (const name of names) expect(a.get(name)).toBe(b.get(name));
    expect(names.toSorted().map((name) => a.get(name))).toEqual([0, 1, 2]);
  });

  it('give the 20 largest a colour of their own and all others one grey', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 21, maxLength: 60 });
    fc.assert(
      fc.property(sizes, (counts) => {
        const classes = counts.map((n, k) => [`class ${k}`, n] as const);
        const colours = classColours(new Map(classes));
        const own = classes.filter(([name]) => colours.get(name) !== OTHER_COLOUR);
        expect(own).toHaveLength(20);
        expect(new Set(own.map(([name]) => colours.get(name))).size).toBe(20);
        const smallest = Math.min(...own.map(([, n]) => n));
        for (const [name, n] of classes) if (n > smallest) expect(colours.get(name)).not.toBe(OTHER_COLOUR);
      }),
    );
  });

  it.each(['dark', 'light'] as const)('stand off the %s ground and differ from each other', (scheme) => {
    const palette = categoricalPalette(scheme);
    const ground = lightness(packCss(scheme === 'dark' ? '#131518' : '#fbfbfc'));
    const own = [...palette.subarray(0, 20)];
    for (const colour of own) expect(Math.abs(lightness(colour) - ground)).toBeGreaterThan(0.2);
    expect(new Set(own).size).toBe(20);
    expect(palette[OTHER_COLOUR]).toBe(palette[255]);
  });
});

describe('the ramp of scores', () => {
  it.each(['dark', 'light'] as const)('rises in lightness on the %s ground', (scheme) => {
    const steps = [...sequentialRamp(scheme).subarray(1)].map(lightness);
    // A byte of rounding may take a hair back.
    for (let k = 1; k < steps.length; k++) expect(steps[k]).toBeGreaterThan(steps[k - 1] - 0.01);
    expect(steps[254] - steps[0]).toBeGreaterThan(0.4);
  });

  it('maps the ends, clamps beyond them and keeps what was not judged apart', () => {
    const indices = sequentialIndex(Float64Array.of(-9, 0, 5, 10, 99, NaN), 0, 10);
    expect([...indices]).toEqual([1, 1, 128, 255, 255, NOT_JUDGED_COLOUR]);
    expect([...sequentialIndex(Float64Array.of(3, 3), 3, 3)]).toEqual([128, 128]);
  });
});

describe('packed colours', () => {
  it('read what the tokens write', () => {
    expect(toHex(packCss('#3b82f6'))).toBe('#3b82f6');
    expect(toHex(packCss(' #FFF '))).toBe('#ffffff');
    expect(toHex(packCss('rgb(1, 2, 3)'))).toBe('#010203');
    expect(packCss('#11223380') >>> 24).toBe(0x80);
    expect(() => packCss('crimson')).toThrow(RangeError);
  });
});
