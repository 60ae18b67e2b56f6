/**
 * Lines of a Markdown table.
 * @param {string[][]} lines the first one is the head
 */
export function table([head = [], ...body]) {
  const widths = head.map((_, c) => Math.max(3, ...[head, ...body].map((line) => (line[c] ?? '').length)));
  /** @param {string[]} line */
  const written = (line) => `| ${line.map((cell, c) => cell.padEnd(widths[c] ?? 0)).join(' | ')} |`;
  return [written(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...body.map(written)];
}
