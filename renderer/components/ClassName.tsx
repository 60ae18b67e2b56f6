import { useClassColours } from '../state/class-colours.ts';

/** A class by its name and its stable colour. */
export function ClassName(props: { readonly classIndex: number }) {
  const { hexOf, nameOf } = useClassColours();
  return (
    <span className="bz-class">
      <span className="bz-swatch" style={{ backgroundColor: hexOf(props.classIndex) }} aria-hidden="true" />
      <span className="bz-class-name" title={nameOf(props.classIndex)}>
        {nameOf(props.classIndex)}
      </span>
    </span>
  );
}
