const HASH = /^[0-9a-f]{64}$/;

/** The facts of an audit line as 'name value, name value'; hashes by their first 12 digits. What is no object stays. */
export function detailInWords(detail: string): string {
  let facts: unknown;
  try {
    facts = JSON.parse(detail);
  } catch {
    return detail;
  }
  if (typeof facts !== 'object' || facts === null || Array.isArray(facts)) return detail;
  return Object.entries(facts)
    .map(([name, value]) => `${name} ${valueInWords(value)}`)
    .join(', ');
}

function valueInWords(value: unknown): string {
  if (typeof value === 'string')
    return HASH.test(value) ? value.slice(0, 12) : value === '' ? 'empty' : value;
  if (typeof value === 'number') return value.toLocaleString('en');
  return JSON.stringify(value);
}
