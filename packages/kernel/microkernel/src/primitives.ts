/** What the kernel charges, by the names that every cost profile prices. The values are indices in the ledger. */
export interface KernelPrimitives {
  readonly kernelEntryExit: number;
  readonly registerSave: number;
  readonly addressSpaceSwitch: number;
  readonly ipcPath: number;
  readonly ipcSlowPath: number;
  readonly messageWord: number;
  readonly capTransfer: number;
  readonly notificationSignal: number;
  readonly notificationWait: number;
  readonly ringEntry: number;
  readonly directCall: number;
  readonly castQueue: number;
  readonly castDispatch: number;
  readonly schedule: number;
  readonly invocation: number;
  readonly capLookup: number;
  readonly pageMap: number;
  readonly pageUnmap: number;
  readonly tlbInvalidatePage: number;
  readonly interruptEntry: number;
  readonly interruptAcknowledge: number;
  readonly idle: number;
}
