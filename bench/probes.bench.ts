import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Blackbox } from './blackbox.ts'
import { startBlackbox } from './blackbox.ts'
import type { Bench, Figure } from './figure.ts'
import { figure } from './figure.ts'
import { findPeer } from './peer.ts'
import { processCost } from './processCost.ts'

const targets = 1000
/** What server and exporter spend is counted from outside, and so over the round that warms the client as well. */
const askedInAll = 2 * targets
const runs = 5
const services = ['tls', 'https'] as const
const ways = ['bare', 'postern', 'blackbox'] as const
const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

type Service = (typeof services)[number]
type Way = (typeof ways)[number]

interface Took {
  readonly ms: number
  readonly cpuMs: number
  readonly peakMib: number
  /** What the server spent, and the exporter where one was asked. */
  readonly serverCpuMs: number
  readonly exporter?: { readonly cpuMs: number; readonly peakMib: number }
}

export const bench: Bench = {
  question: `how fast does a warm process check ${targets} targets over TLS and over HTTPS, beside a bare loop and blackbox_exporter?`,
  async run() {
    const program = findPeer('prometheus-blackbox-exporter')
    const server = spawn(process.execPath, [script('probesServer.ts')], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = (await once(server.stdout, 'data')) as [Buffer]
    const told = String(line).trim()
    const { rootPem } = JSON.parse(told) as { rootPem: string }
    const blackbox = program === undefined ? undefined : await startBlackbox(program, rootPem)
    try {
      return measure({ told, server: server.pid ?? 0, blackbox })
    } finally {
      await blackbox?.close()
      server.kill()
      await once(server, 'exit')
    }
  },
}

interface Place {
  readonly told: string
  readonly server: number
  readonly blackbox: Blackbox | undefined
}

function measure(place: Place): readonly Figure[] {
  const taken: { readonly service: Service; readonly way: Way; readonly took: Took }[] = []
  const load: number[] = []
  for (let run = 0; run <= runs; run += 1) {
    for (const service of services) {
      for (const way of ways) {
        if (way === 'blackbox' && place.blackbox === undefined) continue
        const took = ask(service, way, place)
        // The first round warms the file cache, and the server, and is not counted.
        if (run > 0) taken.push({ service, way, took })
      }
    }
    load.push(loadavg()[0] ?? Number.NaN)
  }
  const of = (service: Service, way: Way): readonly Took[] =>
    taken.filter((one) => one.service === service && one.way === way).map(({ took }) => took)
  return [
    ...services.flatMap((service) => figuresOf(service, (way) => of(service, way))),
    figure('load of the machine, last minute', 'processes', load),
  ]
}

function ask(service: Service, way: Way, { told, server, blackbox }: Place): Took {
  const before = { server: processCost(server), exporter: blackbox && processCost(blackbox.pid) }
  const answer = execFileSync(process.execPath, [
    script('probesClient.ts'),
    way,
    service,
    told,
    String(targets),
    'warm',
    String(blackbox?.port ?? 0),
  ])
  const exporter = blackbox && processCost(blackbox.pid)
  return {
    ...JSON.parse(String(answer)),
    serverCpuMs: processCost(server).cpuMs - before.server.cpuMs,
    ...(exporter !== undefined &&
      before.exporter !== undefined && {
        exporter: { cpuMs: exporter.cpuMs - before.exporter.cpuMs, peakMib: exporter.peakMib },
      }),
  }
}

function figuresOf(service: Service, of: (way: Way) => readonly Took[]): readonly Figure[] {
  const rate = ({ ms }: Took): number => (targets * 1000) / ms
  const [bare, postern, blackbox] = [of('bare'), of('postern'), of('blackbox')]
  const pairs = (of: readonly Took[], by: readonly Took[], value: (took: Took) => number): readonly number[] =>
    of.map((each, index) => (100 * value(each)) / value(by[index] ?? each))
  const each = (took: readonly Took[], value: (took: Took) => number): readonly number[] => took.map(value)
  const name = (text: string): string => `${service}: ${text}`
  return [
    figure(name('bare loop'), '/s', each(bare, rate)),
    figure(name('postern check'), '/s', each(postern, rate)),
    figure(name('postern rate over bare rate, pair by pair'), '%', pairs(postern, bare, rate), { least: 90 }),
    // Unlike the rate it hardly depends on what else the machine does.
    figure(
      name('bare processor time over postern’s, pair by pair'),
      '%',
      pairs(bare, postern, ({ cpuMs }) => cpuMs),
    ),
    figure(
      name('bare, processor time a check'),
      'ms',
      each(bare, ({ cpuMs }) => cpuMs / targets),
    ),
    figure(
      name('postern, processor time a check'),
      'ms',
      each(postern, ({ cpuMs }) => cpuMs / targets),
    ),
    figure(
      name('server, processor time a check of postern'),
      'ms',
      each(postern, ({ serverCpuMs }) => serverCpuMs / askedInAll),
    ),
    figure(
      name('bare, peak memory'),
      'MiB',
      each(bare, ({ peakMib }) => peakMib),
    ),
    figure(
      name('postern, peak memory'),
      'MiB',
      each(postern, ({ peakMib }) => peakMib),
    ),
    ...(blackbox.length === 0
      ? []
      : [
          figure(name('blackbox_exporter, 16 at once'), '/s', each(blackbox, rate)),
          figure(name('postern rate over blackbox rate, pair by pair'), '%', pairs(postern, blackbox, rate), {
            least: 100,
          }),
          figure(
            name('blackbox_exporter, processor time a check'),
            'ms',
            each(blackbox, ({ exporter }) => (exporter?.cpuMs ?? Number.NaN) / askedInAll),
          ),
          figure(
            name('the loop that asks it, processor time a check'),
            'ms',
            each(blackbox, ({ cpuMs }) => cpuMs / targets),
          ),
          figure(
            name('blackbox_exporter, peak memory'),
            'MiB',
            each(blackbox, ({ exporter }) => exporter?.peakMib ?? Number.NaN),
          ),
        ]),
  ]
}
