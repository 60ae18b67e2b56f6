/** As much of plotly.js as {@link Plot} uses; the bundle carries no types. */
declare module 'plotly.js-cartesian-dist-min' {
  export interface PlotlyImage {
    format: 'png' | 'svg';
    width: number;
    height: number;
    scale?: number;
  }
  interface PlotlyEvent {
    /** Of a brushed span. */
    range?: { x?: readonly [number | string, number | string] };
    points?: readonly { x: number | string; y: number | string }[];
  }
  /** An element; it hears events once a drawing stands in it. */
  export interface PlotlyRoot extends HTMLDivElement {
    on?(
      event: 'plotly_selected' | 'plotly_deselect' | 'plotly_click',
      heard: (event: PlotlyEvent | undefined) => void,
    ): void;
  }
  export interface PlotlyModule {
    react(root: HTMLElement, data: unknown[], layout: unknown, config: unknown): Promise<unknown>;
    purge(root: HTMLElement): void;
    toImage(root: HTMLElement, options: PlotlyImage): Promise<string>;
    Plots: { resize(root: HTMLElement): Promise<unknown> };
  }
  const plotly: PlotlyModule;
  export default plotly;
}
