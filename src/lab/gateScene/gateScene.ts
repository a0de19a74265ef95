import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SampleApp } from '../sampleApp/sampleApp.ts'
import { openSampleApp } from '../sampleApp/sampleApp.ts'
import type { Pki } from '../servers/pki.ts'
import { openPki } from '../servers/pki.ts'
import { revocationAnswers } from '../servers/revocation.ts'
import type { Tenant } from '../tenant/index.ts'
import { daemonApp, gateApp, openTenant } from '../tenant/index.ts'

export interface SceneOptions {
  /** Port of the gate: the one that its origin names. */
  readonly gatePort: number
  /** Port of the tenant; 0, the default, takes any that is free. */
  readonly tenantPort?: number
  /** Milliseconds since 1970; default: the machine's clock. */
  readonly clock?: () => number
  /** Makes the folder of the scene, which removes it. Default: a new one among the temporary files. */
  readonly makeFolder?: () => Promise<string>
}

/** Everything around a gate: a tenant, an app behind it, certificates, and the site file that joins them. */
export interface GateScene {
  /** `https://localhost:PORT` of the gate, which the scene does not open. */
  readonly origin: string
  readonly tenant: Tenant
  readonly app: SampleApp
  readonly pki: Pki
  readonly folder: string
  readonly siteFile: string
  /** Client id of the gate's app registration. */
  readonly client: string
  /** The secret of the daemon's app registration, for `curl`. */
  readonly daemon: { readonly clientId: string; readonly secret: string }
  /** Ends everything and removes the folder. Safe to call more than once. */
  close(): Promise<void>
}

/** Opens the scene; the folder has the certificates, the client secret and the site file. */
export async function openGateScene(options: SceneOptions): Promise<GateScene> {
  const { gatePort, tenantPort = 0, clock = Date.now } = options
  const { makeFolder = () => mkdtemp(join(tmpdir(), 'postern-gate-')) } = options
  const opened: (() => unknown)[] = []
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => {
    closing ??= (async () => {
      for (const one of opened.reverse()) await one()
    })()
    return closing
  }
  try {
    const folder = await makeFolder()
    opened.push(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))
    const origin = `https://localhost:${gatePort}`
    const { pki, end } = await openAuthority(clock)
    opened.push(end)
    const served = await pki.certificate('genuine', 'localhost')
    const certificate = { keyPem: served.keyPem, chainPem: served.chainPem, caPem: pki.rootPem }
    const secret = randomBytes(24).toString('base64url')
    const daemonSecret = randomBytes(24).toString('base64url')
    const registration = gateApp(origin, { secret })
    const daemon = daemonApp(daemonSecret, registration.clientId)
    const tenant = await openTenant({ port: tenantPort, certificate, apps: [registration, daemon] })
    opened.push(() => tenant.close())
    const token = await tenant.accessToken({ client: daemon.clientId, api: registration.clientId })
    const app = await openSampleApp()
    opened.push(() => app.close())
    const siteFile = join(folder, 'postern.yaml')
    await mkdir(join(folder, 'state'), { mode: 0o700 })
    await Promise.all([
      writeFile(join(folder, 'gate.pem'), served.chainPem),
      writeFile(join(folder, 'gate.key'), served.keyPem, { mode: 0o600 }),
      writeFile(join(folder, 'root.pem'), pki.rootPem),
      // For curl, which reads header fields from a file: a token on the command line is everybody's who lists processes.
      writeFile(join(folder, 'daemon.header'), `Authorization: Bearer ${token}\n`, { mode: 0o600 }),
      writeFile(join(folder, 'client-secret'), `${secret}\n`, { mode: 0o600 }),
      writeFile(
        siteFile,
        siteYaml({
          origin,
          authority: tenant.origin,
          tenantId: tenant.id,
          client: registration.clientId,
          app: app.url,
        }),
      ),
    ])
    return {
      origin,
      tenant,
      app,
      pki,
      folder,
      siteFile,
      client: registration.clientId,
      daemon: { clientId: daemon.clientId, secret: daemonSecret },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** A CA of the scene's own, whose lists and answers are to be had where its certificates say. */
async function openAuthority(clock: () => number): Promise<{ readonly pki: Pki; readonly end: () => Promise<void> }> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const pki = await openPki({ clock, publishedAt: `http://127.0.0.1:${port}` })
  server.on('request', revocationAnswers(pki))
  const end = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { pki, end }
}

interface Joined {
  readonly origin: string
  readonly authority: string
  readonly tenantId: string
  readonly client: string
  readonly app: string
}

/** What a person would write, with routes of every kind. */
function siteYaml({ origin, authority, tenantId, client, app }: Joined): string {
  return `# The gate of the first minute: a sample app behind a sign-in with the built-in tenant.
site: first-minute
tenant: ${tenantId}
hosts:
  gate01: { roles: [app-8443], name: localhost, addresses: [127.0.0.1] }
trust: { certificates: [root.pem] }
gate:
  origin: ${origin}
  administration-port: 0
  transport-security-seconds: 0     # it would hold for every port of localhost
  listen: [127.0.0.1:${new URL(origin).port}]
  certificates: [{ certificate: gate.pem, key: gate.key }]
  authority: ${authority}            # a tenant that is played; leave it out for Entra ID
  sign-in: { client: ${client}, secret: file:client-secret }
  api: { audiences: [${client}], accepts: both }
  sessions: { file: state/sessions.sqlite }
  record: { folder: state/record }
  backends:
    app: { urls: [${app}] }
  routes:
    - { id: welcome, path: /, allow: [{ anonymous: true }] }
    - { id: style, path: /style.css, allow: [{ anonymous: true }] }
    - { id: script, path: /script.js, allow: [{ anonymous: true }] }
    - { id: team, path: /team, allow: [{ signed-in: true }] }
    - { id: live, path: /live/*, allow: [{ signed-in: true }] }
    - { id: api, path: /api/*, allow: [{ signed-in: true, apps: allowed }] }
    - { id: admin, path: /admin, allow: [{ roles: [Admin] }] }
    - { id: vault, path: /vault, allow: [{ authentication-context: c1 }] }
`
}
