import { expect, it } from 'vitest';
import { joinInWords } from './report-words.ts';

const join = {
  by: 'id',
  joined: 1100,
  samplesWithout: 0,
  firstSamplesWithout: [],
  recordsWithout: 0,
  firstRecordsWithout: [],
};

it('says what joined, and names the first of what did not', () => {
  expect(joinInWords(join, 1100)).toBe('1,100 of 1,100 records joined by id.');
  const odd = {
    ...join,
    by: null,
    samplesWithout: 3,
    firstSamplesWithout: ['a', 'b'],
    recordsWithout: 1,
    firstRecordsWithout: ['z'],
  };
  expect(joinInWords(odd, 1101)).toBe(
    '1,100 of 1,101 records joined row by row; 3 samples have no record here (a, b and 1 more); 1 record belongs to no sample (z).',
  );
});
