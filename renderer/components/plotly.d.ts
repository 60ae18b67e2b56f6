/** As much of plotly.js as {@link Chart} uses; the bundle carries no types. */
declare module 'plotly.js-cartesian-dist-min' {
  export interface PlotlyImage {
    format: 'png' | 'svg';
    width: number;
    height: number;
    scale?: number;
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
