import { randomUUID } from 'node:crypto'
import { isGuid } from '../../model/guid.ts'

/** An entry of the sign-in log as Microsoft Graph gives it, with the members that matter for a join. */
export interface SignInLogEntry {
  readonly id: string
  /** ISO 8601, UTC. */
  readonly createdDateTime: string
  readonly userId: string
  readonly userDisplayName: string
  readonly userPrincipalName: string
  readonly appId: string
  readonly appDisplayName: string
  readonly ipAddress: string
  readonly correlationId: string
  readonly status: { readonly errorCode: number; readonly failureReason: string }
  readonly conditionalAccessStatus: 'notApplied' | 'success' | 'failure'
  readonly resourceId: string
  readonly isInteractive: boolean
}

/** What a request to sign in came to. */
export interface SignedIn {
  readonly at: number
  readonly person: { readonly id: string; readonly name: string; readonly userName: string } | undefined
  readonly app: { readonly clientId: string; readonly name: string }
  readonly address: string | undefined
  /** `client-request-id`, as the client sent it. */
  readonly asked: string | undefined
  readonly code: number
  readonly hasSecondFactor: boolean
  readonly resource: string
}

const mostEntries = 1000

/** Interactive sign-ins of the tenant, newest last. https://learn.microsoft.com/graph/api/resources/signin */
export class SignInLog {
  #entries: SignInLogEntry[] = []

  get entries(): readonly SignInLogEntry[] {
    return [...this.#entries]
  }

  forget(): void {
    this.#entries = []
  }

  add({ at, person, app, address = '', asked, code, hasSecondFactor, resource }: SignedIn): void {
    this.#entries.push({
      id: randomUUID(),
      createdDateTime: new Date(at).toISOString(),
      userId: person?.id ?? '',
      userDisplayName: person?.name ?? '',
      userPrincipalName: person?.userName.toLowerCase() ?? '',
      appId: app.clientId,
      appDisplayName: app.name,
      // Node shows IPv4 on a socket of both families in the form of IPv6.
      ipAddress: address.replace(/^::ffff:(?=\d+\.)/i, ''),
      correlationId: asked !== undefined && isGuid(asked) ? asked.toLowerCase() : randomUUID(),
      status: { errorCode: code, failureReason: code === 0 ? 'Other.' : 'See the error code.' },
      conditionalAccessStatus: hasSecondFactor ? 'success' : 'notApplied',
      resourceId: resource,
      isInteractive: true,
    })
    if (this.#entries.length > mostEntries) this.#entries.shift()
  }

  /**
   * Entries of a question, newest first.
   *
   * @param filter `createdDateTime ge 2026-03-28T12:00:00Z and appId eq '…'`: those two, joined by `and`, and `or` in brackets
   * @returns undefined for a filter that is understood otherwise
   */
  asked(filter: string | null, now: number): readonly SignInLogEntry[] | undefined {
    const isWanted = readFilter(filter ?? '')
    if (isWanted === undefined) return undefined
    const newestFirst = this.entries.toReversed()
    return newestFirst.filter((entry) => Date.parse(entry.createdDateTime) <= now && isWanted(entry))
  }
}

type Wanted = (entry: SignInLogEntry) => boolean

function readFilter(text: string): Wanted | undefined {
  const rules = text === '' ? [] : text.split(/ and (?![^(]*\))/).map(readRule)
  const whole = rules.filter((rule) => rule !== undefined)
  return whole.length === rules.length ? (entry) => whole.every((rule) => rule(entry)) : undefined
}

function readRule(text: string): Wanted | undefined {
  const alternatives = text
    .replace(/^\((.*)\)$/, '$1')
    .split(' or ')
    .map(readTerm)
  const whole = alternatives.filter((rule) => rule !== undefined)
  return whole.length === alternatives.length ? (entry) => whole.some((rule) => rule(entry)) : undefined
}

function readTerm(text: string): Wanted | undefined {
  const [, since] = /^createdDateTime ge (\S+)$/.exec(text) ?? []
  if (since !== undefined && !Number.isNaN(Date.parse(since))) {
    return ({ createdDateTime }) => Date.parse(createdDateTime) >= Date.parse(since)
  }
  const [, app] = /^appId eq '([0-9A-Fa-f-]+)'$/.exec(text) ?? []
  return app === undefined ? undefined : ({ appId }) => appId === app.toLowerCase()
}
