import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { TLSSocket } from 'node:tls'
import { connect } from 'node:tls'
import type { GateScene } from '../../src/lab/gateScene/gateScene.ts'
import type { Figure } from '../figure.ts'
import { figure } from '../figure.ts'
import { startGate } from './gateUnderLoad.ts'
import type { Asked } from './h2load.ts'
import { loadEvenly } from './h2load.ts'

const reloads = 20
/** The gate looks at its files every two seconds. */
const pauseMs = 2300
/** Of one load, of which several follow each other. */
const seconds = 9

/**
 * Replaces the certificate again and again while requests come over connections that are kept and over new ones: what of
 * them fails, and how many certificates were seen.
 */
export async function reloadFigures(
  scene: GateScene,
  h2load: string,
  asked: Asked,
  perSecond: number,
): Promise<readonly Figure[]> {
  const gate = await startGate(scene)
  const over = new AbortController()
  let failed = 0
  let answers = 0
  const seen = new Set<string>()
  const load = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const log = join(scene.folder, 'reloads.log')
      const one = await loadEvenly(h2load, asked, { perSecond, seconds, log })
      failed += one.failed
      answers += one.answers
    }
  }
  const newcomers = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const fingerprint = await askOnce(scene).catch(() => undefined)
      if (fingerprint === undefined) failed += 1
      else seen.add(fingerprint)
      answers += 1
      await setTimeout(20)
    }
  }
  try {
    const busy = [load(), newcomers()]
    for (let reload = 0; reload < reloads; reload += 1) {
      await setTimeout(pauseMs)
      await replaceCertificate(scene, `gate${reload}.localhost`)
    }
    await setTimeout(pauseMs)
    over.abort()
    await Promise.all(busy)
  } finally {
    over.abort()
    await gate.close()
    await replaceCertificate(scene, 'localhost')
  }
  return [
    figure(`our gate, certificates seen over ${reloads} reloads`, '', [seen.size], { least: reloads }),
    figure('our gate, requests over the reloads', '', [answers]),
    figure('our gate, failed requests over the reloads', '', [failed], { most: 0 }),
  ]
}

/**
 * As programs that renew certificates do: the new file takes the place of the old one in one step.
 *
 * @param name another one each time, so that another certificate is made
 */
async function replaceCertificate({ pki, folder }: GateScene, name: string): Promise<void> {
  const { keyPem, chainPem } = await pki.certificate('genuine', name)
  for (const [name, text] of [
    ['gate.key', keyPem],
    ['gate.pem', chainPem],
  ] as const) {
    await writeFile(join(folder, `${name}.new`), text, { mode: 0o600 })
    await rename(join(folder, `${name}.new`), join(folder, name))
  }
}

/** One request over a connection of its own; the fingerprint of the certificate. Rejects unless it is answered with 200. */
function askOnce({ origin, pki }: GateScene): Promise<string> {
  const port = Number(new URL(origin).port)
  return new Promise((resolve, reject) => {
    const to = { host: '127.0.0.1', port, servername: 'localhost', ALPNProtocols: ['http/1.1'] }
    // Of the same CA, and of a name that changes.
    const trust = { ca: pki.rootPem, checkServerIdentity: () => undefined }
    const socket: TLSSocket = connect({ ...to, ...trust }, () => {
      const { fingerprint256 } = socket.getPeerCertificate()
      socket.write(`GET / HTTP/1.1\r\nhost: localhost:${port}\r\nconnection: close\r\n\r\n`)
      socket.once('data', (answer: Buffer) => {
        if (answer.toString('latin1', 0, 12) === 'HTTP/1.1 200') resolve(fingerprint256)
        socket.destroy()
      })
    })
    socket.setTimeout(10_000, () => socket.destroy())
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('closed without an answer')))
  })
}
