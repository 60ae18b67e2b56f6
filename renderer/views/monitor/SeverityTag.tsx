import type { Severity } from '../../../electron/contract/alerts.ts';
import { severitySigns } from './alert-words.ts';

/** A severity by shape, word and colour. */
export function SeverityTag(props: { readonly severity: Severity }) {
  const sign = severitySigns[props.severity];
  return (
    <span className={`bz-tag bz-tone-${sign.tone}`}>
      <span aria-hidden="true" className="bz-tag-shape">
        {sign.shape}
      </span>
      {sign.word}
    </span>
  );
}
