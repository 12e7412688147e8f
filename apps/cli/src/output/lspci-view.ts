/**
 * The dump that `lspci -F FILE` reads (pciutils, lib/dump.c): a line that begins with bus, device and function, rows of
 * bytes in hexadecimal behind their offset, and an empty line behind each function.
 */
import type { ConfigurationSnapshot, FunctionConfiguration } from '@bulkhead/inspection';

const ROW_BYTES = 16;
const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

export const lspciText = ({ functions }: Pick<ConfigurationSnapshot, 'functions'>): string =>
  functions.map(functionText).join('');

function functionText({ name, vendorId, deviceId, classCode, bytes }: FunctionConfiguration): string {
  const rows = Array.from({ length: bytes.length / (2 * ROW_BYTES) }, (_, row) => rowText(bytes, row * ROW_BYTES));
  return `${[`${name} ${hex(classCode >>> 8, 4)}: ${hex(vendorId, 4)}:${hex(deviceId, 4)}`, ...rows, ''].join('\n')}\n`;
}
const rowText = (bytes: string, offset: number): string =>
  `${hex(offset, 2)}: ${bytes
    .slice(offset * 2, (offset + ROW_BYTES) * 2)
    .match(/../g)!
    .join(' ')}`;
