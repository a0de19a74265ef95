/** The record of the gate: every attempt, in lines that follow from each other and are signed in between. */
export { ocsfOf } from './ocsf.ts'
export type { RecordOptions } from './openRecord.ts'
export { openRecord } from './openRecord.ts'
export { readEvents } from './readEvents.ts'
export type { RecordStore } from './recordStore.ts'
export type { RecordVerdict } from './verifyRecord.ts'
export { recordProblems, verifyRecord } from './verifyRecord.ts'
