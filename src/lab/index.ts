/** The small network: a hybrid site in one process on loopback, with faults as rows, for tests, demos and rehearsals. */
export type { Alteration, Consequence, Expectation, Fault, FaultNeed, Oddity } from './fault.ts'
export type { FaultId, OddityId } from './faults/index.ts'
export { faults, oddities } from './faults/index.ts'
export type { Lab, LabOptions, LabServer } from './lab.ts'
export { openLab } from './lab.ts'
