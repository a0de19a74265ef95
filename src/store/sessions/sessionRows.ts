import type { SQLInputValue } from 'node:sqlite'
import type { Identity, KnownGroups } from '../../identity/index.ts'
import type { Ended, Ending, Which } from './session.ts'
import { endings } from './session.ts'
import type { Cached } from './sessionCache.ts'

/** A row as SQLite gives it. */
export type Row = Readonly<Record<string, unknown>>

export const sessionColumns = 'id, name, issuer, identity, groups, created, used, validated'

/**
 * A session from its row.
 *
 * @throws SyntaxError, TypeError for a row that another hand has written
 */
export function cachedOf(row: Row): Cached {
  const [identity, groups] = [text(row, 'identity'), text(row, 'groups')]
  return {
    id: text(row, 'id'),
    session: {
      name: text(row, 'name'),
      issuer: text(row, 'issuer'),
      identity: identityFrom(identity),
      groups: groupsFrom(groups),
      createdAt: number(row, 'created'),
      usedAt: number(row, 'used'),
      validatedAt: number(row, 'validated'),
    },
    weight: weightOf(identity, groups),
  }
}

/** Octets that a session is taken to need in memory, by its texts. */
export function weightOf(identity: string, groups: string): number {
  return 2 * (identity.length + groups.length) + 1024
}

export function textOfGroups(groups: KnownGroups): string {
  return JSON.stringify(groups.kind === 'listed' ? { kind: 'listed', ids: [...groups.ids] } : groups)
}

export const textOfIdentity = (identity: Identity): string => JSON.stringify(identity)

function groupsFrom(written: string): KnownGroups {
  const read: Exclude<KnownGroups, { kind: 'listed' }> | { kind: 'listed'; ids: readonly string[] } =
    JSON.parse(written)
  return read.kind === 'listed' ? { kind: 'listed', ids: new Set(read.ids) } : read
}

/** JSON leaves out what is undefined. */
function identityFrom(written: string): Identity {
  const absent = { isGuest: undefined, sessionId: undefined, tokenId: undefined, displayName: undefined }
  const read: Identity = JSON.parse(written)
  return { ...absent, ...read }
}

export function text(row: Row, column: string): string {
  const value = row[column]
  if (typeof value !== 'string') throw new TypeError(`${column} is no text`)
  return value
}

export function number(row: Row, column: string): number {
  const value = row[column]
  if (typeof value !== 'number') throw new TypeError(`${column} is no number`)
  return value
}

/** Which rows are meant. */
export function conditionOf(which: Which): readonly [where: string, values: readonly SQLInputValue[]] {
  if (which === 'all') return ['true', []]
  if ('name' in which) return ['name = ?', [which.name]]
  if ('sid' in which) return ['issuer = ? AND sid = ?', [which.issuer, which.sid]]
  if ('usedBefore' in which) return ['used <= ?', [which.usedBefore]]
  if ('createdBefore' in which) return ['created <= ?', [which.createdBefore]]
  const { tenantId, objectId } = which
  if (!('besides' in which)) return ['tenant = ? AND object = ?', [tenantId, objectId]]
  const others = 'SELECT id FROM session WHERE tenant = ? AND object = ? ORDER BY used DESC LIMIT -1 OFFSET ?'
  return [`id IN (${others})`, [tenantId, objectId, which.besides]]
}

/** Who was ended, from a row of either table. */
export function endedOf(row: Readonly<Record<string, unknown>>): Ended {
  const why = Object.keys(endings).find((each): each is Ending => each === row['why'])
  return {
    name: text(row, 'name'),
    why: why ?? 'revoked',
    tenantId: text(row, 'tenant'),
    objectId: text(row, 'object'),
  }
}
