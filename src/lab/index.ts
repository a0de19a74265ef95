/** The small network: a hybrid site in one process on loopback, with faults as rows, for tests, demos and rehearsals. */
export type { Consequence, Expectation, Fault, FaultNeed } from './fault.ts'
export type { FaultId } from './faults/index.ts'
export { faults } from './faults/index.ts'
export type { Lab, LabOptions, LabServer } from './lab.ts'
export { openLab } from './lab.ts'
