import { randomUUID } from 'node:crypto'

/** An error as Entra numbers it. */
export interface EntraError {
  readonly status: number
  /** Of RFC 6749 §5.2 or OpenID Connect Core §3.1.2.6. */
  readonly error: string
  /** The number after AADSTS. */
  readonly code: number
  readonly says: string
}

export const entraError = (code: number, error: string, says: string, status = 400): EntraError => ({
  status,
  error,
  code,
  says,
})

interface Row {
  readonly error: string
  /** In what the protocol library says; none: anything else of this error. */
  readonly told?: RegExp
  readonly code: number
  readonly says: string
}

/** The protocol library's errors in Entra's words: https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
const rows: readonly Row[] = [
  {
    error: 'invalid_client',
    told: /client not found/,
    code: 700016,
    says: 'Application was not found in the directory.',
  },
  { error: 'invalid_client', told: /secret/, code: 7000215, says: 'Invalid client secret provided.' },
  { error: 'invalid_client', code: 700027, says: 'The certificate or assertion of the client is not valid.' },
  { error: 'invalid_grant', told: /already/, code: 54005, says: 'The code or token was already redeemed.' },
  {
    error: 'invalid_grant',
    told: /expired/,
    code: 70008,
    says: 'The provided authorization code or refresh token has expired.',
  },
  {
    error: 'invalid_grant',
    told: /redirect_uri/,
    code: 500112,
    says: 'The reply address does not match the one of the request for the code.',
  },
  {
    error: 'invalid_grant',
    told: /code_|PKCE/,
    code: 501481,
    says: 'The Code_Verifier does not match the code_challenge supplied in the authorization request.',
  },
  {
    error: 'invalid_grant',
    told: /client mismatch/,
    code: 700005,
    says: 'The provided code or refresh token is for another application.',
  },
  {
    error: 'invalid_grant',
    code: 70000,
    says: 'The provided authorization code or refresh token is malformed or invalid.',
  },
  {
    error: 'invalid_request',
    told: /redirect_uri/,
    code: 50011,
    says: 'The redirect URI specified in the request does not match the redirect URIs configured for the application.',
  },
  {
    error: 'invalid_request',
    told: /PKCE|code_challenge/,
    code: 9002325,
    says: 'Proof Key for Code Exchange with the method S256 is required.',
  },
  {
    error: 'invalid_request',
    told: /no client authentication/,
    code: 7000218,
    says: "The request body must contain 'client_assertion' or 'client_secret'.",
  },
  {
    error: 'invalid_request',
    told: /missing required|must be provided/,
    code: 900144,
    says: 'A required parameter is missing.',
  },
  {
    error: 'invalid_request',
    told: /must not be included more|parameters must not be provided twice|twice/,
    code: 9000411,
    says: 'A parameter was provided twice.',
  },
  {
    error: 'invalid_redirect_uri',
    code: 50011,
    says: 'The redirect URI specified in the request does not match the redirect URIs configured for the application.',
  },
  { error: 'invalid_scope', code: 70011, says: 'The provided value for the input parameter scope is not valid.' },
  { error: 'unsupported_grant_type', code: 70003, says: 'The app returned an unsupported grant type.' },
  { error: 'unsupported_response_type', code: 70007, says: 'The response type is not supported.' },
  { error: 'login_required', code: 50058, says: 'Session information is not sufficient for single-sign-on.' },
  { error: 'interaction_required', code: 50076, says: 'Multi-factor authentication is needed to access the resource.' },
  { error: 'consent_required', code: 65001, says: 'The user has not consented to use the application.' },
  { error: 'access_denied', code: 65004, says: 'User declined to consent to access the app.' },
]

/**
 * @param told what the protocol library says of it; where that is Entra's own it is kept
 */
export function numbered(error: string, told: string, status: number): EntraError {
  const own = /^AADSTS(\d+): ([^\r\n]*)/.exec(told)
  if (own?.[1] !== undefined && own[2] !== undefined) return { status, error, code: Number(own[1]), says: own[2] }
  const row = rows.find((one) => one.error === error && (one.told === undefined || one.told.test(told)))
  return row === undefined
    ? {
        status,
        error,
        code: 900000,
        says: told.trim() === '' ? 'The request is not valid.' : told.replaceAll(/\s+/g, ' '),
      }
    : { status, error: error === 'invalid_redirect_uri' ? 'invalid_request' : error, code: row.code, says: row.says }
}

/** The text that is sent to an app: number, sentence, and what support would ask for. */
export function describe({ code, says }: EntraError, nowMs: number): string {
  const stamp = `${new Date(nowMs).toISOString().slice(0, 19).replace('T', ' ')}Z`
  return `AADSTS${code}: ${says} Trace ID: ${randomUUID()} Correlation ID: ${randomUUID()} Timestamp: ${stamp}`
}

/** What the token endpoint answers. */
export function errorBody(error: EntraError, nowMs: number): Readonly<Record<string, unknown>> {
  const description = describe(error, nowMs)
  return {
    error: error.error,
    error_description: description,
    error_codes: [error.code],
    timestamp: /Timestamp: (.*)$/.exec(description)?.[1],
    trace_id: /Trace ID: (\S+)/.exec(description)?.[1],
    correlation_id: /Correlation ID: (\S+)/.exec(description)?.[1],
    ...(error.error === 'interaction_required' && { suberror: 'basic_action' }),
  }
}
