import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { hostileTexts } from '../../test/hostileTexts.ts'
import {
  anAlert,
  anEvent,
  anIncident,
  hostileAlert,
  openedOutlet,
  openReceiver,
  toolsTo,
} from '../../test/outletRig.ts'
import type { Alert } from '../model/incident.ts'
import { alertOcsf } from './alertOcsf.ts'
import { alertWords } from './alertWords.ts'
import { opsgenieAlert } from './opsgenie/postOpsgenie.ts'
import { logsRequest } from './otlp/postLogs.ts'
import { pagerDutyEvent } from './pagerduty/postPagerDuty.ts'
import { slackMessage } from './slack/postSlack.ts'
import { teamsMessage } from './teams/postTeams.ts'
import { signed } from './webhook/postWebhook.ts'

/** What would act on a terminal or turn the reading order. */
const acting = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u

function textsIn(value: unknown, key = ''): readonly (readonly [key: string, text: string])[] {
  if (typeof value === 'string') return [[key, value]]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => textsIn(inner, Array.isArray(value) ? key : name))
}

/** Everything that others see as text, of all outlets that people read. */
const forPeople: Readonly<Record<string, (alert: Alert) => object>> = {
  words: alertWords,
  slack: (alert) => slackMessage(alertWords(alert)),
  teams: (alert) => teamsMessage(alertWords(alert)),
  pagerduty: pagerDutyEvent,
  opsgenie: opsgenieAlert,
}

for (const [kind, write] of Object.entries(forPeople)) {
  test(`${kind}: no text of others acts on what stands around it, however long it is`, () => {
    for (const text of hostileTexts) {
      for (const reason of ['opened', 'worse', 'recovered', 'reminder', 'test'] as const) {
        const written = write(hostileAlert(text, { reason }))
        for (const [key, each] of textsIn(written)) {
          assert.doesNotMatch(each.replaceAll('\n', ''), acting, `${key} of ${JSON.stringify(text).slice(0, 80)}`)
          assert.ok(each.length <= 15_000, key)
        }
        assert.ok(Buffer.byteLength(JSON.stringify(written)) <= 28 * 1024)
      }
    }
  })
}

test('an alert says what, where, since when, why, whose, what next, and how many suffer', () => {
  const { title, facts, affected, more, url } = alertWords(anAlert())
  assert.equal(title, `Opened: host dc01.corp.example: ${anIncident.says}`)
  const said = Object.fromEntries(facts.map(({ label, text }) => [label, text]))
  assert.match(said['Why'] ?? '', /^filtered-silently \(likely\): [A-Z].+/)
  assert.deepEqual(
    { ...said, Why: '' },
    {
      What: anIncident.says,
      Where: 'host dc01.corp.example, seen from connect01 (hq)',
      Since: '2026-01-31 09:00:00 UTC',
      Why: '',
      Whose: 'firewall',
      Next: anIncident.fix,
      Severity: 'high',
      Affected: '7',
    },
  )
  assert.deepEqual([affected.length, more, url], [5, 2, 'https://watch.corp.example/incidents/1'])
})

test('what is over says for how long it was so, and asks nobody to act', () => {
  const until = anIncident.since + 754_000
  const { title, facts } = alertWords(anAlert({ reason: 'recovered' }, { until, flaps: 2 }))
  assert.match(title, /^Recovered: /)
  assert.equal(
    facts.find(({ label }) => label === 'Since')?.text,
    '2026-01-31 09:00:00 UTC, until 2026-01-31 09:12:34 UTC (13 min), came and went 2 times',
  )
  assert.equal(
    facts.some(({ label }) => label === 'Next'),
    false,
  )
})

test('slack: texts are plain and within its limits, and what is read as markup is escaped', () => {
  for (const text of [...hostileTexts, '<!channel> <@U1> *b*']) {
    const { text: notice, blocks } = slackMessage(alertWords(hostileAlert(text))) as {
      readonly text: string
      readonly blocks: readonly {
        readonly type: string
        readonly text?: { readonly type: string; readonly text: string }
      }[]
    }
    assert.doesNotMatch(notice, /[<>]/)
    assert.ok(blocks.length <= 50)
    for (const { type, text: told } of blocks) {
      if (told === undefined) continue
      assert.equal(told.type, 'plain_text')
      assert.ok(told.text.length >= 1 && told.text.length <= (type === 'header' ? 150 : 3000))
    }
  }
})

