import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { GateScene } from '../../src/lab/gateScene/gateScene.ts'
import { gateApp, openTenant } from '../../src/lab/tenant/index.ts'
import { freePorts } from '../../test/freePorts.ts'
import { findPeer } from '../peer.ts'
import { cookiesAfterSignIn } from './gateUnderLoad.ts'
import type { Asked } from './h2load.ts'
import { startApache, startHaproxy, startNginxProxy, startNodeProxy, startNodeServer } from './peers.ts'
import type { PinnedProgram } from './pinnedProgram.ts'

/** A gateway as it is asked. */
export interface Contender extends Asked {
  readonly name: string
  readonly program: PinnedProgram
}

export const ours = {
  anonymous: 'our gate, anonymous',
  session: 'our gate, session',
  token: 'our gate, token',
} as const
export const peers = {
  nginx: 'nginx, TLS proxy',
  haproxy: 'haproxy, TLS proxy',
  apache: 'Apache with mod_auth_openidc, signed in',
  node: 'Node, TLS proxy',
  server: 'Node, TLS server that answers by itself',
} as const

/** The gate in its three ways: to whom it asks nothing, by a session, by a token. */
export async function gateContenders(scene: GateScene, program: PinnedProgram): Promise<readonly Contender[]> {
  const { origin, tenant, client, daemon } = scene
  const cookies = await cookiesAfterSignIn(scene, origin, '/.postern/sign-in?return=%2Fteam')
  const token = await tenant.accessToken({ client: daemon.clientId, api: client })
  return [
    { name: ours.anonymous, program, url: `${origin}/`, headers: [] },
    { name: ours.session, program, url: `${origin}/team`, headers: [`cookie: ${cookies}`] },
    { name: ours.token, program, url: `${origin}/api/hello`, headers: [`authorization: Bearer ${token}`] },
  ]
}

/** Those that are installed, each with what ends it put into `opened`. */
export async function peerContenders(
  scene: GateScene,
  backendPort: number,
  opened: (() => unknown)[],
): Promise<readonly Contender[]> {
  const { folder } = scene
  const [nginxPort = 0, haproxyPort = 0, apachePort = 0, nodePort = 0, serverPort = 0] = await freePorts(5)
  const found: Contender[] = []
  const add = (name: string, port: number, program: PinnedProgram, headers: readonly string[] = []): void => {
    opened.push(() => program.close())
    found.push({ name, program, url: `https://localhost:${port}/`, headers })
  }
  const nginx = findPeer('nginx')
  if (nginx !== undefined) {
    add(peers.nginx, nginxPort, await startNginxProxy(nginx, { port: nginxPort, backendPort, folder }))
  }
  const haproxy = findPeer('haproxy')
  if (haproxy !== undefined) {
    add(peers.haproxy, haproxyPort, await startHaproxy(haproxy, { port: haproxyPort, backendPort, folder }))
  }
  const apache = findPeer('apache2')
  if (apache !== undefined) {
    const { program, cookies } = await signedInAtApache(scene, apache, apachePort, backendPort, opened)
    add(peers.apache, apachePort, program, [`cookie: ${cookies}`])
  }
  add(peers.node, nodePort, await startNodeProxy({ port: nodePort, backendPort, folder }))
  add(peers.server, serverPort, await startNodeServer({ port: serverPort, folder }))
  return found
}

/** Apache with a tenant in which its own redirect URI is registered. */
async function signedInAtApache(
  scene: GateScene,
  path: string,
  port: number,
  backendPort: number,
  opened: (() => unknown)[],
) {
  const origin = `https://localhost:${port}`
  const secret = randomBytes(24).toString('base64url')
  const registration = gateApp(origin, { secret })
  const { keyPem, chainPem } = await scene.pki.certificate('genuine', 'localhost')
  const certificate = { keyPem, chainPem, caPem: scene.pki.rootPem }
  const tenant = await openTenant({ certificate, apps: [registration] })
  opened.push(() => tenant.close())
  const metadata = `${tenant.origin}/${tenant.id}/v2.0/.well-known/openid-configuration`
  const callback = '/.postern/callback'
  const { folder } = scene
  const program = await startApache(path, {
    ...{ port, backendPort, folder, metadata, clientId: registration.clientId, secret, callback },
  })
  try {
    return { program, cookies: await cookiesAfterSignIn({ pki: scene.pki, tenant }, origin, '/') }
  } catch (error) {
    await program.close()
    const log = await readFile(join(folder, 'apache/error.log'), 'utf8')
    throw new Error(`Apache: ${log.slice(-1000)}`, { cause: error })
  }
}
