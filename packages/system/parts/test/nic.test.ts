import { checkDescription, type Description } from '@bulkhead/assembler';
import { nicDriver } from '@bulkhead/nic-driver';
import { kindOf } from '@bulkhead/runtime';
import { virtioNetDriver } from '@bulkhead/virtio-net-driver';
import { describe, expect, it } from 'vitest';
import { NICS, webService, withNic } from '../src/index.ts';
import { SHAPES } from './shapes.ts';

const FACTS = {
  identity: () => 3,
  supervised: () => true,
  iommu: 'translating',
  machine: {
    msiPage: 1,
    pciWindowPage: 2,
    pciWindowPages: 3,
    pciIoPage: 4,
    pciIoPages: 5,
    pciBusCount: 1,
    hasBridges: false,
  },
  seed: 9,
} as const;
const changed = (description: Description, nic: 'intel-82574' | 'virtio-net'): Description => {
  const result = withNic(description, nic);
  if (!result.ok) throw new Error(result.error);
  return result.value;
};

describe('a web service with another network card', () => {
  it('is one word more: the driver is another, under the same name, and the card with it', () => {
    const parts = webService({ nic: 'virtio-net' });
    const driver = parts.components.find(({ name }) => name === 'nic-driver')!;
    expect([kindOf(driver), parts.nicModels]).toEqual(['virtio-net-driver', ['virtio-net']]);
    expect(driver.create).toBe(virtioNetDriver.create);
    expect(parts.connections).toEqual(webService().connections);
    expect(JSON.stringify(parts.config(FACTS))).toContain(String(NICS['virtio-net'].vendorDevice));
    expect(JSON.stringify(parts.config(FACTS))).not.toContain(String(NICS['intel-82574'].vendorDevice));
  });
});

describe('any shape of walls', () => {
  it.each(SHAPES)('takes another card, and gives it back: $name', (description) => {
    const other = changed(description, 'virtio-net');
    expect(checkDescription(other)).toEqual([]);
    expect(other.domains).toBe(description.domains);
    const again = changed(other, 'intel-82574');
    expect(again.components.map(kindOf)).toEqual(description.components.map(kindOf));
    expect(again.components.find(({ name }) => name === 'nic-driver')).toBe(nicDriver);
    expect(again.config(FACTS)).toEqual(description.config(FACTS));
    expect(changed(description, 'intel-82574')).toBe(description);
  });
});

describe('a system without a driver', () => {
  it('is refused, and the line names the mend', () => {
    const description = { ...SHAPES[0]!, components: [] };
    expect(withNic(description, 'virtio-net')).toEqual({
      ok: false,
      error: `'${description.name}' has no driver of a network card: add one of nic-driver, virtio-net-driver`,
    });
  });
});
