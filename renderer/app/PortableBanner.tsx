import { formatCount } from '../components/number-format.ts';
import { useCaseState } from '../state/queries.ts';

/** A portable case says at every time that it is a part, and of what. */
export function PortableBanner() {
  const portable = useCaseState()?.portable;
  if (!portable) return null;
  return (
    <div className="bz-banner bz-banner-plain" role="note">
      Portable case: {formatCount(portable.samples)} of {formatCount(portable.of)} samples of{' '}
      {portable.caseName}. Analyses cannot be run again on it.
    </div>
  );
}
