/** `postern watch` as a process that signs in at the built-in tenant. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { openGateScene } from '../../src/lab/gateScene/gateScene.ts'
import { freePorts } from '../freePorts.ts'
import { keptBy, startWatch } from './watchCommand.ts'

const always = { from: 0, to: Number.MAX_SAFE_INTEGER }

test('a sign-in that fails is one incident with its remedy, over when it is mended, and its steps are kept', async (t) => {
  const [gatePort = 0] = await freePorts(1)
  const scene = await openGateScene({ gatePort })
  t.after(() => scene.close())
  const { siteFile, folder, daemon, client, tenant } = scene
  await writeFile(join(folder, 'daemon-secret'), `${daemon.secret}\n`, { mode: 0o600 })
  const watched = `watch:
  every-seconds: 3600
  administration-port: 0
  sign-ins:
    daemon:
      kind: client-credentials
      every-seconds: 5
      client: ${daemon.clientId}
      secret: file:daemon-secret
      scope: api://${client}/.default
      claims: { roles: Export }
    person:
      kind: user
      every-seconds: 5
      client: ${client}
      secret: file:client-secret
      account: { name: alex@corp.onmicrosoft.com }
      redirect-uri: ${scene.origin}/
`
  await writeFile(siteFile, `${readFileSync(siteFile, 'utf8')}${watched}`)
  const watch = startWatch(siteFile, ['--from', 'gate01'], {})
  t.after(() => watch.kill('SIGKILL'))
  await watch.heard(/not done {3}sign-in person: the account has directory roles/)
  await tenant.misbehave({ tokens: 'wrong-audience' })
  await watch.heard(/fails {6}sign-in daemon: the token is not one to accept: audience-mismatch/)
  await watch.heard(/confirmed {2}sign-in daemon \(client-credentials\): wrong-registration: /)
  await watch.heard(/incident {3}[0-9a-f]{8} high: /)
  await tenant.behave()
  await watch.heard(/came back {2}sign-in daemon/)
  watch.kill('SIGTERM')
  assert.equal(await watch.ended, 0)
  const secrets = [daemon.secret, readFileSync(join(folder, 'client-secret'), 'utf8').trim()]
  for (const secret of secrets) assert.ok(!watch.said.includes(secret))
  assert.doesNotMatch(watch.said, /eyJ/)
  const database = readFileSync(join(folder, 'postern-history.sqlite')).toString('latin1')
  for (const secret of secrets) assert.ok(!database.includes(secret))
  assert.doesNotMatch(database, /eyJ[\w-]{20}/)
  const kept = keptBy({ folder })
  t.after(() => kept.close())
  for (const measure of ['connect-ms', 'tls-ms', 'discovery-ms', 'token-ms'] as const) {
    assert.ok(kept.readings('sign-in:daemon', measure, always, 100).length >= 5, measure)
  }
  const incidents = kept.incidents(always, 10).filter(({ cause }) => cause === 'wrong-registration')
  assert.equal(incidents.length, 1)
  assert.equal(incidents[0]?.consequences[0]?.subject, 'sign-in:daemon')
})
