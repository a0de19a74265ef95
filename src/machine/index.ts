/** What this machine lets Postern know: rows that look, each given its means, and the report that they make. */
export { findCaptureTools } from './captureTools.ts'
export type { Look } from './look.ts'
export { lookAtMachine } from './lookAtMachine.ts'
export { looks } from './looks.ts'
export type { Asked, FoundSetting, GivenScript, Means, OwnAddress, Ran } from './means.ts'
export type { OwnDomain } from './ownDomain.ts'
export { ownDomain } from './ownDomain.ts'
export { followers, machineConfigFound, ownSettings } from './proxies.ts'
