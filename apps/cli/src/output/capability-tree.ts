/** The derivation tree with siblings folded that are alike, follow each other in memory, and have alike descendants. */
import type { Derivation, NamedCapability } from '@bulkhead/inspection';

/** `count` capabilities side by side; `low` names the lowest object, `high` the highest. */
export interface TreeNode {
  readonly low: Leaf;
  readonly high: Leaf;
  readonly count: number;
  /** What stands under each of them, folded across all. */
  readonly children: readonly TreeNode[];
}
interface Leaf {
  readonly capability: NamedCapability;
}

/** @returns the roots, in the order of the lists. */
export function foldTree(capabilities: readonly NamedCapability[], derivation: readonly Derivation[]): TreeNode[] {
  const bySlot = new Map(capabilities.map((capability) => [capability.slot, capability]));
  const roots: TreeNode[] = [];
  const path: { readonly node: TreeNode; readonly children: TreeNode[] }[] = [];
  for (const { slot, depth } of derivation) {
    path.length = depth;
    const leaf = { capability: bySlot.get(slot)! };
    const children: TreeNode[] = [];
    const node = { low: leaf, high: leaf, count: 1, children };
    (path.at(-1)?.children ?? roots).push(node);
    path.push({ node, children });
  }
  return fold(roots);
}

function fold(siblings: readonly TreeNode[]): TreeNode[] {
  const folded: TreeNode[] = [];
  for (const sibling of siblings.map((node) => ({ ...node, children: fold(node.children) }))) {
    const last = folded.at(-1);
    const joined = last === undefined ? null : join(last, sibling);
    if (joined === null) folded.push(sibling);
    else folded[folded.length - 1] = joined;
  }
  return folded;
}
/** @returns both as one, or null when they are not alike or not neighbours. The newest of a row comes first. */
function join(a: TreeNode, b: TreeNode): TreeNode | null {
  const [low, high] = (a.low.capability.address ?? 0) <= (b.low.capability.address ?? 0) ? [a, b] : [b, a];
  if (!isAlike(a.low.capability, b.low.capability) || !areNeighbours(low, high)) return null;
  if (a.children.length !== b.children.length) return null;
  const children = low.children.map((child, i) => join(child, high.children[i]!));
  if (children.some((child) => child === null)) return null;
  return { low: low.low, high: high.high, count: a.count + b.count, children: children as TreeNode[] };
}
function areNeighbours(low: TreeNode, high: TreeNode): boolean {
  const { address, lenBytes } = low.high.capability;
  if (address === null || high.low.capability.address === null) return false;
  const step = high.low.capability.index - low.high.capability.index;
  return high.low.capability.address === address + lenBytes && (step === 1 || step === -1);
}
/** Alike but for their place: these may become one line. */
export const isAlike = (a: NamedCapability, b: NamedCapability): boolean =>
  a.type === b.type &&
  a.holder === b.holder &&
  a.space === b.space &&
  a.lenBytes === b.lenBytes &&
  a.rights === b.rights &&
  a.badge === b.badge &&
  a.what === b.what;
