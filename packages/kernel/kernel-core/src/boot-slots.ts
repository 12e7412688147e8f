/** Where the initial thread's capabilities are. seL4 reference manual 13.0.0 §9.1 "Initial Thread's Environment". */
export const NULL = 0;
export const TCB = 1;
export const CNODE = 2;
export const VSPACE = 3;
export const IRQ_CONTROL = 4;
export const ASID_CONTROL = 5;
export const ASID_POOL = 6;
/** RISC-V has none. */
export const IO_PORT_CONTROL = 7;
/** CHOICE: the control from which IO spaces are issued. */
export const IO_SPACE = 8;
export const BOOT_INFO_FRAME = 9;
export const IPC_BUFFER = 10;
export const DOMAIN = 11;
export const SMMU_SID = 12;
export const SMMU_CB = 13;
export const SCHED_CONTEXT = 14;
export const SMC = 15;
/** Of the only core. */
export const SCHED_CONTROL = 16;
export const FIRST_FREE = 17;
