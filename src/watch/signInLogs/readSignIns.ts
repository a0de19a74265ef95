import { canonicalAddress } from '../../model/cidr.ts'
import { isGuid } from '../../model/guid.ts'
import { membersOf } from '../../model/membersOf.ts'
import type { TenantSignIn } from './signInEntry.ts'

export interface ReadSignIns {
  readonly signIns: readonly TenantSignIn[]
  /** Entries that are none. */
  readonly unread: number
}

/**
 * Reads the entries of a sign-in log as Microsoft Graph gives them, or as the portal exports them: an array, or an object with
 * `value`. Whatever it holds, it never throws.
 *
 * https://learn.microsoft.com/graph/api/resources/signin
 *
 * @returns undefined for what is no such thing
 */
export function readSignIns(value: unknown): ReadSignIns | undefined {
  const list: unknown = Array.isArray(value) ? value : membersOf(value)['value']
  if (!Array.isArray(list)) return undefined
  const signIns = list.flatMap((one: unknown) => signInOf(membersOf(one)) ?? [])
  return { signIns, unread: list.length - signIns.length }
}

function signInOf(entry: Readonly<Record<string, unknown>>): TenantSignIn | undefined {
  const { id, createdDateTime, appId, userId, ipAddress, correlationId, status, resourceId, conditionalAccessStatus } =
    entry
  const at = typeof createdDateTime === 'string' ? Date.parse(createdDateTime) : Number.NaN
  const code = membersOf(status)['errorCode']
  const person = guidIn(userId)
  const app = guidIn(appId)
  if (typeof id !== 'string' || !/^[\w.:-]{1,128}$/.test(id) || !(at >= 0) || app === undefined) return undefined
  if (typeof code !== 'number' || !Number.isSafeInteger(code)) return undefined
  const address = typeof ipAddress === 'string' ? canonicalAddress(ipAddress) : undefined
  const correlation = guidIn(correlationId)
  const resource = guidIn(resourceId)
  return {
    ...{ id: id.toLowerCase(), at, app, code },
    ...(person !== undefined && person !== nobody && { person }),
    ...(address !== undefined && { address }),
    ...(correlation !== undefined && correlation !== nobody && { correlation }),
    ...(resource !== undefined && { resource }),
    ...(typeof conditionalAccessStatus === 'string' &&
      /^[A-Za-z]{1,40}$/.test(conditionalAccessStatus) && { conditionalAccess: conditionalAccessStatus }),
  }
}

/** Stands where an entry has no id. */
const nobody = '00000000-0000-0000-0000-000000000000'

function guidIn(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const lower = value.toLowerCase()
  return isGuid(lower) ? lower : undefined
}
