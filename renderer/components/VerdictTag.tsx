import type { Verdict } from '../../electron/contract/samples.ts';

const signs: Readonly<Record<Verdict, { readonly shape: string; readonly tone: string }>> = {
  poison: { shape: '✕', tone: 'alarm' },
  clean: { shape: '✓', tone: 'clean' },
  unsure: { shape: '?', tone: 'caution' },
};

const byByte: readonly (Verdict | null)[] = [null, 'poison', 'clean', 'unsure'];

/** The verdict that a byte of the verdict array stands for. */
export function verdictOfByte(byte: number): Verdict | null {
  return byByte[byte] ?? null;
}

/** A person's verdict by shape, word and colour; `short` leaves the word to the tooltip. */
export function VerdictTag(props: { readonly verdict: Verdict | null; readonly short?: boolean }) {
  if (props.verdict === null) {
    return (
      <span className="bz-tag bz-tone-quiet" title="No verdict yet">
        –
      </span>
    );
  }
  const sign = signs[props.verdict];
  return (
    <span className={`bz-tag bz-tone-${sign.tone}`} title={props.verdict}>
      <span aria-hidden="true" className="bz-tag-shape">
        {sign.shape}
      </span>
      {props.short ? <span className="bz-visually-hidden">{props.verdict}</span> : props.verdict}
    </span>
  );
}
