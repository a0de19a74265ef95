import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { isGuid } from '../../model/guid.ts'
import { openPki } from '../servers/pki.ts'
import { type AppRegistration, graphAppId } from './apps.ts'
import { readScope } from './askedScope.ts'
import { keepSignIns, shapeAuthorization } from './authorizeEndpoint.ts'
import { Directory } from './directory.ts'
import { TenantKeys } from './keys.ts'
import type { Misbehaviour } from './misbehaviour.ts'
import { people } from './people.ts'
import type { Place } from './place.ts'
import { issuerV1, issuerV2 } from './place.ts'
import { openProtocol, type Protocol } from './protocol.ts'
import { RequestLog } from './requestLog.ts'
import { SignInLog } from './signInLog.ts'
import { signToken, type TokenMaker } from './signToken.ts'
import type { AccessTokenRequest, PersonChange, Tenant, TenantOptions } from './tenant.ts'
import { tenantListener } from './tenantListener.ts'
import { appTokenClaims, userTokenClaims } from './tokenClaims.ts'
import { shapeTokens } from './tokenEndpoint.ts'

const usualTenant = '6f1d3c52-8a4b-4e0f-9c37-2b5e1d9a7c40'

/** Opens the tenant; {@link TenantOptions} says what with. */
export async function openTenantServer(options: TenantOptions): Promise<Tenant> {
  const { now = Date.now, tenantId = usualTenant, graphPage = 100, tokenSeconds = 3600, port = 0, signal } = options
  checkOptions({ port, tenantId, graphPage, tokenSeconds })
  signal?.throwIfAborted()
  const certificate = options.certificate ?? (await ownCertificate(now))
  const keys = await TenantKeys.open(now)
  const jwk = await crypto.subtle.exportKey('jwk', keys.signing.privateKey)
  const server = createServer({ key: certificate.keyPem, cert: certificate.chainPem, maxHeaderSize: 32_768 })
  const taken = await listen(server, port)
  try {
    const place: Place = { origin: `https://localhost:${taken}`, tenantId }
    const directory = new Directory(options.people ?? Object.values(people), options.apps ?? [], place.origin)
    const signing = { ...jwk, kid: keys.signing.kid, use: 'sig' }
    const protocol = openProtocol({ place, directory, tokenSeconds, now, jwk: signing })
    const { caPem } = certificate
    const tenant = new RunningTenant({ server, place, directory, keys, protocol, now, graphPage, tokenSeconds, caPem })
    const onAbort = (): void => void tenant.close()
    signal?.addEventListener('abort', onAbort, { once: true, signal: tenant.ended })
    signal?.throwIfAborted()
    return tenant
  } catch (error) {
    await stopListening(server)
    throw error
  }
}

interface TenantParts {
  readonly server: Server
  readonly place: Place
  readonly directory: Directory
  readonly keys: TenantKeys
  readonly protocol: Protocol
  readonly now: () => number
  readonly graphPage: number
  readonly tokenSeconds: number
  readonly caPem: string
}

class RunningTenant implements Tenant {
  readonly origin: string
  readonly port: number
  readonly id: string
  readonly issuer: string
  readonly v1Issuer: string
  readonly caPem: string
  readonly #parts: TenantParts
  readonly #log = new RequestLog()
  readonly #ending = new AbortController()
  #how: Misbehaviour = {}
  #closing: Promise<void> | undefined

