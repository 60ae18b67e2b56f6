/** @typedef {'unit' | 'e2e'} Part */

/**
 * `npm test -- unit` and `npm test -- e2e` choose one part; what follows goes to the runners.
 * @param {string[]} args
 * @returns {{ parts: Part[], rest: string[] }}
 */
export function testArguments(args) {
  const [first, ...rest] = args;
  if (first === 'unit' || first === 'e2e') return { parts: [first], rest };
  return { parts: ['unit', 'e2e'], rest: args };
}
