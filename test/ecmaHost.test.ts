/** The provisioning agent's way to the ECMA connector host, on its own port: a stand-in in TLS with a certificate of the site. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { test } from 'node:test'
import { flowNamed, reportOf, runCheckCommand } from './checkCommand.ts'
import { makeCertificate } from './pki.ts'
import { ownFolder } from './realProxy.ts'

/** An address of loopback that nothing else of the tests listens on; only Linux has all of 127.0.0.0/8. */
const address = '127.85.85.1'
const port = 8585
const skip = process.platform === 'linux' ? false : 'this platform has only 127.0.0.1 on loopback'

const site = `site: ecma
features: [ecma]
hosts:
  here: { roles: [provisioning-agent, ecma-connector-host], name: ecma01.corp.example, addresses: [${address}] }
resolvers: { internal: ["127.0.0.1:1"] }
trust: { certificates: [root.pem] }
names: { ecma01.corp.example: ${address} }
`

test('the ECMA connector host is dialled on 8585, and TLS and HTTP behind it are proven', { skip }, async (t) => {
  const root = await makeCertificate({ subject: 'CN=Root', ca: true })
  const names = [{ type: 'dns', value: 'ecma01.corp.example' }] as const
  const { keyPem, pem } = await makeCertificate({ subject: 'CN=ecma01.corp.example', issuer: root, names })
  const folder = await ownFolder(t)
  await writeFile(join(folder, 'root.pem'), root.pem)
  const check = async () => {
    const run = await runCheckCommand(folder, site, { args: ['--json', '--flow', 'ecma-host'], timeoutMs: 5000 })
    return flowNamed(reportOf(run), 'ecma-host')
  }

  const shut = await check()
  assert.deepEqual([shut.verdict, shut.cause], ['blocked', 'refused'])

  const dialled: (number | undefined)[] = []
  const server = createServer({ key: keyPem, cert: pem }, (request, response) => {
    dialled.push(request.socket.localPort)
    response.writeHead(401).end()
  })
  server.listen(port, address)
  await once(server, 'listening')
  t.after(() => server.close())
  const open = await check()
  assert.deepEqual([open.verdict, open.cause, open.target.port], ['open', undefined, port], open.says)
  assert.deepEqual(dialled, [port])
})
