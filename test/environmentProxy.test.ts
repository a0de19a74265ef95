/** The proxy that the environment names is what a failing flow is compared with, and is told who asks. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { flowNamed, reportOf, runCheckCommand } from './checkCommand.ts'
import { ownFolder } from './realProxy.ts'
import { tcpServer } from './tcpServer.ts'

const secret = 'hunter2-and-co'

const site = `site: environment
hosts:
  here: { roles: [domain-member], addresses: ["127.0.0.1"] }
  app: { roles: [scim-app], name: app.partner.example }
resolvers: { internal: ["127.0.0.1:1"] }
names: { app.partner.example: "127.0.0.1:1" }
flows:
  - { id: app, from: here, to: app, ports: [443], transport: [tcp], service: https, direction: outbound-internet }
`

/** What comes of the flow, and what the proxy of the environment was asked. */
async function checked(t: TestContext, environment: Readonly<Record<string, string>>) {
  const heads: string[] = []
  const { port } = await tcpServer(t, (socket) => {
    socket.once('data', (request: Buffer) => {
      heads.push(request.toString())
      socket.end('HTTP/1.1 200 OK\r\n\r\n')
    })
  })
  const result = await runCheckCommand(await ownFolder(t), site, {
    env: { HTTPS_PROXY: `http://svc:${secret}@127.0.0.1:${port}`, ...environment },
    args: ['--json', '--flow', 'app'],
    timeoutMs: 500,
  })
  assert.doesNotMatch(`${result.stdout}${result.stderr}`, new RegExp(`${secret}|${btoa(`svc:${secret}`)}`))
  return { heads, flow: flowNamed(reportOf(result), 'app') }
}

test('a flow that fails straight out is compared with the proxy of the environment, which is told who asks', async (t) => {
  const { heads, flow } = await checked(t, {})
  assert.match(heads[0] ?? '', /^CONNECT app\.partner\.example:443 /)
  assert.match(heads[0] ?? '', new RegExp(`^Proxy-Authorization: Basic ${btoa(`svc:${secret}`)}\r$`, 'm'))
  assert.ok(flow.evidence.some((seen) => seen.kind === 'http-exchange' && seen.showedCredentials === true))
})

for (const variable of ['NO_PROXY', 'no_proxy']) {
  test(`a name that ${variable} covers is not compared with that proxy, which nobody would come to`, async (t) => {
    const { heads, flow } = await checked(t, { [variable]: '.partner.example' })
    assert.deepEqual([heads, flow.cause], [[], 'refused'])
    assert.doesNotMatch(JSON.stringify(flow), /HTTPS_PROXY/)
  })
}
