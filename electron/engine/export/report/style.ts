import { Html } from './html.ts';

/** The report's own style: dark ink on white, for screen and paper. HTML already: entities mean nothing inside a style. */
export const style = new Html(`
  :root { color-scheme: light; }
  body { font: 13px/1.4 -apple-system, 'Segoe UI', 'Noto Sans', 'DejaVu Sans', sans-serif; color: #1b1e23; background: #fff;
    max-width: 60rem; margin: 2rem auto; padding: 0 1.5rem; }
  h1 { font-size: 20px; margin: 0 0 .3rem; }
  h2 { font-size: 15px; margin: 1.8rem 0 .5rem; padding-bottom: .2rem; border-bottom: 1px solid #bcc2ca; }
  h3 { font-size: 13px; margin: 1rem 0 .2rem; }
  p { margin: .3rem 0; max-width: 48rem; }
  .lines { white-space: pre-line; }
  .quiet { color: #4d545e; }
  .alarm { color: #b9252b; font-weight: 600; }
  .structure { color: #8a5700; font-weight: 600; }
  code, .hash { font-family: ui-monospace, 'DejaVu Sans Mono', monospace; font-size: 11px; overflow-wrap: anywhere; }
  table { border-collapse: collapse; width: 100%; margin: .4rem 0; }
  th, td { text-align: left; vertical-align: top; padding: .2rem .5rem .2rem 0; border-bottom: 1px solid #e1e4e8;
    overflow-wrap: anywhere; }
  th { font-weight: 600; color: #4d545e; }
  td.number, th.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
  figure { margin: .8rem 0; break-inside: avoid; }
  figcaption { color: #4d545e; font-size: 12px; max-width: 48rem; }
  img.map { width: 100%; max-width: 48rem; border: 1px solid #e1e4e8; }
  .pairs { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: .6rem; }
  .pair { margin: 0; }
  img.thumbnail { width: 4rem; height: 4rem; object-fit: contain; image-rendering: pixelated; border: 1px solid #e1e4e8; }
  @media print { body { margin: 0; max-width: none; } thead { display: table-header-group; } tr { break-inside: avoid; } }
`);
