/** The sign-in log of the tenant, held against what the gate recorded and the watcher did. */
export { graphAsker } from './askGraph.ts'
export type { ReadLog } from './graphLog.ts'
export { exportedLog, graphLog } from './graphLog.ts'
export type { ReadOwn } from './logWatch.ts'
export { SignInLogWatch } from './logWatch.ts'
export { signInOfEvent } from './ownSignIns.ts'
export type { OwnSignIn } from './signInEntry.ts'
