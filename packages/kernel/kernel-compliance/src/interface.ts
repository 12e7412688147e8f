/**
 * Every invocation: on which capability, with how many words and extra capabilities at least. seL4 reference manual
 * 13.0.0 §10.3 "Architecture-Independent Object Methods", in its MCS configuration; arguments in the manual's order, the capabilities apart.
 * Page tables, triggers of interrupts and IO spaces: those of RISC-V, and ours.
 */
export interface Invocation {
  readonly on: CapabilityName;
  readonly words: number;
  readonly capabilities: number;
}

/** What a capability is to. */
export const CAPABILITIES = [
  'Untyped',
  'TCB',
  'CNode',
  'SchedContext',
  'Frame',
  'PageTable',
  'IOPageTable',
  'ASIDPool',
  'IRQControl',
  'IRQHandler',
  'ASIDControl',
  'SchedControl',
  'Domain',
  'IOSpaceControl',
  'IOSpace',
] as const;
export type CapabilityName = (typeof CAPABILITIES)[number];

const on = (capability: CapabilityName, words: number, capabilities: number): Invocation => ({
  on: capability,
  words,
  capabilities,
});

export type LabelName =
  | 'Untyped_Retype'
  | 'CNode_Revoke'
  | 'CNode_Delete'
  | 'CNode_CancelBadgedSends'
  | 'CNode_Copy'
  | 'CNode_Mint'
  | 'CNode_Move'
  | 'CNode_Mutate'
  | 'CNode_Rotate'
  | 'TCB_ReadRegisters'
  | 'TCB_WriteRegisters'
  | 'TCB_CopyRegisters'
  | 'TCB_Configure'
  | 'TCB_SetPriority'
  | 'TCB_SetMCPriority'
  | 'TCB_SetSchedParams'
  | 'TCB_SetTimeoutEndpoint'
  | 'TCB_SetIPCBuffer'
  | 'TCB_SetSpace'
  | 'TCB_Suspend'
  | 'TCB_Resume'
  | 'TCB_BindNotification'
  | 'TCB_UnbindNotification'
  | 'TCB_SetTLSBase'
  | 'TCB_SetFlags'
  | 'IRQControl_Get'
  | 'IRQControl_GetTrigger'
  | 'IRQHandler_Ack'
  | 'IRQHandler_SetNotification'
  | 'IRQHandler_Clear'
  | 'PageTable_Map'
  | 'PageTable_Unmap'
  | 'Page_Map'
  | 'Page_Unmap'
  | 'Page_GetAddress'
  | 'ASIDControl_MakePool'
  | 'ASIDPool_Assign'
  | 'SchedControl_ConfigureFlags'
  | 'SchedContext_Bind'
  | 'SchedContext_Unbind'
  | 'SchedContext_UnbindObject'
  | 'SchedContext_Consumed'
  | 'SchedContext_YieldTo'
  | 'DomainSet_Set'
  | 'DomainSet_ScheduleConfigure'
  | 'DomainSet_ScheduleSetStart'
  | 'IOSpaceControl_Issue'
  | 'IOPageTable_Map'
  | 'IOPageTable_Unmap'
  | 'Page_MapIO'
  | 'Page_UnmapIO';

