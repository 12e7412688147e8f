/**
 * What comes of the mistakes of `mistakes.ts` on our device and on QEMU's (7.2), where that is not the same. Sections are
 * those of Virtual I/O Device (VIRTIO) Version 1.2; what QEMU does was seen by running it.
 */
export interface MistakeDifference {
  readonly ours: string;
  readonly theirs: string;
  readonly why: string;
}
/** QEMU itself ends. */
export const ENDS = 'QEMU ends';

export const MISTAKE_DIFFERENCES: Readonly<Record<string, MistakeDifference>> = {
  'less than a header': {
    ours: 'status 4f, used [||], sent [], ',
    theirs: ENDS,
    why: '§5.1.6.2: a packet has its header. QEMU 7.2 ends; ours needs a reset.',
  },
  'a header alone': {
    ours: 'status f, used [|0:0|], sent [], ',
    theirs: 'status 4f, used [||], sent [], ',
    why: '§5.1.6.2: nothing is said of a packet of no bytes. Ours drops it, QEMU needs a reset.',
  },
  'a packet where no memory is': {
    ours: 'status 4f, used [||], sent [], ',
    theirs: 'status f, used [|0:0|], sent [60], ',
    why: 'ours reports a transfer that faults. On QEMU’s machine such an address reads as zeros.',
  },
  'an indirect table that was not negotiated': {
    ours: 'status 4f, used [||], sent [], ',
    theirs: 'status f, used [|0:0|], sent [60], ',
    why: '§2.7.5.3.1: the driver must not. QEMU follows it all the same.',
  },
  'a descriptor that is indirect and goes on': {
    ours: 'status 4f, used [||], sent [], ',
    theirs: 'status f, used [|0:0|], sent [60], ',
    why: '§2.7.5.3.1: the driver must not set both. QEMU overlooks NEXT.',
  },
  'an indirect table in an indirect table': {
    ours: 'status 4f, used [||], sent [], ',
    theirs: 'status f, used [|0:0|], sent [4], ',
    why: '§2.7.5.3.1: there is one level. QEMU takes the inner table’s bytes for a packet.',
  },
  'a receive buffer shorter than a header': {
    ours: 'status f, used [||], sent [], ',
    theirs: ENDS,
    why: '§5.1.6.3.1: a buffer has at least the header. QEMU 7.2 ends; ours misses the frame.',
  },
  'a receive buffer where no memory is': {
    ours: 'status 4f, used [||], sent [], ',
    theirs: 'status f, used [0:72||], sent [], ',
    why: 'ours reports a transfer that faults. On QEMU’s machine such a write is lost.',
  },
  'a mode with surplus data': {
    ours: 'status f, used [||0:1], sent [], 01',
    theirs: 'status f, used [||0:1], sent [], 00',
    why: '§5.1.6.5.1: the data is one byte. Ours refuses more, QEMU overlooks it.',
  },
  'a VLAN with surplus data': {
    ours: 'status f, used [||0:1], sent [], 01',
    theirs: 'status f, used [||0:1], sent [], 00',
    why: '§5.1.6.5.3: the data is two bytes. Ours refuses more, QEMU overlooks it.',
  },
  'an announcement acknowledged that was not asked for': {
    ours: 'status f, used [||0:1], sent [], 00',
    theirs: 'status f, used [||0:1], sent [], 01',
    why: '§5.1.6.5.4: nothing is said of it. Ours has nothing to take back, QEMU refuses.',
  },
  'a mode that was not negotiated': {
    ours: 'status f, used [||0:1], sent [], 01',
    theirs: 'status f, used [||0:1], sent [], 00',
    why: '§5.1.6.5.1: needs CTRL_RX_EXTRA. QEMU does not look at what was negotiated.',
  },
  'an address that may not be set': {
    ours: 'status f, used [||0:1], sent [], 01',
    theirs: 'status f, used [||0:1], sent [], 00',
    why: '§5.1.6.5.2: needs CTRL_MAC_ADDR. QEMU does not look at what was negotiated.',
  },
  'queue_enable = 0': {
    ours: 'status 40, used [||], sent [], 0',
    theirs: 'status 0, used [||], sent [], 0',
    why: '§4.1.4.3.2: the driver must not write 0. Ours needs a reset, QEMU overlooks it before the driver is there.',
  },
  'queue_enable = 2': {
    ours: 'status 40, used [||], sent [], 0',
    theirs: 'status 0, used [||], sent [], 0',
    why: '§4.1.4.3.2: only 1 enables. Ours needs a reset, QEMU overlooks it before the driver is there.',
  },
  'a queue whose area is not aligned': {
    ours: 'status 4b, used [||], sent [], 0',
    theirs: 'status b, used [||], sent [], 1',
    why: '§2.7: areas are aligned. Ours needs a reset, QEMU takes them as they are.',
  },
  'an area that changes while its queue is enabled': {
    ours: 'status b, used [||], sent [], 1c0000',
    theirs: 'status b, used [||], sent [], 1d0000',
    why: '§4.1.4.3.2: queues are configured before they are enabled. QEMU keeps what is written.',
  },
  'a size that changes while its queue is enabled': {
    ours: 'status b, used [||], sent [], 10',
    theirs: 'status b, used [||], sent [], 20',
    why: '§4.1.4.3.2: the same.',
  },
  'queue_size = 3': {
    ours: 'status 0, used [||], sent [], 100',
    theirs: 'status 0, used [||], sent [], 3',
    why: '§4.1.4.3.2: the driver must not write what is no power of two. QEMU keeps it.',
  },
  'queue_size = 100': {
    ours: 'status 0, used [||], sent [], 100',
    theirs: 'status 0, used [||], sent [], 64',
    why: 'the same',
  },
  'queue_size = 512': {
    ours: 'status 0, used [||], sent [], 100',
    theirs: 'status 0, used [||], sent [], 200',
    why: '§4.1.4.3: the size may be made smaller. QEMU lets it grow.',
  },
  'a queue that is not there': {
    ours: 'status 0, used [||], sent [], 0,ffff,0,0,0',
    theirs: 'status 0, used [||], sent [], 0,ffff,0,3,0',
    why: '§4.1.4.3.1: only that its size is 0. QEMU shows the selection as the place of its notifications.',
  },
  'an area of a queue that is not there': {
    ours: 'status 0, used [||], sent [], 0',
    theirs: 'status 0, used [||], sent [], 1c0000',
    why: '§4.1.4.3.1: there is nothing to keep it in. QEMU has room for more queues than it offers.',
  },
  'FEATURES_OK first': {
    ours: 'status 0, used [||], sent [], 0',
    theirs: 'status 8, used [||], sent [], 8',
    why: '§3.1.1: it comes after ACKNOWLEDGE and DRIVER. QEMU does not look at the order.',
  },
  'DEVICE_NEEDS_RESET by the driver': {
    ours: 'status 1, used [||], sent [], 1',
    theirs: 'status 41, used [||], sent [], 41',
    why: '§2.1: the device sets it. QEMU keeps what a driver writes.',
  },
  'reserved bits of the status': {
    ours: 'status 1, used [||], sent [], 1',
    theirs: 'status 31, used [||], sent [], 31',
    why: '§2.1: they mean nothing. QEMU keeps them.',
  },
  'features without VERSION_1': {
    ours: 'status 3, used [||], sent [], 3',
    theirs: 'status b, used [||], sent [], b',
    why: '§6.2: the device may refuse. QEMU takes them, though it has no legacy interface.',
  },
  'CTRL_RX without CTRL_VQ': {
    ours: 'status 3, used [||], sent [], 3',
    theirs: 'status b, used [||], sent [], b',
    why: '§2.2.2: the device should refuse features whose requirements are not met. QEMU takes them.',
  },
  'a feature after FEATURES_OK': {
    ours: 'status b, used [||], sent [], 0',
    theirs: 'status b, used [||], sent [], 20',
    why: '§3.1.1: the driver must not. QEMU shows what was written.',
  },
  'a queue reset that was not negotiated': {
    ours: 'status f, used [||], sent [], 0,1,40,110000',
    theirs: 'status f, used [||], sent [], 0,0,100,110000',
    why: '§2.6.1: needs RING_RESET. QEMU resets the queue all the same.',
  },
};
