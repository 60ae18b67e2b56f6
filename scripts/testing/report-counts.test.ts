import { expect, test } from 'vitest';
import { countPlaywright, countVitest, settle, sum, summaryLine } from './report-counts.mjs';
import { testArguments } from './test-arguments.mjs';

test('a file that breaks before its first test is one failure', () => {
  const report = {
    numPassedTests: 7,
    numFailedTests: 1,
    numPendingTests: 2,
    numTodoTests: 1,
    testResults: [
      { status: 'failed', assertionResults: [] },
      { status: 'failed', assertionResults: ['one'] },
      { status: 'passed', assertionResults: [] },
    ],
  };
  expect(countVitest(report)).toEqual({ passed: 7, failed: 2, skipped: 3 });
});

test('flaky specs and errors outside a test are failures', () => {
  const stats = { expected: 5, unexpected: 1, flaky: 1, skipped: 4 };
  expect(countPlaywright({ stats, errors: ['no config'] })).toEqual({ passed: 5, failed: 3, skipped: 4 });
});

test('a runner that fails without a failing test is a failure', () => {
  const clean = { passed: 3, failed: 0, skipped: 0 };
  expect(settle(clean, 0)).toEqual(clean);
  expect(settle(clean, 1).failed).toBe(1);
  expect(settle(clean, null).failed).toBe(1);
  expect(settle({ passed: 3, failed: 2, skipped: 0 }, 1).failed).toBe(2);
  expect(settle(null, 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test('the last line', () => {
  const parts = [
    { passed: 3, failed: 0, skipped: 0 },
    { passed: 4, failed: 1, skipped: 0 },
  ];
  expect(summaryLine(sum(parts))).toBe('7 passed, 1 failed');
  expect(summaryLine({ passed: 1, failed: 0, skipped: 2 })).toBe('1 passed, 0 failed, 2 skipped');
});

test('a part can be chosen, the rest goes to the runner', () => {
  expect(testArguments([])).toEqual({ parts: ['unit', 'e2e'], rest: [] });
  expect(testArguments(['e2e', '-g', 'lasso'])).toEqual({ parts: ['e2e'], rest: ['-g', 'lasso'] });
  expect(testArguments(['-t', 'unit'])).toEqual({ parts: ['unit', 'e2e'], rest: ['-t', 'unit'] });
});
