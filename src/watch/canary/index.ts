/** Changes one attribute of one object in the directory, awaits it in the cloud, and says how long that took. */
export type { CanaryMeans } from './canaryMeans.ts'
export { canaryRights } from './canaryRights.ts'
export type { CanaryEvent } from './canaryRunner.ts'
export { CanaryRunner } from './canaryRunner.ts'
