import type { Decision } from '../../electron/contract/scan.ts';

const signs: Readonly<
  Record<Decision, { readonly shape: string; readonly word: string; readonly tone: string }>
> = {
  alarm: { shape: '▲', word: 'Alarm', tone: 'alarm' },
  structure: { shape: '◆', word: 'Structure', tone: 'caution' },
  dark: { shape: '●', word: 'Nothing found', tone: 'plain' },
  'not judged': { shape: '○', word: 'Not judged', tone: 'quiet' },
  'not judged (ranking)': { shape: '○', word: 'Ranking only', tone: 'quiet' },
};

/** A decision by shape, word and colour. */
export function DecisionTag(props: { readonly decision: Decision }) {
  const sign = signs[props.decision];
  return (
    <span className={`bz-tag bz-tone-${sign.tone}`}>
      <span aria-hidden="true" className="bz-tag-shape">
        {sign.shape}
      </span>
      {sign.word}
    </span>
  );
}
