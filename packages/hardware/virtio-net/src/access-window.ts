/**
 * The structures without a BAR: a window in configuration space. Virtio 1.2 §4.1.4.9 "PCI configuration access
 * capability": software chooses a BAR, an offset and a length, and reads or writes pci_cfg_data.
 *
 * CHOICE: a BAR that no structure stands in, a length other than 1, 2 or 4, and an offset that is not a multiple of it
 * read as 0 and write nothing.
 */
import type { CapabilityOptions } from '@bulkhead/pci';
import * as pci from '@bulkhead/pci-datasheet';
import type { RegisterDevice, WidthBytes } from '@bulkhead/ports';
import * as virtio from '@bulkhead/virtio-datasheet';

/** What of the function the window needs: its configuration space. */
export interface ConfigurationPort {
  readConfig(offset: number, widthBytes: WidthBytes): number;
  setConfig(offset: number, widthBytes: WidthBytes, value: number): void;
}
const ALL = { readWrite: 0xffffffff, writeOneToClear: 0 };
const BYTE = { readWrite: 0xff, writeOneToClear: 0 };

export interface AccessWindowOptions {
  /** Where the capability stands. */
  readonly at: number;
  readonly bar: number;
  readonly structures: RegisterDevice;
  readonly configuration: () => ConfigurationPort;
}

export function accessWindow({ at, bar, structures, configuration }: AccessWindowOptions): CapabilityOptions {
  let isBusy = false;
  const width = (): WidthBytes | 0 => {
    const port = configuration();
    const lenBytes = port.readConfig(at + virtio.CAP_LENGTH, 4);
    const isHere = port.readConfig(at + virtio.CAP_BAR, 1) === bar;
    const isWidth = lenBytes === 1 || lenBytes === 2 || lenBytes === 4;
    const offset = port.readConfig(at + virtio.CAP_OFFSET, 4);
    return isHere && isWidth && offset % lenBytes === 0 ? lenBytes : 0;
  };
  const touches = (offset: number, widthBytes: number): boolean =>
    offset + widthBytes > virtio.PCI_CFG_CAP_DATA && offset < virtio.PCI_CFG_CAP_SIZE_BYTES;
  /** Reading our own fields is no access of software. */
  const access = (act: (port: ConfigurationPort, lenBytes: WidthBytes | 0, offset: number) => void): void => {
    if (isBusy) return;
    isBusy = true;
    const port = configuration();
    act(port, width(), port.readConfig(at + virtio.CAP_OFFSET, 4));
    isBusy = false;
  };
  return {
    id: pci.CAPABILITY_VENDOR_SPECIFIC,
    at,
    sizeBytes: virtio.PCI_CFG_CAP_SIZE_BYTES,
    registers: [
      { offset: virtio.CAP_LEN, widthBytes: 1, initial: virtio.PCI_CFG_CAP_SIZE_BYTES },
      { offset: virtio.CAP_CFG_TYPE, widthBytes: 1, initial: virtio.CAP_PCI_CFG },
      { offset: virtio.CAP_BAR, widthBytes: 1, initial: 0, rule: BYTE },
      { offset: virtio.CAP_OFFSET, widthBytes: 4, initial: 0, rule: ALL },
      { offset: virtio.CAP_LENGTH, widthBytes: 4, initial: 0, rule: ALL },
      { offset: virtio.PCI_CFG_CAP_DATA, widthBytes: 4, initial: 0, rule: ALL },
    ],
    onRead: (offset, widthBytes) => {
      if (!touches(offset, widthBytes)) return;
      access((port, lenBytes, from) => {
        const value = lenBytes === 0 ? 0 : structures.read(from, lenBytes);
        port.setConfig(at + virtio.PCI_CFG_CAP_DATA, 4, value);
      });
    },
    onWrite: (offset, widthBytes) => {
      if (!touches(offset, widthBytes)) return;
      access((port, lenBytes, to) => {
        if (lenBytes === 0) return;
        structures.write(to, lenBytes, port.readConfig(at + virtio.PCI_CFG_CAP_DATA, lenBytes));
      });
    },
  };
}
