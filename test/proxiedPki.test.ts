/**
 * `postern check` as a process through squid to servers whose certificates name where their state and their issuer are to
 * be had: a place that only squid finds.
 */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import type { CheckReport } from '../src/model/report.ts'
import { flowNamed, reportOf, runCheckCommand } from './checkCommand.ts'
import { needs } from './needs.ts'
import { opened } from './opened.ts'
import type { MadeCertificate } from './pki.ts'
import { makeCertificate, makeRevocationList } from './pki.ts'
import { ownFolder, squidWith } from './realProxy.ts'

const name = 'app.corp.example'
const pki = 'pki.corp.example'

/** What stands beyond the proxy: a server that sends its issuer, one that does not, and where lists and issuers are. */
interface Beyond {
  readonly folder: string
  readonly whole: number
  readonly short: number
  /** What was fetched of lists and issuers. */
  readonly fetched: string[]
}

async function beyond(t: TestContext): Promise<Beyond> {
  const shelf = new Map<string, Uint8Array>()
  const fetched: string[] = []
  const web = await opened(
    t,
    createHttpServer(({ url = '' }, answer) => {
      fetched.push(url)
      const octets = shelf.get(url)
      answer.writeHead(octets === undefined ? 404 : 200).end(octets)
    }),
  )
  const at = (path: string): readonly string[] => [`http://${pki}:${web}${path}`]
  const root = await makeCertificate({ subject: 'CN=Root', ca: true })
  const issuing = await makeCertificate({ subject: 'CN=Issuing', issuer: root, ca: true, crl: at('/root.crl') })
  const leaf = await makeCertificate({
    subject: `CN=${name}`,
    issuer: issuing,
    names: [{ type: 'dns', value: name }],
    crl: at('/issuing.crl'),
    caIssuers: at('/issuing.crt'),
  })
  shelf.set('/root.crl', await makeRevocationList(root))
  shelf.set('/issuing.crl', await makeRevocationList(issuing))
  shelf.set('/issuing.crt', issuing.der)
  const serving = (...sent: readonly MadeCertificate[]): Promise<number> =>
    opened(
      t,
      createHttpsServer({ key: leaf.keyPem, cert: sent.map(({ pem }) => pem).join('') }, (_, answer) => {
        answer.end('hello')
      }),
    )
  const folder = await ownFolder(t)
  await writeFile(join(folder, 'root.pem'), root.pem)
  return { folder, whole: await serving(leaf, issuing), short: await serving(leaf), fetched }
}

/** The names of nothing lead anywhere but through the proxy: straight they are at a port where nobody listens. */
async function checked({ folder, whole, short }: Beyond, proxy: number): Promise<CheckReport> {
  const site = `site: proxied
hosts:
  here: { roles: [domain-member], addresses: ["127.0.0.1"] }
  app: { roles: [scim-app], name: ${name} }
resolvers: { internal: ["127.0.0.1:1"] }
trust: { certificates: [root.pem] }
names: { ${pki}: "127.0.0.1:1" }
proxies: { egress: { url: "http://127.0.0.1:${proxy}", used-by: [here] } }
flows:
  - { id: whole, from: here, to: app, ports: [${whole}], transport: [tcp], service: https, direction: outbound-internet }
  - { id: short, from: here, to: app, ports: [${short}], transport: [tcp], service: https, direction: outbound-internet }
`
  return reportOf(await runCheckCommand(folder, site, { args: ['--json', '--flow', 'whole,short'] }))
}

const told = (report: CheckReport, id: string): string => {
  const { verdict, cause = '-', confidence, owner = '-', says } = flowNamed(report, id)
  return `${verdict} ${cause} ${confidence} ${owner}: ${says}`
}

/** What was fetched for a flow: `crl good egress`. */
const fetchesOf = (report: CheckReport, id: string): readonly string[] =>
  flowNamed(report, id).evidence.flatMap((seen) => {
    switch (seen.kind) {
      case 'revocation-check':
        return [`${seen.method} ${seen.outcome} ${seen.through ?? 'straight'}`]
      case 'aia-fetch':
        return [`issuer ${seen.outcome} ${seen.through ?? 'straight'}`]
      default:
        return []
    }
  })

const hosts = `127.0.0.1 ${name} ${pki}\n`

test('squid fetches lists and a missing issuer for us, which nobody else gets to', async (t) => {
  const squid = needs(t, 'squid')
  if (squid === undefined) return
  const ground = await beyond(t)
  const report = await checked(ground, await squidWith(t, squid, { lines: 'http_access allow all', hosts }))
  assert.match(told(report, 'whole'), /^open - certain -: /)
  assert.deepEqual(fetchesOf(report, 'whole'), ['crl good egress', 'crl good egress'])
  assert.match(
    told(report, 'short'),
    /^blocked chain-incomplete certain app: .* fetched from \S+\/issuing\.crt through egress it completes the chain/,
  )
  assert.deepEqual(fetchesOf(report, 'short'), ['issuer certificate egress', 'crl good egress', 'crl good egress'])
  assert.deepEqual([...new Set(ground.fetched)].toSorted(), ['/issuing.crl', '/issuing.crt', '/root.crl'])
})

test('squid that denies the place of lists and issuers is told as what stands in the way', async (t) => {
  const squid = needs(t, 'squid')
  if (squid === undefined) return
  const ground = await beyond(t)
  const lines = `acl published dstdomain ${pki}\nhttp_access deny published\nhttp_access allow all`
  const report = await checked(ground, await squidWith(t, squid, { lines, hosts }))
  assert.match(
    told(report, 'whole'),
    /^degraded revocation-unreachable certain proxy: .*\/issuing\.crl answers 403 through egress/,
  )
  assert.match(
    told(report, 'short'),
    /^blocked chain-incomplete possible app: .* could not be had: \S+\/issuing\.crt answers 403 through egress$/,
  )
  assert.deepEqual(fetchesOf(report, 'short'), ['issuer http-status egress'])
  assert.deepEqual(ground.fetched, [])
})
