import { BezoarError } from '../contract/errors.ts';

/** A whole number of the command line; null where it was not given. @throws BezoarError usage */
export function wholeNumber(
  name: string,
  text: string | undefined,
  least: number,
  most: number,
): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most)
    throw new BezoarError('usage', `${name} is a whole number from ${least} to ${most}, not “${text}”.`);
  return value;
}