test('teams: every text is a run, in which no Markdown is read and no date written', () => {
  for (const text of [...hostileTexts, '[x](http://evil.example) ![y](z) {{DATE(2026-01-31)}}']) {
    const message = teamsMessage(alertWords(hostileAlert(text))) as {
      readonly attachments: readonly [{ readonly content: { readonly body: readonly object[] } }]
    }
    const { body } = message.attachments[0].content
    for (const block of body) {
      assert.equal('type' in block && block.type, 'RichTextBlock')
      for (const [key, each] of textsIn(block)) if (key === 'text') assert.doesNotMatch(each, /\{\{|\}\}/)
    }
  }
})

test('pagerduty: trigger and resolve have the id of the incident, and the summary its length', () => {
  assert.deepEqual(pagerDutyEvent(anAlert({ reason: 'recovered' })), {
    event_action: 'resolve',
    dedup_key: anIncident.id,
  })
  const event = pagerDutyEvent(hostileAlert('y'.repeat(10_240))) as Record<string, unknown> & {
    readonly payload: Readonly<Record<string, unknown>>
  }
  assert.deepEqual([event['event_action'], event['dedup_key']], ['trigger', anIncident.id])
  const { summary, severity, timestamp, source } = event.payload
  assert.ok(String(summary).length <= 1024 && String(source).length > 0)
  assert.deepEqual([severity, timestamp], ['error', '2026-01-31T09:00:00.000Z'])
})

test('opsgenie: message, alias, tags and details have their lengths', () => {
  for (const text of hostileTexts) {
    const { message, alias, tags, source, entity, priority } = opsgenieAlert(hostileAlert(text)) as {
      readonly [key in 'message' | 'alias' | 'source' | 'entity' | 'priority']: string
    } & { readonly tags: readonly string[] }
    assert.ok(message.length <= 130 && source.length <= 100 && entity.length <= 512)
    assert.deepEqual([alias, priority], [anIncident.id, 'P2'])
    assert.ok(tags.length <= 20 && tags.every((tag) => tag.length <= 50))
  }
})

async function posted(t: TestContext, kind: string, settings: object, alert: Alert) {
  const { received, port } = await openReceiver(t, (response) => void response.writeHead(202).end('{}'))
  const outlet = await openedOutlet(kind, { ...settings }, await toolsTo(t, port))
  const delivery = await outlet.send([{ kind: 'alert', alert }], { timeoutMs: 5000, signal: t.signal })
  assert.equal(delivery.kind, 'taken')
  return received.map(({ host, path, headers, body }) => ({ host, path, headers, json: JSON.parse(body) }))
}

test('slack and teams are posted to their secret address, pagerduty and opsgenie to that of their region', async (t) => {
  const [slack] = await posted(t, 'slack', { url: 'env:SLACK' }, anAlert())
  assert.deepEqual([slack?.host, slack?.path.startsWith('/services/')], ['hooks.slack.com', true])
  const [teams] = await posted(t, 'teams', { url: 'env:TEAMS' }, anAlert())
  assert.equal(teams?.json.attachments[0].contentType, 'application/vnd.microsoft.card.adaptive')
  const [pager] = await posted(t, 'pagerduty', { key: 'env:KEY', region: 'eu' }, anAlert())
  assert.deepEqual([pager?.host, pager?.path], ['events.eu.pagerduty.com', '/v2/enqueue'])
  assert.equal(pager?.json.routing_key, 'POISON4711POISON4711POISON4711xx')
  const [genie] = await posted(t, 'opsgenie', { key: 'env:KEY' }, anAlert())
  assert.deepEqual([genie?.host, genie?.path], ['api.opsgenie.com', '/v2/alerts'])
  assert.equal(genie?.headers.authorization, 'GenieKey POISON4711POISON4711POISON4711xx')
})

test('opsgenie: what is over is closed by its alias', async (t) => {
  const [closed, ...more] = await posted(t, 'opsgenie', { key: 'env:KEY' }, anAlert({ reason: 'recovered' }))
  assert.deepEqual([closed?.path, more], [`/v2/alerts/${anIncident.id}/close?identifierType=alias`, []])
})

for (const kind of ['pagerduty', 'opsgenie'] as const) {
  test(`${kind}: what a test opens is closed at once, and is not grave`, async (t) => {
    const all = await posted(t, kind, { key: 'env:KEY' }, anAlert({ reason: 'test' }))
    assert.equal(all.length, 2)
    assert.equal(all[0]?.json.payload?.severity ?? all[0]?.json.priority, kind === 'pagerduty' ? 'info' : 'P5')
    assert.ok(all[1]?.json.event_action === 'resolve' || all[1]?.path.includes('/close?'))
  })
}

