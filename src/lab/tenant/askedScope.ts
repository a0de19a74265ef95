import type { AppRegistration } from './apps.ts'
import { graphAppId } from './apps.ts'
import type { Directory } from './directory.ts'
import { type EntraError, entraError } from './entraErrors.ts'

/** What a `scope` parameter asks for, in Entra's spelling: `openid api://app/access_as_user`, `https://graph…/.default`. */
export interface AskedScope {
  readonly openid: boolean
  readonly offline: boolean
  readonly api: AppRegistration
  /** The API as it was named. */
  readonly named: string
  /** Without the API's name; with `.default` all that it offers. */
  readonly scopes: readonly string[]
  readonly isDefault: boolean
}

const ofOpenId: ReadonlySet<string> = new Set(['openid', 'profile', 'email', 'offline_access'])
/** What a token for Graph may do that nobody asked for by name. */
const usual = ['openid', 'profile', 'email', 'User.Read', 'GroupMember.Read.All']

/** https://learn.microsoft.com/entra/identity-platform/scopes-oidc */
export function readScope(text: string, directory: Directory): AskedScope | EntraError {
  const asked = text.split(' ').filter((one) => one !== '')
  const openid = asked.includes('openid')
  const offline = asked.includes('offline_access')
  const graph = directory.api(graphAppId)
  if (graph === undefined) throw new TypeError('a tenant has Microsoft Graph')
  const resources = asked.filter((one) => !ofOpenId.has(one)).map(partsOf)
  const [first] = resources
  if (first === undefined) return { openid, offline, api: graph, named: graphAppId, scopes: usual, isDefault: false }
  const apis = new Set(resources.map(({ resource }) => directory.api(resource)))
  if (apis.size > 1) return entraError(28000, 'invalid_request', 'Scopes of more than one resource were asked for.')
  const [api] = apis
  if (api?.api === undefined) {
    const says = `The resource principal named ${first.resource} was not found in the tenant.`
    return entraError(500011, 'invalid_resource', says)
  }
  const { scopes: offered } = api.api
  const unknown = resources.find(({ name }) => name !== '.default' && !offered.includes(name))
  if (unknown !== undefined) {
    return entraError(70011, 'invalid_scope', `The scope ${unknown.resource}/${unknown.name} is not valid.`)
  }
  const isDefault = resources.some(({ name }) => name === '.default')
  const scopes = isDefault ? offered : resources.map(({ name }) => name)
  return { openid, offline, api, named: first.resource, scopes, isDefault }
}

/** Without a resource a scope is Graph's. */
function partsOf(scope: string): { readonly resource: string; readonly name: string } {
  const slash = scope.lastIndexOf('/')
  return slash < 0
    ? { resource: graphAppId, name: scope }
    : { resource: scope.slice(0, slash), name: scope.slice(slash + 1) }
}
