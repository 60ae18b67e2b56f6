import { BezoarError } from '../contract/errors.ts';
import { TextReading } from '../contract/evidence.ts';

/** `--read delimiter=;`: how the text of records or of a log is written. @throws BezoarError usage */
export function textReading(settings: readonly string[]): TextReading {
  const given = settings.map((setting) => {
    const [, name = '', value = ''] = /^([^=]+)=(.+)$/s.exec(setting) ?? [];
    if (value === '')
      throw new BezoarError('usage', `--read takes NAME=VALUE, such as delimiter=tab, not “${setting}”.`);
    if (name === 'header') return [name, value === 'yes' ? true : value === 'no' ? false : value];
    return [name, value === 'tab' ? '\t' : value];
  });
  const read = TextReading.strict().safeParse(Object.fromEntries(given));
  if (read.success) return read.data;
  throw new BezoarError(
    'usage',
    '--read takes encoding=utf-8|utf-16le|utf-16be|windows-1252, delimiter=,|;|tab||, quote="|\'|none, escape=doubled|backslash, ' +
      `decimal=.|, and header=yes|no, not “${settings.join(' ')}”.`,
  );
}
