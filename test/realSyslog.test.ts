/** Messages to rsyslog over TLS, TCP and UDP: what it files is what was sent, whatever others wrote into it. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createOutletNet } from '../src/net/outletNet.ts'
import type { Told } from '../src/outlets/outlet.ts'
import { hostileTexts } from './hostileTexts.ts'
import { needs } from './needs.ts'
import { anAlert, anEvent, hostileAlert, openedOutlet, placesPki } from './outletRig.ts'
import { openGround } from './realGround.ts'

/** One line for each message, as rsyslog took it apart; the octets of the text as they came. */
const template = `template(name="parts" type="list" option.jsonf="on") {
  property(outname="severity" name="syslogseverity" format="jsonf")
  property(outname="facility" name="syslogfacility" format="jsonf")
  property(outname="host" name="hostname" format="jsonf")
  property(outname="app" name="app-name" format="jsonf")
  property(outname="id" name="msgid" format="jsonf")
  property(outname="data" name="structured-data" format="jsonf")
  property(outname="text" name="msg" format="jsonf")
}`

interface Filed {
  readonly severity: string
  readonly facility: string
  readonly host: string
  readonly app: string
  readonly id: string
  readonly data: string
  readonly text: string
}

async function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port })
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

test('rsyslog files each message of syslog and CEF by its parts, over TLS, TCP and UDP', {
  timeout: 120_000,
}, async (t) => {
  const program = needs(t, 'rsyslogd')
  if (program === undefined) return
  const { root, leaf } = await placesPki()
  const ground = await openGround(3)
  t.after(() => ground.close())
  const ports = { tls: ground.port(), tcp: ground.port(), udp: ground.port() }
  const filed = join(ground.folder, 'filed.jsonl')
  const [ca, cert, key] = [
    await ground.write('ca.pem', root.pem),
    await ground.write('cert.pem', leaf.pem),
    await ground.write('key.pem', leaf.keyPem),
  ]
  const conf = await ground.write(
    'rsyslog.conf',
    `global(workDirectory="${ground.folder}" maxMessageSize="16k" parser.escapeControlCharactersOnReceive="off"
  defaultNetstreamDriver="gtls" defaultNetstreamDriverCAFile="${ca}"
  defaultNetstreamDriverCertFile="${cert}" defaultNetstreamDriverKeyFile="${key}")
module(load="imtcp")
module(load="imudp")
${template}
ruleset(name="keep") { action(type="omfile" file="${filed}" template="parts") }
input(type="imtcp" port="${ports.tls}" address="127.0.0.1" ruleset="keep"
  streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="anon")
input(type="imtcp" port="${ports.tcp}" address="127.0.0.1" ruleset="keep"
  streamDriver.name="ptcp" streamDriver.mode="0" streamDriver.authMode="anon")
input(type="imudp" port="${ports.udp}" address="127.0.0.1" ruleset="keep")
`,
  )
  const ready = async (): Promise<boolean> => (await isOpen(ports.tls)) && (await isOpen(ports.tcp))
  await ground.start(program, ['-n', '-f', conf, '-i', join(ground.folder, 'pid')], ready)

  const net = createOutletNet({
    ...{ names: { 'siem.corp.example': '127.0.0.1' }, trust: [root.pem], userAgent: 'postern/1.2.3' },
    ...{ ownName: 'watcher.corp.example', signal: t.signal },
  })
  t.after(() => net.close())
  const tools = {
    ...{ net, secret: async () => ({ why: 'none' }), append: async () => ({ why: 'none' }) },
    ...{ now: () => 0, version: '1.2.3' },
  }
  const told: readonly Told[] = [
    { kind: 'alert', alert: anAlert() },
    ...hostileTexts.map((text): Told => ({ kind: 'alert', alert: hostileAlert(text) })),
    { kind: 'event', event: anEvent() },
  ]
  const sent: { readonly kind: string; readonly count: number }[] = []
  for (const kind of ['syslog', 'cef']) {
    for (const transport of ['tls', 'tcp', 'udp'] as const) {
      const settings = { host: 'siem.corp.example', port: ports[transport], transport, facility: 'local4' }
      const outlet = await openedOutlet(kind, settings, tools)
      const delivery = await outlet.send(told, { timeoutMs: 10_000, signal: t.signal })
      assert.equal(delivery.kind, 'taken', `${kind} over ${transport}: ${delivery.says}`)
      if (transport !== 'udp') assert.match(delivery.says, /^read \d+ messages to the end/)
      sent.push({ kind, count: told.length })
    }
  }

  const expected = sent.reduce((sum, { count }) => sum + count, 0)
  const lines = async (): Promise<readonly string[]> =>
    (await readFile(filed, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '')
  for (let turn = 0; turn < 500 && (await lines()).length < expected; turn += 1) await sleep(20)
  const all = (await lines()).map((line) => JSON.parse(line) as Filed)
  assert.equal(all.length, expected)
  for (const { app, facility, data, text } of all) {
    assert.deepEqual([app, facility], ['postern', '20'])
    if (data === '-') assert.match(text, /^\ufeff?CEF:0\|Postern\|Postern\|1\.2\.3\|/)
    else assert.match(data, /^\[(alert|event)@32473 [a-z]+="/)
  }
  const [plain] = all
  assert.deepEqual([plain?.severity, plain?.host, plain?.id], ['3', 'connect01', 'opened'])
  assert.match(plain?.text ?? '', /^Opened: host dc01\.corp\.example: 636\/tcp on dc01 is dropped/)
})
