/**
 * Asks every target, over HTTPS or TLS alone, and prints what it took: `bare` by the platform's own client, `postern`
 * by a whole check with observations, chains and verdicts, `blackbox` by asking a running blackbox_exporter for each.
 * What it took is that of the first time from `cold`, and that of the second time when `warm`, as for whoever checks again
 * and again: by then the code that is used is compiled.
 */
import { X509Certificate } from 'node:crypto'
import { Agent, get } from 'node:http'
import { request } from 'node:https'
import { connect } from 'node:tls'
import { check } from '../src/check/check.ts'
import { createNet } from '../src/net/createNet.ts'
import type { Net } from '../src/net/net.ts'
import { probes } from '../src/probes/index.ts'
import { checkInput } from '../test/checkInput.ts'
import { flowAt } from './flowAt.ts'

const [mode, service, told = '{}', countText, state, exporterPort] = process.argv.slice(2)
if (service !== 'https' && service !== 'tls') throw new TypeError(`asked over https or tls, not ${service}`)
const { port, rootPem } = JSON.parse(told) as { port: number; rootPem: string }
const count = Number(countText)
/** As many as bring each to its best rate: the exporter gains nothing from more. */
const atOnce = mode === 'blackbox' ? 16 : 64
const addressOf = (index: number): string => `127.0.${16 + Math.floor(index / 250)}.${1 + (index % 250)}`

/** @param ask asks one target, and rejects when it did not answer as it should */
async function loop(ask: (index: number) => Promise<void>): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) await ask(index)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

const offer = (index: number) => ({
  host: addressOf(index),
  port,
  servername: `host-${index}.bench.example`,
  ecdhCurve: 'X25519:P-256:P-384',
  rejectUnauthorized: false,
})

function bareHandshake(index: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(offer(index))
    socket.once('secureConnect', () => {
      // Our Finished is sent in this turn of the loop: a socket that is destroyed before has shaken no hand.
      setImmediate(() => {
        socket.destroy()
        resolve()
      })
    })
    socket.once('error', reject)
  })
}

function bareRequest(index: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const asked = request({ ...offer(index), agent: false, headers: { Host: `host-${index}.bench.example` } })
    asked.once('response', (response) => {
      response.resume()
      response.once('end', () => (response.statusCode === 200 ? resolve() : reject(new Error('no page'))))
    })
    asked.once('error', reject)
    asked.end()
  })
}

const agent = new Agent({ keepAlive: true, maxSockets: atOnce })

function exporterProbe(index: number): Promise<void> {
  const target = `${service === 'https' ? 'https://' : ''}${addressOf(index)}:${port}`
  return new Promise((resolve, reject) => {
    const path = `/probe?module=${service}&target=${encodeURIComponent(target)}`
    const asked = get({ host: '127.0.0.1', port: Number(exporterPort), path, agent }, async (response) => {
      const metrics = (await response.toArray()).join('')
      if (/^probe_success 1$/m.test(metrics)) resolve()
      else reject(new Error(`the exporter did not reach ${target}`))
    })
    asked.once('error', reject)
  })
}

async function postern(kind: 'https' | 'tls', net: Net): Promise<void> {
  const report = await check(
    checkInput(
      Array.from({ length: count }, (_, index) => flowAt(addressOf(index), port, kind, index)),
      {
        context: {
          cloud: 'worldwide',
          trusted: [new X509Certificate(rootPem).fingerprint256.replaceAll(':', '')],
          names: {},
        },
      },
    ),
    net,
    { signal: new AbortController().signal, concurrency: atOnce, timeoutMs: 10_000 },
  )
  if (report.summary.open !== count)
    throw new Error(
      `${count - report.summary.open} targets are not open: ${report.flows.find(({ verdict }) => verdict !== 'open')?.says}`,
    )
}

const made: { net?: Net } = {}

async function run(): Promise<void> {
  if (mode === 'postern') {
    made.net ??= createNet({ trust: { site: [rootPem] }, userAgent: 'postern/bench' })
    return postern(service === 'https' ? 'https' : 'tls', made.net)
  }
  if (mode === 'blackbox') return loop(exporterProbe)
  return loop(service === 'https' ? bareRequest : bareHandshake)
}

// From a checkout a module's types are stripped when it is first loaded; a release has that behind it.
if (mode === 'postern') await probes[service]?.load()
if (state === 'warm') await run()

const start = process.hrtime.bigint()
const used = process.cpuUsage()
await run()
const { user, system } = process.cpuUsage(used)
process.stdout.write(
  JSON.stringify({
    ms: Number(process.hrtime.bigint() - start) / 1e6,
    cpuMs: (user + system) / 1000,
    peakMib: process.resourceUsage().maxRSS / 1024,
  }),
)
agent.destroy()
