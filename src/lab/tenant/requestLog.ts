import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TenantRequest } from './tenant.ts'

const mostRequests = 1000
/** Of a parameter. */
const mostLetters = 500
const withheld: ReadonlySet<string> = new Set([
  'code',
  'code_verifier',
  'client_secret',
  'client_assertion',
  'refresh_token',
  'access_token',
  'id_token_hint',
  'password',
  '$skiptoken',
])

type Entry = { -readonly [name in keyof TenantRequest]: TenantRequest[name] }

/** What was asked of the tenant, as far as it is nobody's secret. */
export class RequestLog {
  #entries: Entry[] = []

  get entries(): readonly TenantRequest[] {
    return this.#entries.map((entry) => ({ ...entry }))
  }

  forget(): void {
    this.#entries = []
  }

  begin(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    at: number,
  ): { form(form: URLSearchParams): void } {
    const entry: Entry = {
      at,
      method: request.method ?? '',
      path: url.pathname,
      parameters: shown(url.searchParams),
      userAgent: request.headers['user-agent'],
      status: undefined,
    }
    this.#entries.push(entry)
    if (this.#entries.length > mostRequests) this.#entries.shift()
    response.once('finish', () => {
      entry.status = response.statusCode
    })
    return {
      form: (form) => {
        entry.parameters = { ...entry.parameters, ...shown(form) }
      },
    }
  }
}

const shown = (parameters: URLSearchParams): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...parameters].map(([name, value]) => [name, withheld.has(name) ? '(withheld)' : value.slice(0, mostLetters)]),
  )
