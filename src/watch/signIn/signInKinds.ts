import type { SyntheticSignIn } from '../../model/watch.ts'
import { beforeCredentials } from './beforeCredentials.ts'
import { clientCredentials } from './clientCredentials.ts'
import type { SignInKind } from './signInKind.ts'
import { user } from './user.ts'

/** Kinds of sign-ins, by the word of the site file. */
export const signInKinds = {
  'client-credentials': clientCredentials,
  user,
  'before-credentials': beforeCredentials,
} as const satisfies Readonly<Record<SyntheticSignIn['kind'], SignInKind>>
