/** From what a look came to, to what is kept of it. */
export { PlannedKeys } from './plannedKeys.ts'
export type { RecorderNews } from './recorder.ts'
export { Recorder } from './recorder.ts'
export type { Seen } from './sampleOf.ts'
export { seenOf, worseOf } from './sampleOf.ts'
