/**
 * Components from the lowest level to the highest, the same everywhere on the page: the application first. A domain
 * that is one thread gives all its components one level; among them, whoever calls comes before whoever is called.
 */
import type { ConnectionShape, SystemResult } from '@bulkhead/comparison';

interface Rank {
  readonly level: number;
  /** How many calls lead on from here, at most. */
  readonly depth: number;
}

/** @returns the kinds of all systems in order. A kind's level is its lowest: that of a system where it stands alone. */
export function kindsInOrder(systems: readonly SystemResult[]): string[] {
  const ranks = new Map<string, Rank>();
  for (const { domains, connections } of systems) {
    const depths = depthsOf(connections);
    for (const { name, kind, level } of domains.flatMap(({ components }) => components)) {
      const known = ranks.get(kind);
      const depth = depths.get(name) ?? 0;
      ranks.set(kind, {
        level: Math.min(level, known?.level ?? level),
        depth: Math.max(depth, known?.depth ?? 0),
      });
    }
  }
  return [...ranks].sort(([, a], [, b]) => a.level - b.level || b.depth - a.depth).map(([kind]) => kind);
}

/**
 * By component, how many calls lead on from it. As many rounds as there are connections reach the longest way; where
 * connections run in circles, which is refused elsewhere, the rounds end all the same.
 */
function depthsOf(connections: readonly ConnectionShape[]): ReadonlyMap<string, number> {
  const depths = new Map<string, number>();
  for (const _ of connections)
    for (const { client, server } of connections)
      depths.set(client, Math.max(depths.get(client) ?? 0, (depths.get(server) ?? 0) + 1));
  return depths;
}

/** @returns the components of one system in the order of their kinds, instance by instance. */
export function componentsInOrder({ domains }: SystemResult, kinds: readonly string[]): Instance[] {
  const seen = new Map<string, number>();
  return domains
    .flatMap(({ components }) => components)
    .map(({ name, kind }) => {
      const turn = seen.get(kind) ?? 0;
      seen.set(kind, turn + 1);
      return { name, kind, turn };
    })
    .sort((a, b) => a.turn - b.turn || kinds.indexOf(a.kind) - kinds.indexOf(b.kind));
}

export interface Instance {
  readonly name: string;
  readonly kind: string;
  /** 0 for the first of its kind. */
  readonly turn: number;
}
