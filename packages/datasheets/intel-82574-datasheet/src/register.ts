/**
 * Register offsets in the memory BAR. Intel 82574 GbE Controller Family Datasheet, revision 3.4,
 * §10.2 "Register Descriptions". All registers are 32 bits wide and accessed as aligned 32-bit words.
 * Access: RW, RO, WO, R/C cleared by reading, W1C a written 1 clears.
 */

/** §10.2.2 "General Register Descriptions". */
export const CTRL = 0x0_0000; // RW
export const CTRL_DUP = 0x0_0004; // RW, the same register
export const STATUS = 0x0_0008; // RO
export const EECD = 0x0_0010; // RW
export const EERD = 0x0_0014; // RW
export const CTRL_EXT = 0x0_0018; // RW
export const FLA = 0x0_001c; // RW
export const MDIC = 0x0_0020; // RW
export const FCAL = 0x0_0028; // RW
export const FCAH = 0x0_002c; // RW
export const FCT = 0x0_0030; // RW
export const VET = 0x0_0038; // RW
export const FCTTV = 0x0_0170; // RW
export const LEDCTL = 0x0_0e00; // RW
export const EXTCNF_CTRL = 0x0_0f00; // RW
export const PBA = 0x0_1000; // RW: packet buffer allocation
export const PBS = 0x0_1008; // RW
export const EEMNGCTL = 0x0_1010; // RW
export const EEWR = 0x0_102c; // RW
export const SWSM = 0x0_5b50; // RW
export const FWSM = 0x0_5b54; // RO

/** §10.2.4 "Interrupt Register Descriptions". */
export const ICR = 0x0_00c0; // R/C, W1C
export const ITR = 0x0_00c4; // RW
export const ICS = 0x0_00c8; // WO
export const IMS = 0x0_00d0; // RW: a written 1 sets
export const IMC = 0x0_00d8; // WO: a written 1 clears in IMS
export const EIAC = 0x0_00dc; // RW
export const IAM = 0x0_00e0; // RW
export const IVAR = 0x0_00e4; // RW
export const EITR = 0x0_00e8; // RW, + 4n, one a vector
export const EITR_COUNT = 5;
export const PBACLR = 0x0_5b68; // W1C: MSI-X pending bits

/** §10.2.5 "Receive Register Descriptions". Registers of queue 1 stand QUEUE_STRIDE_BYTES above those of queue 0. */
export const QUEUE_STRIDE_BYTES = 0x100;
export const QUEUE_COUNT = 2;
export const RCTL = 0x0_0100; // RW
export const PSRCTL = 0x0_2170; // RW
export const FCRTL = 0x0_2160; // RW
export const FCRTH = 0x0_2168; // RW
export const RDBAL = 0x0_2800; // RW, per queue
export const RDBAH = 0x0_2804; // RW, per queue
export const RDLEN = 0x0_2808; // RW, per queue
export const RDH = 0x0_2810; // RW, per queue
export const RDT = 0x0_2818; // RW, per queue
export const RDTR = 0x0_2820; // RW
export const RXDCTL = 0x0_2828; // RW, per queue
export const RADV = 0x0_282c; // RW
export const RSRPD = 0x0_2c00; // RW
export const RAID = 0x0_2c08; // RW
export const RXCSUM = 0x0_5000; // RW
export const RFCTL = 0x0_5008; // RW
export const MTA = 0x0_5200; // RW, + 4n: multicast table array
export const MTA_COUNT = 128;
export const RAL = 0x0_5400; // RW, + 8n: receive address low
export const RAH = 0x0_5404; // RW, + 8n: receive address high
export const RA_STRIDE_BYTES = 8;
export const RA_COUNT = 16;
export const VFTA = 0x0_5600; // RW, + 4n: VLAN filter table array
export const VFTA_COUNT = 128;
export const MRQC = 0x0_5818; // RW
export const RETA = 0x0_5c00; // RW, + 4n: four entries of the redirection table each
export const RETA_COUNT = 32;
export const RSSRK = 0x0_5c80; // RW, + 4n: RSS random key
export const RSSRK_COUNT = 10;

/** §10.2.6 "Transmit Register Descriptions". */
export const TCTL = 0x0_0400; // RW
export const TIPG = 0x0_0410; // RW
export const AIT = 0x0_0458; // RW
export const TDBAL = 0x0_3800; // RW, per queue
export const TDBAH = 0x0_3804; // RW, per queue
export const TDLEN = 0x0_3808; // RW, per queue
export const TDH = 0x0_3810; // RW, per queue
export const TDT = 0x0_3818; // RW, per queue
export const TIDV = 0x0_3820; // RW
export const TXDCTL = 0x0_3828; // RW, per queue
export const TADV = 0x0_382c; // RW
export const TARC = 0x0_3840; // RW, per queue

/** §10.2.8 "PCIe Register Descriptions" and wake-up: held, without effect on the data path. */
export const FCRTV = 0x0_5f40; // RW: flow control refresh threshold
export const WUC = 0x0_5800; // RW
export const WUFC = 0x0_5808; // RW
export const WUS = 0x0_5810; // RW
export const MANC = 0x0_5820; // RW
export const GCR = 0x0_5b00; // RW
export const GCR2 = 0x0_5b64; // RW

/** Initial values where they are not 0. STATUS is that of a link that is up at 1 Gb/s. */
export const CTRL_INITIAL = 0x0014_0241;
export const STATUS_INITIAL = 0x0008_0283;
export const EECD_INITIAL = 0x0000_0300;
export const TIPG_INITIAL = 0x0060_2008;
export const PBA_INITIAL = 0x0014_0014;
export const TARC_INITIAL = 0x0000_0403;
export const RXDCTL_INITIAL = 0x0001_0000;
export const RXCSUM_INITIAL = 0x0000_0300;
export const VET_INITIAL = 0x0000_8100;
export const SWSM_INITIAL = 0x0000_0001;
