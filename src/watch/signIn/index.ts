/** Signs in as an app, as a test account, or up to the page that wants credentials, and says how that went, step by step. */
export type { SignInEvent, SignInsWatched } from './runner.ts'
export { SignInRunner } from './runner.ts'
export type { ReadAppProof, SignInLook, SignInMeans } from './signInKind.ts'
export { signInKinds } from './signInKinds.ts'
