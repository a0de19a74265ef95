/** Sign-in of browsers at Entra ID, and the sessions that come of it. */
export type { ReadProof } from './openIdClient.ts'
export type { SignIn, SignInOptions } from './openSignIn.ts'
export { openSignIn } from './openSignIn.ts'