  constructor(parts: TenantParts) {
    const { place, server, protocol, directory, now } = parts
    this.#parts = parts
    this.origin = place.origin
    this.port = Number(new URL(place.origin).port)
    this.id = place.tenantId
    this.issuer = issuerV2(place)
    this.v1Issuer = issuerV1(place)
    this.caPem = parts.caPem
    const how = () => this.#how
    const signIns = new SignInLog()
    keepSignIns(protocol.provider, signIns, directory, now)
    shapeAuthorization(protocol.provider, now, how)
    shapeTokens(protocol, directory, () => this.#maker())
    const handle = protocol.provider.callback()
    server.on(
      'request',
      tenantListener({ ...parts, handle, signIns, log: this.#log, signal: this.#ending.signal, how }),
    )
  }

  get people() {
    return this.#parts.directory.people
  }

  get apps() {
    return this.#parts.directory.apps
  }

  get requests() {
    return this.#log.entries
  }

  forgetRequests(): void {
    this.#log.forget()
  }

  register(app: AppRegistration): void {
    this.#parts.directory.register(app)
  }

  change(person: string, change: PersonChange): void {
    this.#parts.directory.change(person, change)
  }

  async misbehave(how: Misbehaviour): Promise<void> {
    const { keys, server } = this.#parts
    if (how.keys !== undefined && how.keys !== 'of-another-issuer') await keys.rotate()
    this.#how = how
    if (how.down) await stopListening(server)
    else if (!server.listening && !this.#ending.signal.aborted) await listen(server, this.port)
  }

  behave(): Promise<void> {
    return this.misbehave({})
  }

  accessToken(asked: AccessTokenRequest): Promise<string> {
    return accessToken(asked, this.#parts.directory, this.#maker())
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      this.#ending.abort()
      await stopListening(this.#parts.server)
    })()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Aborted when the tenant is closed. */
  get ended(): AbortSignal {
    return this.#ending.signal
  }

  #maker(): TokenMaker {
    const { place, keys, now, tokenSeconds } = this.#parts
    return {
      place,
      key: keys.signing,
      nowSec: Math.floor(now() / 1000),
      lifetimeSec: tokenSeconds,
      how: this.#how,
    }
  }
}

function checkOptions(told: { port: number; tenantId: string; graphPage: number; tokenSeconds: number }): void {
  const { port, tenantId, graphPage, tokenSeconds } = told
  if (!isGuid(tenantId) || tenantId !== tenantId.toLowerCase()) {
    throw new RangeError(`tenantId must be a GUID in lower case: ${tenantId}`)
  }
  const isIn = (value: number, least: number, most: number) =>
    Number.isInteger(value) && value >= least && value <= most
  if (port !== 0 && !isIn(port, 1024, 65_535)) throw new RangeError(`port must be 0 or from 1024 to 65535: ${port}`)
  if (!isIn(graphPage, 1, 999)) throw new RangeError(`graphPage must be 1 to 999: ${graphPage}`)
  if (!isIn(tokenSeconds, 60, 100_800)) throw new RangeError(`tokenSeconds must be 60 to 100800: ${tokenSeconds}`)
}

async function ownCertificate(now: () => number) {
  // Nobody publishes for this PKI: a client that looks for a list finds a closed port of its own machine.
  const pki = await openPki({ clock: now, publishedAt: 'http://127.0.0.1:9' })
  const { keyPem, chainPem } = await pki.certificate('genuine', 'localhost')
  return { keyPem, chainPem, caPem: pki.rootPem }
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const { port: taken } = server.address() as AddressInfo
  return taken
}

async function stopListening(server: Server): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

async function accessToken(asked: AccessTokenRequest, directory: Directory, maker: TokenMaker): Promise<string> {
  const app = directory.app(asked.client)
  const api = directory.app(asked.api)
  if (app === undefined || api?.api === undefined)
    throw new RangeError(`${asked.client} or ${asked.api} is not registered`)
  const all = readScope(`${asked.api}/.default`, directory)
  if ('code' in all) throw new RangeError(all.says)
  const scopes = asked.scopes ?? all.scopes
  const capabilities = asked.takesClaimsChallenges ? ['cp1'] : []
  const granted = { api, named: api.api.identifierUris[0] ?? api.clientId, scopes, proof: '1', capabilities } as const
  const person = asked.person === undefined ? undefined : directory.person(asked.person)
  if (asked.person !== undefined && person === undefined)
    throw new RangeError(`${asked.person} is nobody of this tenant`)
  const contexts = asked.contexts ?? []
  const factors = contexts.length > 0 ? ['pwd', 'mfa'] : ['pwd']
  const claims =
    person === undefined
      ? appTokenClaims(maker, app, granted)
      : userTokenClaims(
          maker,
          { person, app, nonce: undefined, sid: undefined, authTime: maker.nowSec, contexts, factors },
          granted,
        )
  return await signToken(maker, { ...claims, ...asked.claims }, api.clientId === graphAppId ? 'graph' : 'access')
}
