import { describe, expect, it } from 'vitest';
import { containmentMatrices, fallText, inOrder, isNicDriver, worstFall } from '../../src/charts/containment.ts';
import { costAgainstContainment } from '../../src/charts/cost-containment.ts';
import type { Containment } from '../../src/index.ts';
import { COMPARISON, CONTAINMENT } from '../sample.ts';

const MATRIX: Containment = {
  system: 'small',
  components: ['nic-driver', 'stack', 'app', 'nic-driver-b'],
  cells: [
    ['falls', 'stalled', 'falls', 'untouched'],
    ['untouched', 'falls', 'stalled', 'untouched'],
    ['untouched', 'untouched', 'falls', 'untouched'],
    ['falls', 'falls', 'falls', 'falls'],
  ],
  meaning: { untouched: 'goes on', stalled: 'waits', falls: 'ends' },
};

describe('what falls if one falls', () => {
  it('every word but the mildest is harm, unless the words that are harm are given', () => {
    expect(worstFall(MATRIX, (name) => name === 'nic-driver')?.harmed).toEqual(['stack', 'app']);
    expect(worstFall({ ...MATRIX, harm: ['falls'] }, (name) => name === 'nic-driver')?.harmed).toEqual(['app']);
  });
  it('of several instances, the one that harms most is meant; itself does not count', () => {
    const fall = worstFall(MATRIX, isNicDriver);
    expect(fall).toEqual({ component: 'nic-driver-b', harmed: ['nic-driver', 'stack', 'app'], others: 3 });
    expect(fallText(fall!)).toBe('all three others');
    expect(worstFall(MATRIX, (name) => name === 'nobody')).toBeUndefined();
  });
  it('each cell says its word, and its colour only repeats it', () => {
    const { drawing } = containmentMatrices([MATRIX]);
    const cells = [
      ...String(drawing).matchAll(/<td role="cell" class="([^"]*)" data-of="([^"]*)"[^>]*>([^<]*)<\/td>/g),
    ];
    expect(cells.map(([, , , word]) => word)).toEqual(MATRIX.cells.flat());
    expect(cells.map(([, , of]) => of)).toEqual(MATRIX.components.concat(...Array(3).fill(MATRIX.components)));
    const colours = new Map(cells.filter(([, kind]) => kind !== 'own').map(([, kind, , word]) => [word, kind]));
    expect(colours).toEqual(
      new Map([
        ['stalled', 'h3'],
        ['falls', 'h5'],
        ['untouched', 'h0 calm'],
      ]),
    );
  });
  it('putting components in order moves every cell with its row and its column', () => {
    const order = ['app', 'nic-driver-b', 'nobody', 'stack'];
    const moved = inOrder(MATRIX, order);
    expect(moved.components).toEqual(['app', 'nic-driver-b', 'stack', 'nic-driver']);
    for (const row of MATRIX.components)
      for (const column of MATRIX.components) {
        const at = ({ components, cells }: Containment) => cells[components.indexOf(row)]?.[components.indexOf(column)];
        expect(at(moved)).toBe(at(MATRIX));
      }
  });
});

describe('cost against containment', () => {
  it('is one dot a system, by its cycles and by whom its NIC driver harms', () => {
    const { data } = costAgainstContainment(COMPARISON, CONTAINMENT);
    expect(data.rows).toEqual(
      COMPARISON.systems.map(({ system, perRequest }, index) => {
        const { components, cells } = CONTAINMENT[index]!;
        const row = components.indexOf('nic-driver');
        const falls = cells[row]!.filter((word, column) => word === 'falls' && column !== row).length;
        return [system, perRequest.cycles, falls];
      }),
    );
  });
  it('leaves out a system without a NIC driver, or without a matrix', () => {
    const { data, caption } = costAgainstContainment(COMPARISON, []);
    expect(data.rows).toEqual([]);
    expect(String(caption)).toBe('No system here has a NIC driver.');
  });
});
