/** A line a job, a character a piece of time: `#` it ran, `|` a release, `!` a deadline missed. */
export function timeline(moments, jobs, time, step) {
  const lines = jobs.map(() => new Array(time / step).fill('.'));
  const mark = (client, at, sign) => {
    if (at < time) lines[client][Math.floor(at / step)] = sign;
  };
  let [running, since] = [-1, 0];
  const stop = (until) => {
    for (let at = since; running >= 0 && at < Math.min(until, time); at += step) mark(running, at, '#');
    running = -1;
  };
  for (const { kind, at, client } of moments) {
    if (kind === 'runs' || client === running) if (kind !== 'released' && kind !== 'missed') stop(at);
    if (kind === 'runs') [running, since] = [client, at];
  }
  stop(time);
  for (const { kind, at, client } of moments) {
    if (kind === 'released' && lines[client][Math.floor(at / step)] === '.') mark(client, at, '|');
    if (kind === 'missed') mark(client, at, '!');
  }
  return lines.map((line, i) => `${jobs[i].name.padEnd(8)} ${line.join('')}`).join('\n');
}

export const countOf = (moments, kind) => moments.filter((moment) => moment.kind === kind).length;
