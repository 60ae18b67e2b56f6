import { expect, it } from 'vitest';
import { detailInWords } from './detail-in-words.ts';

it.each([
  ['{"count":1200,"dataset":1}', 'count 1,200, dataset 1'],
  [`{"content":"${'ab'.repeat(32)}"}`, 'content abababababab'],
  ['{"analyst":"A. Nalyst","note":""}', 'analyst A. Nalyst, note empty'],
  ['{"rows":[1,2]}', 'rows [1,2]'],
  ['{}', ''],
  ['not json', 'not json'],
  ['[1]', '[1]'],
])('says %s as %s', (detail, words) => {
  expect(detailInWords(detail)).toBe(words);
});
