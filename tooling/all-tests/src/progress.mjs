/**
 * Progress on standard error: one line that rewrites itself on a terminal, a line now and then in a log.
 *
 * Plain JavaScript without imports from outside Node: scripts/setup.mjs uses it before anything is installed.
 */
const REDRAW_MS = 200;
const CLEAR_LINE = '\r\u001b[2K';

export function duration(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

export function showProgress({ text, quietMs = 800, everyMs = 15_000 }) {
  const stream = process.stderr;
  const draw = stream.isTTY
    ? () => stream.write(CLEAR_LINE + text().slice(0, Math.max(20, (stream.columns ?? 80) - 1)))
    : () => stream.write(`${text()}\n`);
  let drawn = false;
  let repeat;
  const first = setTimeout(() => {
    drawn = true;
    draw();
    repeat = setInterval(draw, stream.isTTY ? REDRAW_MS : everyMs);
  }, quietMs);
  return () => {
    clearTimeout(first);
    clearInterval(repeat);
    if (drawn && stream.isTTY) stream.write(CLEAR_LINE);
  };
}
