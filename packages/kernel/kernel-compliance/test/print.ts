/** Prints the clauses that do not hold on our kernel, with the reasons: `node test/print.ts [part of a title]`. */
import { runSuites, suites } from '../src/index.ts';
import { kernelCore } from './subject/subject.ts';

let held = 0;
const only = process.argv[2] ?? '';
for (const { section, clause, verdict, reasons } of runSuites(
  kernelCore,
  suites.filter((s) => `${s.section} ${s.clause}`.includes(only)),
)) {
  if (verdict === 'held') held++;
  else console.log(`${verdict} ${section} | ${clause}\n     ${reasons.slice(0, 4).join('\n     ')}`);
}
console.log(held, 'held');
