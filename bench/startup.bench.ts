import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { features } from '../src/model/feature.ts'
import { siteRoles } from '../src/model/role.ts'
import type { Bench } from './figure.ts'
import { figure } from './figure.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const bundle = join(root, 'dist/postern.js')
const runs = 15

/** All features and roles over fifty hosts, with a network of clients and a proxy. */
function largestSite(): string {
  const hosts = Array.from({ length: 50 }, (_, index) => {
    const role = siteRoles[index % siteRoles.length]
    return `  host${index}: { roles: [${role}], name: host${index}.corp.example, addresses: [10.1.${index}.1] }`
  })
  return `site: largest
tenant: 11111111-2222-4333-8444-555555555555
domain: corp.example
federation-service: sts.corp.example
features: [${features.join(', ')}]
hosts:
${hosts.join('\n')}
networks:
  staff: { roles: [user-client, intranet-client], prefixes: [10.2.0.0/16] }
proxies:
  egress: { url: "http://proxy.corp.example:3128", used-by: [host0, host1] }
`
}

/** Whole-process milliseconds of one run. */
function timed(...args: readonly string[]): number {
  const start = process.hrtime.bigint()
  execFileSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  return Number(process.hrtime.bigint() - start) / 1e6
}

export const bench: Bench = {
  question: 'how long do the bundled --version, the plan of the largest site and an audit take, beside an empty Node?',
  async run() {
    execFileSync(process.execPath, [join(root, 'scripts/build.ts')], { stdio: 'inherit' })
    const folder = mkdtempSync(join(tmpdir(), 'postern-bench-'))
    try {
      const site = join(folder, 'largest.yaml')
      writeFileSync(site, largestSite())
      const empty: number[] = []
      const version: number[] = []
      const plan: number[] = []
      const audit: number[] = []
      const question = ['--in', 'lan0', '--out-if', 'wan0', '--flow', '10.1.0.40 > 20.190.128.1:443/tcp']
      for (let run = 0; run <= runs; run += 1) {
        const took = [
          timed('-e', '0'),
          timed(bundle, '--version'),
          timed(bundle, 'plan', '--site', site, '--json'),
          timed(bundle, 'audit', join(root, 'examples/edge.nft'), ...question, '--json', '--quiet'),
        ]
        // The first round warms the file cache and is not counted.
        if (run === 0) continue
        for (const [index, list] of [empty, version, plan, audit].entries()) list.push(took[index] ?? Number.NaN)
      }
      return [
        figure('node -e 0', 'ms', empty),
        figure('postern --version', 'ms', version),
        figure(
          'postern --version over node -e 0, pair by pair',
          'ms',
          version.map((ms, index) => ms - (empty[index] ?? 0)),
          { most: 60 },
        ),
        figure('postern plan, all features, 50 hosts, whole process', 'ms', plan, { most: 300 }),
        figure('postern audit, a question to one rule set, whole process', 'ms', audit, { most: 300 }),
      ]
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}
