/**
 * The cycles that a component's own logic takes, per named piece: `<component>.<piece>`.
 *
 * The split of the lean stack over our pieces is an ASSUMPTION, made once, here. Its figures are TAS's own columns of
 * TAS, EuroSys 2019, Table 1 (kilocycles a small request; from memory): driver 0.09, IP 0, TCP 0.81, sockets 0.62,
 * other 0.37, application 0.68; the IP column, which TAS folds into TCP, is that of IX: 0.12. One reference request is
 * one frame in, one frame out, one segment in, one out, two socket calls, and one page asked for and answered:
 *
 *     nic-driver.rx-frame + .tx-frame        47 +  47 =  94   driver   0.09
 *     net-stack.ethernet × 2                     2 × 185 = 370   other    0.37
 *     net-stack.ip × 2                            2 × 60 = 120   IP       0.12 (IX)
 *     net-stack.tcp-in + .tcp-out          405 + 405 = 810   TCP      0.81
 *     net-stack.socket-call × 2                  2 × 310 = 620   sockets  0.62
 *     web-server.request + .response       400 + 280 = 680   application 0.68
 *     kv-server.request + .response        400 + 280 = 680   application 0.68
 *
 * Register accesses, copies, checksums and interrupts are charged by themselves and are in none of these.
 */
import type { Primitive } from '@bulkhead/ledger';
import { assumed, type Constant, derived } from './constant.ts';
import type { Profile } from './profile.ts';

const TAS = 'TAS, EuroSys 2019, Table 1, lean column';
const split = (cycles: number, what: string): Constant => assumed(cycles, `${TAS}: ${what}`, 'from-memory');
const IXY = 'ixy on Xeon E3 v3: 388 to 400 cycles a frame alone, 94 in batches of 32';

/** Pieces with a price of their own. A profile's `work` goes before them. */
export const PIECES: Readonly<Record<string, Constant>> = {
  'nic-driver.rx-frame': derived(47, `${IXY}: half of the 94 that receive and send one frame`, 'read'),
  'nic-driver.tx-frame': derived(47, `${IXY}: half of the 94 that receive and send one frame`, 'read'),
  'nic-driver.interrupt': assumed(100, `${IXY}: the 300 that a batch shares, less the register writes in them`),
  'virtio-net-driver.rx-frame': assumed(47, `${IXY}: half of the 94 that receive and send one frame`, 'read'),
  'virtio-net-driver.tx-frame': assumed(47, `${IXY}: half of the 94 that receive and send one frame`, 'read'),
  'virtio-net-driver.interrupt': assumed(100, `${IXY}: the 300 that a batch shares, less the register writes in them`),
  'net-stack.ethernet': split(185, 'half of "other", 0.37 kilocycles'),
  'net-stack.arp': assumed(150, 'a table look-up and a frame written'),
  'net-stack.ip': split(60, 'half of the IP column of IX, 0.12 kilocycles'),
  'net-stack.icmp': assumed(100, 'a header turned round'),
  'net-stack.udp': assumed(150, 'a look-up of the socket and a queue operation'),
  'net-stack.tcp-in': split(405, 'half of TCP, 0.81 kilocycles'),
  'net-stack.tcp-out': split(405, 'half of TCP, 0.81 kilocycles'),
  'net-stack.socket-call': split(310, 'half of sockets, 0.62 kilocycles'),
  'net-stack.timer': assumed(100, 'one timer looked at'),
  'web-server.request': split(400, 'the larger part of application, 0.68 kilocycles'),
  'web-server.response': split(280, 'the rest of application, 0.68 kilocycles'),
  'web-server.accept': assumed(200, 'one record written'),
  'echo-server.datagram': assumed(100, 'a loop between two calls; nobody has measured it alone'),
  'stream-server.accept': assumed(200, 'one record written'),
  'stream-server.block': assumed(100, 'a loop and one word of a record; nobody has measured it alone'),
  'kv-server.request': split(400, 'the larger part of application, 0.68 kilocycles, which there is a key-value store'),
  'kv-server.response': split(280, 'the rest of application, 0.68 kilocycles, which there is a key-value store'),
  'kv-server.accept': assumed(200, 'one record written'),
  'kv-server.key': assumed(100, 'a hash, a probe and a comparison, beyond the first key of a request'),
  'kv-server.scan': assumed(1024, '512 slots of a table looked at, 2 cycles each'),
  'iommu-driver.map': derived(588, "rIOMMU, ASPLOS '15, Table 1: page-table part of a map", 'from-memory'),
  'iommu-driver.unmap': derived(438, "rIOMMU, ASPLOS '15, Table 1: page-table part of an unmap", 'from-memory'),
  'iommu-driver.invalidate': derived(
    2127,
    "rIOMMU, ASPLOS '15, Table 1: IOTLB invalidation and its wait; read as 2127 to 2135",
    'second-hand',
  ),
};

/** Control-path work that nobody has measured: a few hundred cycles of table look-ups. One default a component. */
const DEFAULTS: Readonly<Record<string, number>> = {
  'pci-bus-driver': 300,
  'iommu-driver': 300,
  'nic-driver': 300,
  'virtio-net-driver': 300,
  'net-stack': 200,
  supervisor: 500,
  'web-server': 300,
  'echo-server': 300,
  'stream-server': 300,
  'kv-server': 300,
};
const DEFAULT = 300;
/** Start-up of any component: done once, so that no comparison hangs on it. */
const INIT = 5000;

/** @returns the price of the piece of work `<component>.<piece>`: its own, or its component's default. */
export function priceOfWork(profile: Profile, name: string): Constant {
  const own = profile.work[name] ?? PIECES[name];
  if (own !== undefined) return own;
  const component = name.slice(0, name.indexOf('.'));
  if (name.endsWith('.init')) return assumed(INIT, 'start-up, once; default of every component');
  return assumed(DEFAULTS[component] ?? DEFAULT, `control path; default of ${component}`);
}

/** The primitive as which a component's piece of work stands in the ledger. */
export const workPrimitive = (component: string, piece: string): Primitive => ({
  name: `${component}.${piece}`,
  cause: 'compute',
});