export const INVOCATIONS: Readonly<Record<LabelName, Invocation>> = {
  /** type, size, node index, node depth, node offset, count; root */
  Untyped_Retype: on('Untyped', 6, 1),
  /** index, depth */
  CNode_Revoke: on('CNode', 2, 0),
  CNode_Delete: on('CNode', 2, 0),
  CNode_CancelBadgedSends: on('CNode', 2, 0),
  /** index, depth, source index, source depth, rights; source root */
  CNode_Copy: on('CNode', 5, 1),
  /** as Copy, then badge or guard */
  CNode_Mint: on('CNode', 6, 1),
  /** index, depth, source index, source depth; source root */
  CNode_Move: on('CNode', 4, 1),
  /** as Move, then guard */
  CNode_Mutate: on('CNode', 5, 1),
  /** index, depth, guard; pivot index, depth, guard; source index, depth; pivot root, source root */
  CNode_Rotate: on('CNode', 8, 2),
  /** suspend (bit 0), count */
  TCB_ReadRegisters: on('TCB', 2, 0),
  /** resume (bit 0), count, registers */
  TCB_WriteRegisters: on('TCB', 2, 0),
  /** suspend source, resume target, frame, integer (bits 0 to 3); source */
  TCB_CopyRegisters: on('TCB', 1, 1),
  /** guard of the CSpace, data of the VSpace, address of the buffer; CSpace, VSpace, buffer */
  TCB_Configure: on('TCB', 3, 3),
  /** priority; authority */
  TCB_SetPriority: on('TCB', 1, 1),
  TCB_SetMCPriority: on('TCB', 1, 1),
  /** maximum, priority; authority, context, fault handler */
  TCB_SetSchedParams: on('TCB', 2, 3),
  /** ; handler */
  TCB_SetTimeoutEndpoint: on('TCB', 0, 1),
  /** address; frame */
  TCB_SetIPCBuffer: on('TCB', 1, 1),
  /** guard of the CSpace, data of the VSpace; fault handler, CSpace, VSpace */
  TCB_SetSpace: on('TCB', 2, 3),
  TCB_Suspend: on('TCB', 0, 0),
  TCB_Resume: on('TCB', 0, 0),
  /** ; notification */
  TCB_BindNotification: on('TCB', 0, 1),
  TCB_UnbindNotification: on('TCB', 0, 0),
  /** base */
  TCB_SetTLSBase: on('TCB', 1, 0),
  /** clear, set */
  TCB_SetFlags: on('TCB', 2, 0),
  /** irq, index, depth; root */
  IRQControl_Get: on('IRQControl', 3, 1),
  /** irq, trigger, index, depth; root */
  IRQControl_GetTrigger: on('IRQControl', 4, 1),
  IRQHandler_Ack: on('IRQHandler', 0, 0),
  /** ; notification */
  IRQHandler_SetNotification: on('IRQHandler', 0, 1),
  IRQHandler_Clear: on('IRQHandler', 0, 0),
  /** address, attributes; VSpace */
  PageTable_Map: on('PageTable', 2, 1),
  PageTable_Unmap: on('PageTable', 0, 0),
  /** address, rights, attributes; VSpace */
  Page_Map: on('Frame', 3, 1),
  Page_Unmap: on('Frame', 0, 0),
  Page_GetAddress: on('Frame', 0, 0),
  /** index, depth; untyped, root */
  ASIDControl_MakePool: on('ASIDControl', 2, 2),
  /** ; VSpace */
  ASIDPool_Assign: on('ASIDPool', 0, 1),
  /** budget, period, extra refills, badge, flags; context */
  SchedControl_ConfigureFlags: on('SchedControl', 5, 1),
  /** ; TCB or notification */
  SchedContext_Bind: on('SchedContext', 0, 1),
  SchedContext_Unbind: on('SchedContext', 0, 0),
  SchedContext_UnbindObject: on('SchedContext', 0, 1),
  SchedContext_Consumed: on('SchedContext', 0, 0),
  SchedContext_YieldTo: on('SchedContext', 0, 0),
  /** domain; TCB */
  DomainSet_Set: on('Domain', 1, 1),
  /** index, domain, duration */
  DomainSet_ScheduleConfigure: on('Domain', 3, 0),
  /** index */
  DomainSet_ScheduleSetStart: on('Domain', 1, 0),
  /** device, IO domain, index, depth; root */
  IOSpaceControl_Issue: on('IOSpaceControl', 4, 1),
  /** IO address; IO space */
  IOPageTable_Map: on('IOPageTable', 1, 1),
  IOPageTable_Unmap: on('IOPageTable', 0, 0),
  /** rights, IO address; IO space */
  Page_MapIO: on('Frame', 2, 1),
  Page_UnmapIO: on('Frame', 0, 0),
};

export const LABELS: readonly LabelName[] = Object.keys(INVOCATIONS) as LabelName[];
