/** Sessions of browsers and begun sign-ins, on the disk of the gate. */
export type { SessionsOptions } from './openSessions.ts'
export { openSessions } from './openSessions.ts'
export type { Ended, Ending, NewSession, PendingSignIn, Renewal, Session, Which } from './session.ts'
export { endings } from './session.ts'
export type { SessionStore } from './sessionStore.ts'
export type { StoreFault } from './storeFault.ts'
