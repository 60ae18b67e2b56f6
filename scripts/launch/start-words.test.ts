import { expect, test } from 'vitest';
import { hasDisplay } from './display.mjs';
import { addressIn } from './serve-host.mjs';
import { summaryInWords } from './summary-in-words.mjs';

test('a display is an X or Wayland one, and always there on Mac and Windows', () => {
  expect(hasDisplay('linux', {})).toBe(false);
  expect(hasDisplay('linux', { DISPLAY: '' })).toBe(false);
  expect(hasDisplay('linux', { DISPLAY: ':0' })).toBe(true);
  expect(hasDisplay('linux', { WAYLAND_DISPLAY: 'wayland-0' })).toBe(true);
  expect(hasDisplay('linux', { DISPLAY: '', WAYLAND_DISPLAY: 'wayland-0' })).toBe(true);
  expect(hasDisplay('darwin', {})).toBe(true);
});

test("the serve host's address is read from its JSON line alone", () => {
  expect(addressIn('{"url":"http://127.0.0.1:1/?token=t"}')).toBe('http://127.0.0.1:1/?token=t');
  expect(addressIn('listening')).toBeNull();
  expect(addressIn('null')).toBeNull();
  expect(addressIn('{"port":1}')).toBeNull();
});

test('findings in words', () => {
  const dress = { class: 'dress', ways: ['trusted'], statistic: 9, p_value: 1.25e-9, count: 1090 };
  const coat = { class: 'coat', ways: ['far'], statistic: 2, p_value: null, count: 1 };
  expect(summaryInWords({ rows: 6000, classes: 10, alarms: [dress], structures: [coat] })).toEqual([
    '6,000 samples in 10 classes were investigated.',
    "Alarm: in class 'dress' 1,090 samples stand apart (p = 1.3e-9).",
    "Structure, not proof: in class 'coat' 1 sample stands apart.",
  ]);
  expect(summaryInWords({ rows: 10, classes: ['a', 'b'], alarms: [], structures: [] })).toEqual([
    '10 samples in 2 classes were investigated.',
    'No class raised an alarm, and nothing stands out.',
  ]);
});
