export { Chance } from './chance.ts';
export { type AlarmId, Clock, NEVER } from './clock.ts';
export { Digest } from './digest.ts';
