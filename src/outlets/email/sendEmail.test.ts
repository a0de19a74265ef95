import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { hostileTexts } from '../../../test/hostileTexts.ts'
import {
  anAlert,
  anIncident,
  holdsPoison,
  hostileAlert,
  openedOutlet,
  placesPki,
  toolsTo,
} from '../../../test/outletRig.ts'
import type { SmtpOptions } from '../../../test/standIns/smtpServer.ts'
import { openSmtpServer } from '../../../test/standIns/smtpServer.ts'
import type { Alert } from '../../model/incident.ts'
import { mailOf } from './sendEmail.ts'

const usual = {
  host: 'mail.corp.example',
  from: 'postern@corp.example',
  to: ['a@corp.example', 'b@corp.example'],
  credentials: 'env:SMTP',
}

async function send(t: TestContext, options: SmtpOptions, alerts: readonly Alert[], settings: object = {}) {
  const { leaf } = await placesPki()
  const standIn = await openSmtpServer(
    { address: '127.0.0.1', port: 0 },
    {
      certificate: { cert: leaf.pem, key: leaf.keyPem },
      account: { user: 'postern', password: 'POISON-smtp-4711' },
      ...options,
    },
  )
  t.after(() => standIn.close())
  const outlet = await openedOutlet('email', { ...usual, ...settings }, await toolsTo(t, standIn.port))
  const deliveries = []
  for (const alert of alerts) {
    deliveries.push(await outlet.send([{ kind: 'alert', alert }], { timeoutMs: 3000, signal: t.signal }))
  }
  assert.equal(holdsPoison(deliveries), false, JSON.stringify(deliveries))
  return { deliveries, standIn }
}

test('all mails of one incident are one thread, and each has its own id', async (t) => {
  const alerts = [
    anAlert(),
    anAlert({ reason: 'worse', id: '0198c000-0000-7000-8000-00000000000b' }),
    anAlert({ reason: 'recovered', id: '0198c000-0000-7000-8000-00000000000c' }, { until: anIncident.since + 60_000 }),
  ]
  const { deliveries, standIn } = await send(t, {}, alerts)
  assert.deepEqual(
    deliveries.map(({ kind }) => kind),
    ['taken', 'taken', 'taken'],
  )
  const heads = standIn.taken.map(({ text }) => text.replaceAll(/\n[ \t]+/g, ' '))
  const field = (name: string) => heads.map((head) => new RegExp(`^${name}: (.*)$`, 'mi').exec(head)?.[1])
  const first = `<postern.${anIncident.id}@corp.example>`
  const own = (id: string | undefined): string => `<postern.${id}@corp.example>`
  assert.deepEqual(field('Message-ID'), [first, own(alerts[1]?.id), own(alerts[2]?.id)])
  assert.deepEqual(field('References'), [undefined, first, first])
  assert.deepEqual(field('In-Reply-To'), [undefined, first, first])
  const subject = '[Postern hq] host dc01.corp.example'
  assert.deepEqual(field('Subject'), [subject, `Re: ${subject}`, `Re: ${subject}`])
  assert.deepEqual(standIn.taken[0]?.to, usual.to)
})

test('texts of others open no field of the head and no element of the page', () => {
  for (const text of hostileTexts) {
    const { subject, html, text: plain } = mailOf(hostileAlert(text), usual.from, usual.to)
    assert.doesNotMatch(subject, /[\p{Cc}\p{Cf}\u2028]/u)
    assert.ok(subject.length <= 200)
    const elements = [...html.matchAll(/<\/?([a-z!]+)/gi)].map(([, name]) => name)
    const ours = new Set('!doctype html head meta body p strong table tr th td ul li a'.split(' '))
    assert.deepEqual(
      elements.filter((name) => name === undefined || !ours.has(name)),
      [],
    )
    assert.doesNotMatch(plain.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\u2028]/u)
    for (const line of plain.split('\n')) assert.ok(line.length < 998)
  }
})

test('a grave one is urgent, and what is over is not', () => {
  const urgent = (alert: Alert) => mailOf(alert, usual.from, usual.to).isUrgent
  assert.equal(urgent(anAlert({}, { severity: 'critical' })), true)
  assert.equal(urgent(anAlert({ reason: 'recovered' }, { severity: 'critical' })), false)
  assert.equal(urgent(anAlert()), false)
})

test('a receiver that was not taken is said beside', async (t) => {
  const { deliveries } = await send(t, { conduct: 'refuses-one' }, [anAlert()])
  assert.deepEqual(deliveries, [
    {
      kind: 'taken',
      says: 'answers 250 2.0.0 queued as 4711',
      lacks: 'not taken for b@corp.example: 550 5.1.1 b@corp.example: no such user',
    },
  ])
})

const rows: readonly (readonly [conduct: SmtpOptions['conduct'], kind: string, says: RegExp])[] = [
  ['refuses-message', 'refused', /^answers 554/],
  ['busy', 'later', /^answers 421/],
  ['refuses-sign-in', 'refused', /^answers sign-in refused: 535 5\.7\.8 postern may not sign in with \*$/],
  ['refuses-starttls', 'later', /refuses STARTTLS/],
  ['closes-in-data', 'later', /ended the connection/],
]
for (const [conduct, kind, says] of rows) {
  test(`what becomes of a mail to a server that has the conduct ${conduct}`, async (t) => {
    const { deliveries } = await send(t, { ...(conduct !== undefined && { conduct }) }, [anAlert()])
    assert.equal(deliveries[0]?.kind, kind)
    assert.match(deliveries[0]?.says ?? '', says)
  })
}

test('credentials are not said in the clear', async (t) => {
  const { deliveries, standIn } = await send(t, {}, [anAlert()], { security: 'none' })
  assert.equal(deliveries[0]?.kind, 'later')
  assert.deepEqual(standIn.saidInClear, [])
})
