import { type Contract, refusalName } from '@bulkhead/abi';

/**
 * Start-up asks others for what the driver cannot be without.
 * @returns `result`. @throws when it is a refusal: the driver ends, and its supervisor sees why.
 */
export function granted(contract: Contract, what: string, result: number): number {
  if (result < 0)
    throw new Error(`virtio-net-driver: ${contract.name} refuses to ${what}: ${refusalName(contract, result)}`);
  return result;
}
