import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { test } from 'node:test'
import { judge } from '../../src/firewall/judge.ts'
import type { AskedFlow } from '../../src/firewall/judged.ts'
import { read } from '../../src/firewall/vendors/squid/index.ts'
import { parseAddress } from '../../src/model/cidr.ts'
import { nothingKnown } from '../firewallCases.ts'
import { needs } from '../needs.ts'
import { squidWith } from '../realProxy.ts'

interface Asked {
  readonly from: string
  readonly name: string
  readonly port: number
  readonly request: 'connect' | 'plain'
}

const names = [
  'login.microsoftonline.com',
  'x.login.microsoftonline.com',
  'servicebus.windows.net',
  'a.b.servicebus.windows.net',
  'crl.microsoft.com',
  'www.example.com',
]
/** Addresses of loopback stand for the networks of the cases: 127.1.0.10 for 10.1.0.10. */
const hosts = names.map((name, at) => `127.9.0.${at + 1} ${name}`).join('\n')
const sources = ['127.1.0.10', '127.1.0.50', '127.2.0.9', '127.3.1.1']
const questions: readonly Asked[] = sources.flatMap((from) =>
  names.flatMap((name) => [
    { from, name, port: 443, request: 'connect' as const },
    { from, name, port: 8443, request: 'connect' as const },
    { from, name, port: 80, request: 'plain' as const },
  ]),
)

/** Whether squid itself denies it. What it allows ends at a port of loopback where nobody listens. */
function isDenied(port: number, asked: Asked): Promise<boolean> {
  const host = `${asked.name}:${asked.port}`
  const target = asked.request === 'connect' ? { method: 'CONNECT', path: host } : { path: `http://${host}/` }
  return new Promise((resolve, reject) => {
    const sent = request({
      host: '127.0.0.1',
      port,
      localAddress: asked.from,
      headers: { host },
      agent: false,
      ...target,
    })
    const answered = ({ headers }: { headers: Record<string, string | string[] | undefined> }): void => {
      resolve(String(headers['x-squid-error'] ?? '').startsWith('ERR_ACCESS_DENIED'))
      sent.destroy()
    }
    sent.once('response', answered).once('connect', answered).once('error', reject).end()
  })
}

function onPaper(text: string, { from, name, port, request: way }: Asked): string {
  const source = parseAddress(from)
  const destination = parseAddress(`127.9.0.${names.indexOf(name) + 1}`)
  const [ruleSet] = read([{ name: 'squid.conf', text }], { places: {} }).ruleSets
  if (source === undefined || destination === undefined || ruleSet === undefined) assert.fail()
  const asked: AskedFlow = {
    source: [{ family: source.family, first: source.value, last: source.value }],
    destination: [{ family: destination.family, first: destination.value, last: destination.value }],
    name,
    transport: 'tcp',
    ports: [{ first: port, last: port }],
    request: way,
  }
  return judge(ruleSet, asked, 'forward', nothingKnown).verdict
}

/** Configurations by a seed: acls of every type that a flow settles, in lines of up to three, each perhaps negated. */
function randomLines(seed: number): string {
  let state = seed
  const below = (bound: number): number => {
    // A linear congruence (Numerical Recipes): the same configurations in each run.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
  const acls = [
    'acl servers src 127.1.0.0/24',
    'acl one src 127.1.0.10-127.1.0.20',
    'acl staff src 127.2.0.0/255.255.0.0 127.3.0.0/16',
    'acl entra dstdomain .microsoftonline.com',
    'acl bus dstdomain .servicebus.windows.net login.microsoftonline.com',
    'acl lists dstdomain crl.microsoft.com',
    'acl somewhere dst 127.9.0.1-127.9.0.3',
    'acl web port 80 443',
    'acl high port 1024-65535',
    'acl reading method GET POST',
    'acl either any-of staff lists',
    'acl both all-of servers web',
    'acl expression dstdom_regex -i (^|\\.)windows\\.net$ ^www\\.example\\.com$',
  ]
  const called = [...acls.map((line) => line.split(' ')[1] ?? ''), 'CONNECT', 'all']
  const lines = Array.from({ length: 3 + below(8) }, () => {
    const words = Array.from(
      { length: 1 + below(3) },
      () => `${below(3) === 0 ? '!' : ''}${called[below(called.length)]}`,
    )
    return `http_access ${below(2) === 0 ? 'allow' : 'deny'} ${words.join(' ')}`
  })
  return [...acls, ...lines].join('\n')
}

const casesOf = [
  'last-line-turned-round',
  'no-access-line',
  'names',
  'groups-of-acls',
  'only-other-names',
  'no-tunnels',
  'values-below',
]
const fromFiles = casesOf.map((name) => {
  const url = new URL(`../../src/firewall/vendors/squid/cases/${name}.conf`, import.meta.url)
  const text = readFileSync(url, 'utf8').replaceAll(/\b10\.(?=\d+\.\d+\.\d+)/g, '127.')
  return [name, text.replace(/^http_port.*$/m, 'offline_mode off')] as const
})
const seeds = Array.from({ length: 10 }, (_, seed) => [`configuration ${seed}`, randomLines(seed + 1)] as const)

for (const [name, lines] of [...fromFiles, ...seeds]) {
  test(`squid does what its configuration says on paper: ${name}`, async (t) => {
    const squid = needs(t, 'squid')
    if (squid === undefined) return
    const port = await squidWith(t, squid, { lines, hosts })
    let settled = 0
    for (const asked of questions) {
      const paper = onPaper(lines, asked)
      const says = `${JSON.stringify(asked)}\n${lines}`
      assert.ok(paper === 'allow' || paper === 'deny', `${paper}: ${says}`)
      assert.equal((await isDenied(port, asked)) ? 'deny' : 'allow', paper, says)
      settled += 1
    }
    assert.equal(settled, questions.length)
  })
}
