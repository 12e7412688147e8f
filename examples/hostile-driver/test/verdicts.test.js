import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monolithic, multiserver } from '../src/systems.js';
import { doorsOf, told, verdictsOn } from '../src/verdicts.js';

const damaged = (verdicts) => verdicts.filter(({ outcome }) => outcome === 'damage').map(({ attack }) => attack);

test('walls stop every attack, and each is reported', () => {
  const verdicts = verdictsOn(multiserver);
  assert.deepEqual(damaged(verdicts), []);
  assert.ok(verdicts.every(({ reports }) => reports.length > 0));
});
test('the address of a store that the MMU stopped is told to the byte', () => {
  const verdict = verdictsOn(multiserver).find(({ attack }) => attack === 'foreign-registers');
  assert.match(told(verdict), / 00:02\.0 at (0xffff[0-9a-f]{12}) page fault: store to \1, which is BAR 0$/m);
});
test('what the mask and the budget hold back is told by device and cause', () => {
  const lines = verdictsOn(multiserver).map(told).join('\n');
  assert.match(lines, /00:01\.0 interrupt \d+ came again, and is not acknowledged since [\d.]+ ms$/m);
  assert.match(lines, /00:01\.0 budget used up in every period since [\d.]+ ms: [\d.]+ ms were used$/m);
});
test('without walls all but one do damage, which is named', () => {
  const verdicts = verdictsOn(monolithic);
  assert.equal(damaged(verdicts).length, verdicts.length - 1);
  for (const verdict of verdicts.filter(({ outcome }) => outcome === 'damage'))
    assert.match(told(verdict), /DAMAGE: .*(overwritten|written|interrupted|turned off|turns)/);
});
test('each wall alone holds a door', () => {
  const doors = Object.fromEntries(doorsOf(multiserver).map(({ wall, doors: behind }) => [wall, behind]));
  assert.deepEqual(doors.ownership, ['foreign-claim']);
  assert.deepEqual(doors.messages, ['forged-interrupt']);
  assert.deepEqual(doors.budgets, ['interrupt-flood']);
  assert.ok(doors.iommu.includes('dma-kernel'));
});
