/** What a description asks of the board: network cards, and whether there are as many as drivers of one. */
import type { Contract } from '@bulkhead/abi';
import { MAX_NICS, NIC_MODELS, TOPOLOGIES } from '@bulkhead/board';
import { netDevice } from '@bulkhead/nic-driver-api';
import { pciBus } from '@bulkhead/pci-bus-driver-api';
import { known } from './check-words.ts';
import type { Description } from './description.ts';

/** @returns a line a mistake. */
export function checkTopology({ topology = 'flat' }: Description): string[] {
  return TOPOLOGIES.includes(topology) ? [] : [`the topology is '${topology}': use ${known(TOPOLOGIES)}`];
}
/** @returns a line a mistake. */
export function checkNics(description: Description): string[] {
  return [...checkCount(description), ...checkModels(description)];
}

function checkModels({ nics = 1, nicModels = [] }: Description): string[] {
  const unknown = nicModels.filter((model) => !NIC_MODELS.includes(model));
  const problems = unknown.map((model) => `nicModels names '${model}': use one of ${known(NIC_MODELS)}`);
  return nicModels.length <= nics || !Number.isInteger(nics)
    ? problems
    : [
        ...problems,
        `nicModels names ${nicModels.length} network cards and nics is ${nics}: set nics to ${nicModels.length}`,
      ];
}

function checkCount({ nics = 1, components }: Description): string[] {
  if (!Number.isInteger(nics) || nics < 1 || nics > MAX_NICS)
    return [`the board has ${nics} network cards: use a whole number from 1 to ${MAX_NICS}`];
  const drivers = driversIn(components).map(({ name }) => name);
  return drivers.length <= nics
    ? []
    : [
        `there are ${drivers.length} drivers of network cards (${known(drivers)}) and nics is ${nics}: set nics to ${drivers.length}`,
      ];
}
/** Who gives frames and asks the bus for a device drives a card; who only passes frames on does not. */
export const driversIn = (components: Description['components']): Description['components'] =>
  components.filter(({ provides, uses }) => speaks(provides, netDevice.name) && speaks(uses, pciBus.name));
const speaks = (ports: Readonly<Record<string, Contract>>, name: string): boolean =>
  Object.values(ports).some((contract) => contract.name === name);
