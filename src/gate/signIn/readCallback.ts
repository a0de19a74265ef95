/** What Entra ID sent a browser back with: one value of each, bounded. */
export interface Callback {
  readonly state: string
  /** RFC 9207. */
  readonly issuer?: string
  readonly answer:
    | { readonly kind: 'code'; readonly code: string }
    /** Words and digits alone: no text of the answer. */
    | { readonly kind: 'error'; readonly error: string; readonly code?: string }
}

/** Of which two would have two readers take one each. */
const parameters = [
  'code',
  'state',
  'iss',
  'error',
  'error_description',
  'id_token',
  'access_token',
  'response',
] as const
const longestCode = 6_000

/** Reads the authorization response (RFC 6749 §4.1.2). Never throws, whatever the query. */
export function readCallback(query: string): Callback | 'duplicate-parameter' | 'answer-unreadable' {
  const fields = new URLSearchParams(query)
  if (parameters.some((name) => fields.getAll(name).length > 1)) return 'duplicate-parameter'
  const [code, state, issuer, error] = ['code', 'state', 'iss', 'error'].map((name) => fields.get(name) ?? undefined)
  // The gate asks for a code in the query and nothing else: tokens in it were put there by somebody.
  if (fields.has('id_token') || fields.has('access_token') || fields.has('response')) return 'answer-unreadable'
  if (state === undefined || !/^[\w-]{43}$/.test(state)) return 'answer-unreadable'
  const common = { state, ...(issuer !== undefined && { issuer }) }
  if (error !== undefined) {
    if (code !== undefined) return 'answer-unreadable'
    const number = /AADSTS\d{4,9}/.exec(fields.get('error_description') ?? '')?.[0]
    const word = errorWords.has(error) ? error : 'another-error'
    return { ...common, answer: { kind: 'error', error: word, ...(number !== undefined && { code: number }) } }
  }
  if (code === undefined || code.length > longestCode || !/^[\x21-\x7e]+$/.test(code)) return 'answer-unreadable'
  return { ...common, answer: { kind: 'code', code } }
}

/** RFC 6749 §4.1.2.1, OpenID Connect Core 1.0 §3.1.2.6: others are not written down as they came. */
const errorWords: ReadonlySet<string> = new Set([
  'access_denied',
  'account_selection_required',
  'consent_required',
  'interaction_required',
  'invalid_client',
  'invalid_grant',
  'invalid_request',
  'invalid_resource',
  'invalid_scope',
  'login_required',
  'server_error',
  'temporarily_unavailable',
  'unauthorized_client',
  'unsupported_response_type',
])
