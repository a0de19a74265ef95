import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Bench } from './figure.ts'
import { figure } from './figure.ts'

const targets = 1000
const runs = 7
const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

interface Took {
  readonly ms: number
  readonly cpuMs: number
  readonly peakMib: number
}

export const bench: Bench = {
  question: `how fast are ${targets} TLS targets checked, beside a bare tls.connect loop at the same server?`,
  async run() {
    const server = spawn(process.execPath, [script('probesServer.ts')], { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      const [line] = (await once(server.stdout, 'data')) as [Buffer]
      const told = String(line).trim()
      const took = { bare: [] as Took[], postern: [] as Took[] }
      for (let run = 0; run <= runs; run += 1) {
        for (const mode of ['bare', 'postern'] as const) {
          const answer = execFileSync(process.execPath, [
            script('probesClient.ts'),
            mode,
            'tls',
            told,
            String(targets),
            'cold',
          ])
          if (run > 0) took[mode].push(JSON.parse(String(answer)))
        }
      }
      const rate = ({ ms }: Took): number => (targets * 1000) / ms
      return [
        figure('bare tls.connect loop', '/s', took.bare.map(rate)),
        figure('postern check, tls', '/s', took.postern.map(rate)),
        figure(
          'postern rate over bare rate, pair by pair',
          '%',
          took.postern.map((each, index) => (100 * rate(each)) / rate(took.bare[index] ?? each)),
          { least: 80 },
        ),
        figure(
          'bare, processor time a target',
          'ms',
          took.bare.map(({ cpuMs }) => cpuMs / targets),
        ),
        figure(
          'postern, processor time a target',
          'ms',
          took.postern.map(({ cpuMs }) => cpuMs / targets),
        ),
        figure(
          'bare, peak memory',
          'MiB',
          took.bare.map(({ peakMib }) => peakMib),
        ),
        figure(
          'postern, peak memory',
          'MiB',
          took.postern.map(({ peakMib }) => peakMib),
          { most: 200 },
        ),
      ]
    } finally {
      server.kill()
      await once(server, 'exit')
    }
  },
}
