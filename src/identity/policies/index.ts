import type { AccessRule } from '../../model/route.ts'
import { addresses } from './addresses.ts'
import { anonymous } from './anonymous.ts'
import { apps } from './apps.ts'
import { authenticationContext } from './authenticationContext.ts'
import { authenticationMethods } from './authenticationMethods.ts'
import { clientCertificates } from './clientCertificates.ts'
import type { Criterion } from './criterion.ts'
import { groups } from './groups.ts'
import { guests } from './guests.ts'
import { hours } from './hours.ts'
import { roles } from './roles.ts'
import { scopes } from './scopes.ts'
import { serviceTags } from './serviceTags.ts'
import { signedIn } from './signedIn.ts'
import { tenants } from './tenants.ts'

/** Everything that a way in may ask for, by the key of an access rule. What the network tells is judged before who comes. */
export const criteria: { readonly [K in keyof Required<AccessRule>]: Criterion<NonNullable<AccessRule[K]>> } = {
  anonymous,
  addresses,
  serviceTags,
  clientCertificates,
  hours,
  signedIn,
  tenants,
  guests,
  apps,
  roles,
  groups,
  scopes,
  authenticationMethods,
  authenticationContext,
}