test('webhook: what is sent is signed as Standard Webhooks has it, and has the same id each time', async (t) => {
  const settings = {
    url: 'https://alerts.corp.example/x',
    secret: 'env:HMAC',
    headers: { Authorization: 'env:BEARER' },
  }
  const [one] = await posted(t, 'webhook', settings, anAlert())
  assert.deepEqual(one?.json, { kind: 'alert', alert: JSON.parse(JSON.stringify(anAlert())) })
  const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = one?.headers ?? {}
  assert.deepEqual([id, at, one?.headers.authorization], [anAlert().id, '1800000000', 'Bearer POISON-bearer-4711'])
  assert.equal(
    signature,
    signed('POISON-hmac-4711', String(id), 1_800_000_000_000, JSON.stringify(one?.json))['webhook-signature'],
  )
})

test('webhook: the signature is the one that the specification shows', () => {
  // The example of https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
  const body = '{"test": 2432232314}'
  const made = signed('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330_000, body)
  assert.deepEqual(made, {
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
})

test('webhook: events go as one list, in Postern’s names or in OCSF', async (t) => {
  const { received, port } = await openReceiver(t, (response) => void response.end())
  const tools = await toolsTo(t, port)
  const events = [anEvent(), anEvent({ uid: '0198c000-0000-7000-8000-0000000000e2', outcome: 'ok' })]
  for (const format of ['postern', 'ocsf']) {
    const outlet = await openedOutlet('webhook', { url: 'https://alerts.corp.example/x', format }, tools)
    const told = events.map((event) => ({ kind: 'event', event }) as const)
    await outlet.send(told, { timeoutMs: 5000, signal: t.signal })
  }
  const [own, ocsf] = received.map(({ body }) => JSON.parse(body))
  assert.deepEqual(own, { kind: 'events', events: JSON.parse(JSON.stringify(events)) })
  assert.deepEqual(
    ocsf.map(({ class_uid: id, metadata }: { class_uid: number; metadata: { uid: string } }) => [id, metadata.uid]),
    events.map(({ uid }) => [3002, uid]),
  )
})

test('an alert in OCSF is a finding that is created, updated and closed', () => {
  const told = (['opened', 'worse', 'recovered'] as const).map((reason) => {
    const {
      activity_id: activity,
      type_uid: type,
      severity_id: severity,
      status_id: status,
    } = alertOcsf(anAlert({ reason }), '1.2.3')
    return [activity, type, severity, status]
  })
  assert.deepEqual(told, [
    [1, 200_401, 4, 1],
    [2, 200_402, 4, 1],
    [3, 200_403, 4, 4],
  ])
})

test('otlp: records have time, severity, body, attributes and the trace', () => {
  const told = [{ kind: 'alert', alert: anAlert() } as const, { kind: 'event', event: anEvent() } as const]
  const request = logsRequest(told, 1_800_000_000_000, '1.2.3') as {
    readonly resourceLogs: readonly [{ readonly scopeLogs: readonly [{ readonly logRecords: readonly object[] }] }]
  }
  const [alert, event] = request.resourceLogs[0].scopeLogs[0].logRecords as readonly {
    readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue: string } }[]
    readonly [key: string]: unknown
  }[]
  assert.deepEqual(
    [alert?.['timeUnixNano'], alert?.['severityNumber'], alert?.['severityText'], alert?.['observedTimeUnixNano']],
    ['1769850060000000000', 17, 'ERROR', '1800000000000000000'],
  )
  assert.deepEqual([event?.['severityText'], event?.['traceId']], ['INFO2', anEvent().traceId])
  assert.deepEqual(event?.['body'], { stringValue: 'authentication sign-in denied: token-expired' })
  const attributes = Object.fromEntries((event?.attributes ?? []).map(({ key, value }) => [key, value.stringValue]))
  assert.equal(attributes['event.name'], 'postern.authentication')
  assert.equal(attributes['postern.src'], '10.2.0.7')
})

test('otlp: what a collector leaves out of what it takes is said', async (t) => {
  const answer = '{"partialSuccess":{"rejectedLogRecords":"3","errorMessage":"too old"}}'
  const { port } = await openReceiver(t, (response) => void response.end(answer))
  const outlet = await openedOutlet('otlp', { url: 'https://collector.corp.example/v1/logs' }, await toolsTo(t, port))
  const delivery = await outlet.send([{ kind: 'event', event: anEvent() }], { timeoutMs: 5000, signal: t.signal })
  assert.equal(delivery.kind === 'taken' && delivery.lacks, '3 records were left out: too old')
})
