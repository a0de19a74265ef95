import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CheckReport } from '../src/model/report.ts'
import type { Bench } from './figure.ts'
import { figure } from './figure.ts'
import { findPeer } from './peer.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const bundle = join(root, 'dist/postern.js')
const host = 'posture.bench.example'
const runs = 7
/** It takes the better part of a minute. */
const peerRuns = 2

export const bench: Bench = {
  question:
    'how long does the TLS posture of one target take, whole process (versions, chain, stores, revocation, hello sizes, control SNI), beside a full run of testssl?',
  async run() {
    execFileSync(process.execPath, [join(root, 'scripts/build.ts')], { stdio: 'inherit' })
    const testssl = findPeer('testssl')
    const folder = mkdtempSync(join(tmpdir(), 'postern-bench-'))
    const server = spawn(process.execPath, [join(root, 'bench/postureServer.ts')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      const [line] = (await once(server.stdout, 'data')) as [Buffer]
      const { port, rootPem } = JSON.parse(String(line)) as { port: number; rootPem: string }
      const rootFile = join(folder, 'root.pem')
      const site = join(folder, 'postern.yaml')
      writeFileSync(rootFile, rootPem)
      writeFileSync(site, siteText)
      const posture: number[] = []
      const target: number[] = []
      const wire: number[] = []
      const peer: number[] = []
      const load: number[] = []
      const check = (...words: readonly string[]): { readonly ms: number; readonly report: CheckReport } => {
        const args = [bundle, 'check', `https://${host}:${port}/`, '--site', site, '--json', '--quiet', ...words]
        const { ms, text } = timed(process.execPath, args)
        return { ms, report: JSON.parse(text) }
      }
      for (let run = 0; run <= runs; run += 1) {
        const plain = check()
        const whole = check('--posture')
        expectWhole(whole.report)
        // The first round warms the file cache and is not counted.
        if (run === 0) continue
        target.push(plain.ms)
        posture.push(whole.ms)
        wire.push(whole.report.durationMs)
        load.push(loadavg()[0] ?? Number.NaN)
        if (testssl === undefined || run > peerRuns) continue
        const words = ['--quiet', '--color', '0', '--warnings', 'off', '--ip', '127.0.0.1', '--add-ca', rootFile]
        peer.push(timed(testssl, [...words, `${host}:${port}`]).ms)
      }
      return [
        figure('postern check --posture, whole process', 'ms', posture, { most: 1000 }),
        figure('of it from the first question to the verdict', 'ms', wire),
        figure('postern check without it, whole process', 'ms', target),
        ...(peer.length === 0 ? [] : [figure('testssl, full run', 'ms', peer)]),
        figure('load of the machine, last minute', 'processes', load),
      ]
    } finally {
      rmSync(folder, { recursive: true, force: true })
      server.kill()
      await once(server, 'exit')
    }
  },
}

const siteText = `site: bench
hosts:
  here: { roles: [dns-server], addresses: [127.0.0.1] }
trust: { certificates: [root.pem] }
names: { ${host}: 127.0.0.1 }
`

/** Whole-process milliseconds of one run; the exit code is the command's own word about the target and no failure here. */
function timed(program: string, args: readonly string[]): { readonly ms: number; readonly text: string } {
  const start = process.hrtime.bigint()
  const { stdout, error } = spawnSync(program, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  const ms = Number(process.hrtime.bigint() - start) / 1e6
  if (error !== undefined) throw error
  return { ms, text: stdout }
}

/** @throws Error when the report leaves out a part of the posture: what is not asked is soon done */
function expectWhole(report: CheckReport): void {
  const evidence = report.flows.flatMap((flow) => flow.evidence)
  const shaken = evidence.filter((seen) => seen.kind === 'tls-handshake')
  const controls = (varies: string): number => shaken.filter((seen) => seen.varies === varies).length
  const [first] = shaken
  const parts = {
    'a chain that ends in the site’s root': first?.anchoredIn.includes('site') === true,
    'four versions': controls('tls-version') >= 4,
    'a long hello': controls('hello-size') >= 1,
    'another name': controls('server-name') >= 1,
    'list and responder':
      evidence.filter((seen) => seen.kind === 'revocation-check' && seen.outcome === 'good').length >= 2,
  }
  const missing = Object.entries(parts).flatMap(([part, there]) => (there ? [] : [part]))
  if (missing.length > 0) throw new Error(`the posture is not whole, there is no ${missing.join(', ')}`)
}
