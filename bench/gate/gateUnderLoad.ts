import { chmod, readFile, writeFile } from 'node:fs/promises'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import type { GateScene } from '../../src/lab/gateScene/gateScene.ts'
import { openGateScene } from '../../src/lab/gateScene/gateScene.ts'
import { PlainBrowser } from '../../test/plainBrowser.ts'
import type { PinnedProgram } from './pinnedProgram.ts'
import { cores, startPinned } from './pinnedProgram.ts'

export interface GateBackends {
  readonly port: number
  readonly webSockets: number
}

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

/** The scene of a gate whose routes lead to other backends, and whose limits one address does not reach. */
export async function openLoadScene(gatePort: number, { port, webSockets }: GateBackends): Promise<GateScene> {
  const scene = await openGateScene({ gatePort })
  // Workers of nginx and Apache are nobody special; keys are for their owner alone.
  await chmod(scene.folder, 0o711)
  const yaml = await readFile(scene.siteFile, 'utf8')
  const most = 1_000_000
  const limits = {
    ...{ connections: 20_000, 'connections-per-address': 20_000, 'idle-seconds': 3600 },
    ...{ 'handshake-seconds': 60, 'head-seconds': 60, 'requests-per-address': most, 'requests-per-identity': most },
    ...{ 'exchanges-per-address': most, 'exchanges-per-identity': most },
  }
  await writeFile(
    scene.siteFile,
    yaml
      .replace(/^ {4}app: .*$/m, () =>
        [
          `    app: { urls: ['http://127.0.0.1:${port}'] }`,
          `    live: { urls: ['http://127.0.0.1:${webSockets}'], connections: 10000, idle-seconds: 3600 }`,
        ].join('\n'),
      )
      .replaceAll(
        /^( {4}- \{ id: (\w+), .*) \}$/gm,
        (_, row: string, id: string) => `${row}, to: ${id === 'live' ? 'live' : 'app'} }`,
      )
      .replace(/^ {2}backends:/m, `  limits: ${JSON.stringify(limits)}\n  backends:`),
  )
  return scene
}

/** `postern serve` of a scene, on the core of gateways. */
export async function startGate(scene: GateScene, nodeOptions: readonly string[] = []): Promise<PinnedProgram> {
  const port = Number(new URL(scene.origin).port)
  const command = [process.execPath, ...nodeOptions, main, 'serve', '--site', scene.siteFile, '--quiet'] as const
  return startPinned(cores.gateway, command, port)
}

/** Signs somebody in at whatever leads to the tenant; returns the cookies, as a browser sends them. */
export async function cookiesAfterSignIn(
  { pki, tenant }: Pick<GateScene, 'pki' | 'tenant'>,
  origin: string,
  path: string,
): Promise<string> {
  await using browser = new PlainBrowser(pki.rootPem, origin, tenant.origin)
  const [person] = tenant.people.filter(({ isBlocked }) => !isBlocked)
  if (person === undefined) throw new Error('nobody is in the tenant')
  const page = await browser.open(`${origin}${path}`)
  const seen = await browser.open(page.url, { person: person.id })
  if (seen.status !== 200) throw new Error(`the sign-in at ${origin} ended at ${seen.url} with ${seen.status}`)
  return browser.cookiesFor('/')
}
