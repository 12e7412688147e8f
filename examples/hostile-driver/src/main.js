import { monolithic, multiserver } from './systems.js';
import { doorsOf, told, verdictsOn } from './verdicts.js';

for (const system of [multiserver, monolithic]) {
  console.log(`${system.name}: ${system.summary}`);
  for (const verdict of verdictsOn(system)) console.log(told(verdict));
  console.log();
}
console.log('multiserver, with one wall left out:');
for (const { wall, doors } of doorsOf(multiserver)) console.log(`  without ${wall}: ${doors.join(', ')}`);
