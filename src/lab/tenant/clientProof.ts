import { createHash, X509Certificate } from 'node:crypto'
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, exportJWK, importX509, jwtVerify } from 'jose'
import type { AppRegistration } from './apps.ts'
import type { Directory } from './directory.ts'
import { type EntraError, entraError } from './entraErrors.ts'

/** How a client proved itself, and the form with which the protocol library sees the same. */
export interface ClientProof {
  readonly proof: '0' | '1' | '2'
  readonly form: URLSearchParams
}

const exchange = 'api://AzureADTokenExchange'

/**
 * Looks at what a client proves itself with where the protocol library knows no such thing: an assertion of another issuer
 * that the registration trusts, and the header by which Entra finds the certificate of an assertion.
 *
 * @param secretOf what the library takes for the secret of an app
 */
export async function proveClient(
  form: URLSearchParams,
  directory: Directory,
  secretOf: (app: AppRegistration) => string,
): Promise<ClientProof | EntraError> {
  const assertion = form.get('client_assertion')
  if (assertion === null) return { proof: form.has('client_secret') ? '1' : '0', form }
  const read = readAssertion(assertion)
  if (read === undefined) return entraError(50027, 'invalid_request', 'JWT token is invalid or malformed.')
  const app = directory.app(form.get('client_id') ?? read.subject)
  if (app === undefined) return { proof: '2', form }
  const { federated, certificatePem } = app.credentials
  if (federated !== undefined && read.issuer === federated.issuer) {
    return (await isFederated(assertion, federated))
      ? { proof: '2', form: withSecret(form, app, secretOf(app)) }
      : noMatch
  }
  if (read.issuer !== app.clientId && read.subject !== app.clientId) return noMatch
  if (certificatePem === undefined || !thumbprints(certificatePem).has(read.thumbprint)) {
    const says =
      'Client assertion contains an invalid signature: the key was not found by its thumbprint (x5t#S256, x5t or kid).'
    return entraError(700027, 'invalid_client', says, 401)
  }
  return { proof: '2', form }
}

const noMatch = entraError(
  700211,
  'invalid_client',
  'No matching federated identity record found for presented assertion issuer and subject.',
  401,
)

/** The public key of the certificate that assertions of an app are signed with, under the key id that one names. */
export async function assertionKey(certificatePem: string, kid: unknown) {
  const jwk = await exportJWK(await importX509(certificatePem, 'PS256', { extractable: true }))
  return { ...jwk, use: 'sig', ...(typeof kid === 'string' && { kid }) }
}

function readAssertion(assertion: string) {
  try {
    const { iss, sub } = decodeJwt(assertion)
    const header = decodeProtectedHeader(assertion)
    const named = header['x5t#S256'] ?? header.x5t ?? header.kid
    return { issuer: iss ?? '', subject: sub ?? '', thumbprint: typeof named === 'string' ? named.toLowerCase() : '' }
  } catch {
    return undefined
  }
}

async function isFederated(
  assertion: string,
  { issuer, subject, keys }: NonNullable<AppRegistration['credentials']['federated']>,
): Promise<boolean> {
  try {
    await jwtVerify(assertion, createLocalJWKSet({ keys: [...keys] }), {
      issuer,
      subject,
      audience: exchange,
      requiredClaims: ['exp'],
      algorithms: ['RS256', 'PS256', 'ES256'],
    })
    return true
  } catch {
    return false
  }
}

function withSecret(form: URLSearchParams, app: AppRegistration, secret: string): URLSearchParams {
  const proven = new URLSearchParams(form)
  proven.delete('client_assertion')
  proven.delete('client_assertion_type')
  proven.set('client_id', app.clientId)
  proven.set('client_secret', secret)
  return proven
}

/** Of a certificate, in the spellings that stand in assertions, in lower case. */
function thumbprints(certificatePem: string): ReadonlySet<string> {
  const der = new X509Certificate(certificatePem).raw
  const digests = ['sha1', 'sha256'].map((hash) => createHash(hash).update(der).digest())
  return new Set(digests.flatMap((one) => [one.toString('base64url').toLowerCase(), one.toString('hex')]))
}
