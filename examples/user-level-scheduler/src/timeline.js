/** A line a job, a character a piece of time: `#` it runs, `|` it is released and waits, `!` it has missed its deadline. */
export function timeline(moments, jobs, time, step) {
  const lines = jobs.map(() => new Array(time / step).fill('.'));
  let [running, cell] = [-1, 0];
  for (const { kind, at, client } of [...moments, { kind: 'end', at: time }]) {
    for (; (cell + 0.5) * step < Math.min(at, time); cell++) if (running >= 0) lines[running][cell] = '#';
    if (kind === 'runs') running = client;
    else if (client === running && kind !== 'released') running = -1;
    if (kind === 'missed' && at < time) lines[client][Math.floor(at / step)] = '!';
  }
  for (const { kind, at, client } of moments) {
    const first = Math.floor(at / step);
    if (kind === 'released' && lines[client][first] === '.') lines[client][first] = '|';
  }
  return lines.map((line, i) => `${jobs[i].name.padEnd(8)} ${line.join('')}`).join('\n');
}

export const countOf = (moments, kind) => moments.filter((moment) => moment.kind === kind).length;
