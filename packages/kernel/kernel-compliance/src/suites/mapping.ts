/** Small verbs of mapping. */
import { type Answer, done } from '../stage.ts';
import type { Story } from '../story.ts';

/** Far from whatever the initial thread has. */
export const BASE = 0x8_0000_0000;
export const PAGE = 0x1000;

export const mapTable = (story: Story, table: number, address: number, vspace: number = story.boot.vspace): Answer =>
  story.invoke(table, 'PageTable_Map', [address, 0], [vspace]);
export const mapPage = (
  story: Story,
  frame: number,
  address: number,
  rights: number = story.all,
  vspace: number = story.boot.vspace,
): Answer => story.invoke(frame, 'Page_Map', [address, rights, 0], [vspace]);

/** All tables on the way to an address. @returns them, the highest first */
export function tablesTo(story: Story, address: number, vspace: number = story.boot.vspace): number[] {
  return story.numbers.tableBits.slice(1).map(() => {
    const table = story.make('PageTable');
    done(mapTable(story, table, address, vspace), 'PageTable_Map');
    return table;
  });
}
/** A frame, mapped at an address where tables are. */
export function mapped(story: Story, address: number, rights: number = story.all): number {
  const frame = story.make('Frame4K');
  done(mapPage(story, frame, address, rights), 'Page_Map');
  return frame;
}
/** A new address space. */
export function vspaceOf(story: Story): number {
  const vspace = story.make('PageTable');
  done(story.invoke(story.boot.asidPool!, 'ASIDPool_Assign', [], [vspace]), 'ASIDPool_Assign');
  return vspace;
}
