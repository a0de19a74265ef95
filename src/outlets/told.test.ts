import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { anAlert, anEvent } from '../../test/outletRig.ts'
import { alertOcsf } from './alertOcsf.ts'
import { alertWords } from './alertWords.ts'
import { cefText } from './cef/sendCef.ts'
import { mailOf } from './email/sendEmail.ts'
import { opsgenieAlert } from './opsgenie/postOpsgenie.ts'
import { logsRequest } from './otlp/postLogs.ts'
import { pagerDutyEvent } from './pagerduty/postPagerDuty.ts'
import { structuredMessage } from './syslog/sendStructured.ts'
import { readTold } from './told.ts'

test('alerts and events are read back as they were', () => {
  assert.deepEqual(readTold(JSON.stringify(anAlert())), { kind: 'alert', alert: anAlert() })
  assert.deepEqual(readTold(JSON.stringify(anEvent())), { kind: 'event', event: anEvent() })
})

const broken: readonly (readonly [what: string, body: string])[] = [
  ['no JSON', '{"id":'],
  ['an alert with a reason of a later version', JSON.stringify({ ...anAlert(), reason: 'forecast' })],
  ['an alert whose id is no word', JSON.stringify({ ...anAlert(), id: 'a\r\nb' })],
  ['an alert of no time', JSON.stringify({ ...anAlert(), at: 9e15 })],
  ['an event of no time', JSON.stringify({ ...anEvent(), time: 'yesterday' })],
  ['null', 'null'],
]
for (const [what, body] of broken) {
  test(`${what} is not read`, () => assert.equal(readTold(body), undefined))
}

test('whatever is read can be told, and nothing throws', () => {
  const members = fc.dictionary(
    fc.constantFrom(
      'id',
      'at',
      'reason',
      'site',
      'from',
      'incident',
      'suspect',
      'says',
      'consequences',
      'kind',
      'time',
      ...['fix', 'since', 'until', 'url', 'flaps', 'lastSeenAt', 'cause', 'owner', 'severity', 'confidence', 'id'],
      ...['actor', 'src', 'dst', 'http', 'detail', 'traceId', 'count', 'route', 'session', 'activity'],
    ),
    fc.oneof(fc.jsonValue(), fc.constantFrom('x', 1, -1, 9e15)),
    { maxKeys: 3 },
  )
  fc.assert(
    fc.property(members, fc.constantFrom('alert', 'incident', 'event'), (over, where) => {
      const alert = anAlert()
      const body =
        where === 'alert'
          ? { ...alert, ...over }
          : where === 'incident'
            ? { ...alert, incident: { ...alert.incident, ...over } }
            : { ...anEvent(), ...over }
      const told = readTold(JSON.stringify(body))
      if (told === undefined) return
      structuredMessage(told, 32_473)
      cefText(told, '1.2.3')
      logsRequest([told], 0, '1.2.3')
      if (told.kind === 'event') return
      for (const write of [alertWords, pagerDutyEvent, opsgenieAlert]) write(told.alert)
      alertOcsf(told.alert, '1.2.3')
      mailOf(told.alert, 'a@b.example', ['c@d.example'])
    }),
    { numRuns: 2000 },
  )
})
