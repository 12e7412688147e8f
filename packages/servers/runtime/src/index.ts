export {
  type ComponentDefinition,
  component,
  type Footprint,
  type Instance,
  kindOf,
  named,
  type Ports,
} from './component.ts';
export type { Context, Region, Work } from './context.ts';
export { FlatMemory } from './flat-memory.ts';
export { LEVELS } from './levels.ts';
export type { MemoryPort } from './memory-port.ts';
export { type Accept, type Accepts, identityNumber, mustAccept, oneOf, portNumber, wholeNumber } from './parameters.ts';
export { Window } from './window.ts';
