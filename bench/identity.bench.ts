import { exportJWK, generateKeyPair, importJWK, jwtVerify, SignJWT } from 'jose'
import { TokenVerifier } from '../src/identity/index.ts'
import type { Bench } from './figure.ts'
import { figure } from './figure.ts'

const tenant = '3f0f9b6e-9c1d-4a7e-8f6a-2f4a1c5d7e90'
const api = '11111111-2222-4333-8444-555555555555'
const issuer = `https://login.microsoftonline.com/${tenant}/v2.0`
const place = `https://login.microsoftonline.com/${tenant}/discovery/v2.0/keys`
const runs = 5
const tokens = 2000
/** As many as one process that serves requests has under way. */
const atOnce = 16

/** Tokens a second of something that verifies one. */
async function rateOf(count: number, verify: (at: number) => Promise<unknown>): Promise<number> {
  let next = 0
  const worker = async (): Promise<void> => {
    for (let at = next++; at < count; at = next++) await verify(at)
  }
  const start = process.hrtime.bigint()
  await Promise.all(Array.from({ length: atOnce }, worker))
  return count / (Number(process.hrtime.bigint() - start) / 1e9)
}

async function series(verify: () => Promise<number>): Promise<readonly number[]> {
  await verify()
  const rates: number[] = []
  for (let run = 0; run < runs; run += 1) rates.push(await verify())
  return rates
}

export const bench: Bench = {
  question: 'how many access tokens of Entra ID are verified a second in one process, beside jose alone?',
  async run() {
    const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
    const jwk = { ...(await exportJWK(publicKey)), kid: 'k', use: 'sig' }
    const now = Math.floor(Date.now() / 1000)
    const groups = Array.from({ length: 200 }, (_, at) => `ab000000-2222-4333-8444-${String(at).padStart(12, '0')}`)
    const sign = (at: number, more: object = {}): Promise<string> =>
      new SignJWT({
        ...{ iss: issuer, aud: api, tid: tenant, oid: api, sub: `s${at}`, azp: api, scp: 'a', ver: '2.0', ...more },
        ...{ iat: now, nbf: now, exp: now + 3600 },
      })
        .setProtectedHeader({ alg: 'RS256', kid: 'k' })
        .sign(privateKey)
    const small = await Promise.all(Array.from({ length: tokens }, (_, at) => sign(at)))
    const large = await Promise.all(Array.from({ length: tokens }, (_, at) => sign(at, { groups })))
    const answers: Readonly<Record<string, unknown>> = { [place]: { keys: [jwk] } }
    const verifier = (mostRemembered: number): TokenVerifier =>
      new TokenVerifier({
        ...{ cloud: 'worldwide', tenants: [tenant], audiences: [api], mostRemembered, now: () => Date.now() },
        fetchJson: async (url) => answers[url] ?? { issuer, jwks_uri: place },
      })
    const key = await importJWK(jwk, 'RS256')
    const alone = (list: readonly string[]) => () =>
      rateOf(list.length, (at) => jwtVerify(list[at] ?? '', key, { issuer, audience: api, algorithms: ['RS256'] }))
    const anew = (list: readonly string[]) => async () => {
      const made = verifier(0)
      return rateOf(list.length, async (at) => {
        const verdict = await made.verify(list[at] ?? '')
        if (!verdict.ok) throw new Error(verdict.reason)
      })
    }
    const known = verifier(10_000)
    return [
      figure('jose alone, 0.6 KB', '/s', await series(alone(small))),
      figure('postern/identity, 0.6 KB, not seen before', '/s', await series(anew(small))),
      figure('jose alone, 200 groups', '/s', await series(alone(large))),
      figure('postern/identity, 200 groups, not seen before', '/s', await series(anew(large))),
      figure(
        'postern/identity, 200 groups, seen before',
        '/s',
        await series(() => rateOf(large.length, (at) => known.verify(large[at] ?? ''))),
      ),
    ]
  },
}
