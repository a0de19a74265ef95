/** What shows over time, judged beside whoever looks: a slice each beat, said once, and not again after a restart. */
export { connectionReadings } from './connections.ts'
export type { Expiring } from './expiring.ts'
export type { Judged, JudgeParts } from './judge.ts'
export { Judge } from './judge.ts'
export { judgedSignIn } from './judgedSubject.ts'
