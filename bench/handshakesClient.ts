/**
 * Shakes hands with every target and prints what it took: `bare` by tls.connect alone, `postern` by a whole check with
 * observations, chains and verdicts. Both keep the same number of handshakes under way.
 */
import { X509Certificate } from 'node:crypto'
import { connect } from 'node:tls'
import { check } from '../src/check/check.ts'
import { createNet } from '../src/net/createNet.ts'
import { probes } from '../src/probes/index.ts'
import { flowAt } from './flowAt.ts'

const [mode, told = '{}', countText] = process.argv.slice(2)
const { port, rootPem } = JSON.parse(told) as { port: number; rootPem: string }
const count = Number(countText)
const atOnce = 64
const addressOf = (index: number): string => `127.0.${16 + Math.floor(index / 250)}.${1 + (index % 250)}`

async function bare(): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      await new Promise<void>((resolve, reject) => {
        const socket = connect({
          host: addressOf(index),
          port,
          servername: `host-${index}.bench.example`,
          ecdhCurve: 'X25519:P-256:P-384',
          rejectUnauthorized: false,
        })
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
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

async function postern(): Promise<void> {
  const net = createNet({ trust: { site: [rootPem] }, userAgent: 'postern/bench' })
  const report = await check(
    {
      postern: '0.0.0',
      site: 'bench',
      from: 'here',
      flows: Array.from({ length: count }, (_, index) => flowAt(addressOf(index), port, 'tls', index)),
      elsewhere: 0,
      context: {
        cloud: 'worldwide',
        trusted: [new X509Certificate(rootPem).fingerprint256.replaceAll(':', '')],
        names: {},
      },
      resolvers: { internal: [], control: [] },
      proxies: {},
      families: ['ipv4'],
      catalogAsOf: '2025-04-09',
      imitates: 'bench',
    },
    net,
    { signal: new AbortController().signal, concurrency: atOnce, timeoutMs: 10_000 },
  )
  if (report.summary.open !== count)
    throw new Error(
      `${count - report.summary.open} targets are not open: ${report.flows.find(({ verdict }) => verdict !== 'open')?.says}`,
    )
}

// From a checkout a module's types are stripped when it is first loaded; a release has that behind it.
if (mode === 'postern') await probes.tls?.load()

const start = process.hrtime.bigint()
const used = process.cpuUsage()
await (mode === 'bare' ? bare() : postern())
const { user, system } = process.cpuUsage(used)
process.stdout.write(
  JSON.stringify({
    ms: Number(process.hrtime.bigint() - start) / 1e6,
    cpuMs: (user + system) / 1000,
    peakMib: process.resourceUsage().maxRSS / 1024,
  }),
)
