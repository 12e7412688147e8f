/** Fields of the receive registers. Intel 82574 Datasheet revision 3.4 §10.2.5 "Receive Register Descriptions". */
import { bit, bits, type Field } from '@bulkhead/bits';

/** Receive Control Register - RCTL. */
export const RCTL_EN: Field = bit(1);
export const RCTL_SBP: Field = bit(2); // store bad packets
export const RCTL_UPE: Field = bit(3); // unicast promiscuous
export const RCTL_MPE: Field = bit(4); // multicast promiscuous
export const RCTL_LPE: Field = bit(5); // long packets: above 1522 bytes with FCS
export const RCTL_LBM: Field = bits(7, 6); // loopback mode
export const RCTL_LBM_MAC = 1;
export const RCTL_LBM_PHY = 3; // transceiver
export const RCTL_RDMTS: Field = bits(9, 8); // RXDMT0 at 1/2, 1/4, 1/8 of the ring free
export const RCTL_DTYP: Field = bits(11, 10);
export const RCTL_DTYP_LEGACY = 0;
export const RCTL_DTYP_PACKET_SPLIT = 1;
export const RCTL_MO: Field = bits(13, 12); // which 12 bits of the address are the hash
export const RCTL_BAM: Field = bit(15); // accept broadcast
export const RCTL_BSIZE: Field = bits(17, 16); // 2048 >> value bytes, × 16 with BSEX
export const RCTL_BSIZE_2048 = 0;
export const RCTL_BSIZE_1024 = 1;
export const RCTL_BSIZE_512 = 2;
export const RCTL_BSIZE_256 = 3;
export const RCTL_VFE: Field = bit(18); // VLAN filter
export const RCTL_CFIEN: Field = bit(19);
export const RCTL_CFI: Field = bit(20);
export const RCTL_DPF: Field = bit(22); // discard pause frames
export const RCTL_PMCF: Field = bit(23); // pass MAC control frames
export const RCTL_BSEX: Field = bit(25);
export const RCTL_SECRC: Field = bit(26); // strip the FCS
export const RCTL_FLXBUF: Field = bits(30, 27); // KiB, in place of BSIZE when not 0

/** Packet Split Receive Control - PSRCTL: the sizes of a descriptor's four buffers. */
export const PSRCTL_BSIZE0: Field = bits(6, 0); // headers, units of 128 bytes
export const PSRCTL_BSIZE1: Field = bits(13, 8); // units of 1 KiB
export const PSRCTL_BSIZE2: Field = bits(21, 16);
export const PSRCTL_BSIZE3: Field = bits(29, 24);
export const PSRCTL_BSIZE0_UNIT_BYTES = 128;
export const PSRCTL_BSIZE_UNIT_BYTES = 1024;

/** Flow Control Receive Thresholds - FCRTH, FCRTL: bytes in the receive packet buffer. */
export const FCRTH_RTH: Field = bits(15, 3);
export const FCRTL_RTL: Field = bits(15, 3);
export const FCRTL_XONE: Field = bit(31); // an XON is sent when the buffer falls below RTL

/** Receive Small Packet Detect, Receive ACK Interrupt Delay - RSRPD, RAID. */
export const RSRPD_SIZE: Field = bits(11, 0); // with FCS; 0: none
export const RAID_ACK_DELAY: Field = bits(15, 0); // units of 1.024 µs

/** Receive descriptor ring: base, length, head, tail. */
export const RDBAL_MASK = 0xfffffff0;
export const RDLEN_MASK = 0x000fff80; // multiples of 128 bytes
export const RDH_MASK = 0xffff;
export const RDT_MASK = 0xffff;

/** Receive Checksum Control - RXCSUM. */
export const RXCSUM_PCSS: Field = bits(7, 0);
export const RXCSUM_IPOFLD: Field = bit(8);
export const RXCSUM_TUOFLD: Field = bit(9);
export const RXCSUM_IPPCSE: Field = bit(12); // of UDP fragments: the checksum of the IP payload
export const RXCSUM_PCSD: Field = bit(13); // RSS hash in place of IP ID and packet checksum

/** Receive Filter Control Register - RFCTL. */
export const RFCTL_ISCSI_DIS: Field = bit(0);
export const RFCTL_NFSW_DIS: Field = bit(6);
export const RFCTL_NFSR_DIS: Field = bit(7);
export const RFCTL_IPV6_DIS: Field = bit(10);
export const RFCTL_IPV6_XSUM_DIS: Field = bit(11);
export const RFCTL_ACK_DIS: Field = bit(12);
export const RFCTL_ACKD_DIS: Field = bit(13);
export const RFCTL_IPFRSP_DIS: Field = bit(14);
export const RFCTL_EXTEN: Field = bit(15); // extended receive descriptors
export const RFCTL_IPV6_EX_DIS: Field = bit(16); // no RSS of IPv6 with extension headers
export const RFCTL_NEW_IPV6_EXT_DIS: Field = bit(17); // nor with home address or routing header type 2

/** Receive Address High - RAH. */
export const RAH_ADDRESS: Field = bits(15, 0); // bytes 4 and 5
export const RAH_ASEL: Field = bits(17, 16);
export const RAH_AV: Field = bit(31); // address valid

/** Receive Descriptor Control - RXDCTL. */
export const RXDCTL_PTHRESH: Field = bits(5, 0);
export const RXDCTL_HTHRESH: Field = bits(13, 8);
export const RXDCTL_WTHRESH: Field = bits(21, 16);
export const RXDCTL_GRAN: Field = bit(24);

/** Multiple Receive Queues Command Register - MRQC. RSS works with RXCSUM.PCSD and extended descriptors only. */
export const MRQC_MULTIPLE_RECEIVE_QUEUES_ENABLE: Field = bits(1, 0);
export const MRQC_ENABLE_RSS = 1;
export const MRQC_RSS_TCP_IPV4: Field = bit(16);
export const MRQC_RSS_IPV4: Field = bit(17);
export const MRQC_RSS_TCP_IPV6: Field = bit(18);
export const MRQC_RSS_IPV6_EX: Field = bit(19);
export const MRQC_RSS_IPV6: Field = bit(20);
/** Redirection table: one byte an entry, 128 of them, indexed by the low seven bits of the hash. */
export const RETA_ENTRY_COUNT = 128;
export const RETA_QUEUE: Field = bit(7); // of the byte
