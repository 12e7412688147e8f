import { assemble } from '@bulkhead/assembler';
import mono from '@bulkhead/monolithic';
import multi from '@bulkhead/multiserver';
import { measure } from '@bulkhead/load';
import { parseIpv4Address } from '@bulkhead/net-stack';
const n = Number(process.argv[2] ?? 100);
for (const d of [mono, multi]) {
  const s = assemble(d, { profile: 'haswell' });
  const t0 = performance.now();
  const a = parseIpv4Address('10.0.2.15');
  const g = measure(s, { clients: 4, requests: n, warmUpRequests: 20, path: '/', address: a.value, port: 80, config: { address: '10.0.2.2', prefixBits: 24, gateway: 0, seed: 7 } });
  let r; do { r = g.next(); } while (!r.done);
  console.log(d.name, s.panic, s.faults, (performance.now()-t0)/n*1000, 'us/request');
  console.dir(r.value, {depth: 5});
  console.log(s.ledger.totalCycles() === s.clock.now);
}
