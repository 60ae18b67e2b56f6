import { useEngine } from '../state/engine-events.ts';

/** Says that the engine is gone, for as long as it is. */
export function EngineBanner() {
  const { state, sentence } = useEngine();
  if (state === 'ready') return null;
  return (
    <div className="bz-banner" role="alert">
      <span aria-hidden="true">▲</span> {sentence}
    </div>
  );
}
