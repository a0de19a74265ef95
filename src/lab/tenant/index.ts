/**
 * The built-in tenant: one directory that signs people in as Microsoft Entra ID does, with its paths, tokens, errors and a
 * little of Microsoft Graph, on loopback. For tests, demos and rehearsals; it can misbehave on request.
 */
import type { Tenant, TenantOptions } from './tenant.ts'

export type { AppCredentials, AppRegistration, PlayedApi } from './apps.ts'
export { daemonApp, gateApp, graphAppId } from './apps.ts'
export type { Answering, Misbehaviour } from './misbehaviour.ts'
export type { Group, Person } from './people.ts'
export { groups, people } from './people.ts'
export type { AccessTokenRequest, PersonChange, Tenant, TenantOptions, TenantRequest } from './tenant.ts'

/**
 * Opens the built-in tenant. What it is made of is loaded now and not before: that takes a fifth of a second.
 *
 * @throws Error when the port cannot be had, RangeError for options out of their ranges
 */
export async function openTenant(options: TenantOptions = {}): Promise<Tenant> {
  const { openTenantServer } = await import('./openTenantServer.ts')
  return await openTenantServer(options)
}
