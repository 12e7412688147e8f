/**
 * Where our virtio network device and QEMU's (7.2) are known to differ, and why. A comparison accepts nothing else.
 * Sections are those of Virtual I/O Device (VIRTIO) Version 1.2; what QEMU does was seen by running it.
 */
export const VIRTIO_KNOWN = {
  // Configuration
  offloads: '§5.1.3: ours offers checksum and segmentation offloads. QEMU does not when what is behind it has none.',
  'control-queue-size': '§4.1.4.3: queue_size is what the device can hold at most: 256 in ours, 64 in QEMU.',
  'kept-over-reset':
    '§2.4: a reset sets the device to its initial state. QEMU keeps the selections and the features of the driver.',
  'order-of-capabilities': '§4.1.4: the list may have any order. QEMU tells of its window first, ours last.',
  'whole-pages': '§4.1.4: length is of the structure, which may be longer. QEMU gives a page to each.',
  'beyond-the-end': '§2.5: nothing is said of what stands behind the fields. Ours reads 0, QEMU all ones.',
  // Queues
  'isr-under-msix':
    '§4.1.4.5.1: with MSI-X enabled a used buffer is told of by a message alone. QEMU sets bit 0 of ISR besides.',
  'first-event': '§2.7.7.2: used_event says when to tell. QEMU tells of the first buffers whatever it says.',
  'buffers-before-filter':
    '§2.7.10: whether to notify is a hint. QEMU asks for buffers before its filter looks at a frame, ours after.',
  'short-buffer-is-written':
    '§5.1.6.3.1: without MRG_RXBUF a buffer holds the largest frame. QEMU writes what fits and takes it back, ours nothing.',
  'number-of-buffers':
    '§5.1.6.4.1: without MRG_RXBUF the device must set num_buffers to 1. QEMU 7.2 leaves 0, as later versions do not.',
} as const;

export type VirtioDifference = keyof typeof VIRTIO_KNOWN;
