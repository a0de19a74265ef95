/** Sessions of browsers and begun sign-ins, on the disk of the gate. */
export { holdSessions } from './holdSessions.ts'
export { openHeldSessions } from './openHeldSessions.ts'
export { openSessions } from './openSessions.ts'
export type { Ending, PendingSignIn, Session, Which } from './session.ts'
export { endings } from './session.ts'
export type { SessionStore } from './sessionStore.ts'
export type { StoreFault } from './storeFault.ts'
