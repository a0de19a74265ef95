import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatConfigErrors } from './index.ts'
import { parseSite } from './parseSite.ts'
import { usualWatch } from './watchSchema.ts'

const head = 'site: hq\nhosts: { dc01: { roles: [domain-controller] } }\nwatch:\n'

function watchOf(text: string) {
  const parsed = parseSite(head + text, 'hq.yaml')
  if ('errors' in parsed) assert.fail(formatConfigErrors(parsed.errors).join('\n'))
  return parsed.site.watch
}

function errorsOf(text: string): readonly string[] {
  const parsed = parseSite(head + text, 'hq.yaml')
  return 'errors' in parsed ? formatConfigErrors(parsed.errors) : []
}

test('settings that are left out have their defaults', () => {
  assert.deepEqual(watchOf('  every-seconds: 60\n'), usualWatch())
  const { everySeconds, timeoutMs, confirmations, objective, history, administrationPort } = usualWatch()
  assert.deepEqual(
    { everySeconds, timeoutMs, confirmations, objective, administrationPort, file: history.file },
    {
      everySeconds: 60,
      timeoutMs: 3000,
      confirmations: 3,
      objective: 0.999,
      administrationPort: 8480,
      file: 'postern-history.sqlite',
    },
  )
})

test('a window of the night is read with its days, minutes and zone', () => {
  const text = `  zone: Europe/Berlin
  maintenance:
    - { name: patch-night, days: [6, 7], from: "22:00", to: "02:30", of: [dc01] }
    - { name: daily, from: "00:00", to: "00:15", zone: UTC }
`
  assert.deepEqual(watchOf(text)?.maintenance, [
    { name: 'patch-night', days: [6, 0], from: 1320, to: 150, zone: 'Europe/Berlin', of: ['dc01'] },
    { name: 'daily', from: 0, to: 15, zone: 'UTC' },
  ])
})

test('outlets and sign-ins are told by their names', () => {
  const settings = watchOf(`  objective: 99.95 %
  flows: { t1-ldaps: { every-seconds: 300 } }
  sign-ins:
    daemon: { kind: client-credentials, client: 00001111-aaaa-2222-bbbb-3333cccc4444, secret: env:WATCH_SECRET }
    portal: { kind: before-credentials, every-seconds: 60, url: "https://sts.contoso.com/adfs/ls" }
  outlets:
    desk: { kind: webhook, url: "https://hooks.corp.example/postern", least: high }
`)
  assert.equal(settings?.objective, 0.9995)
  assert.deepEqual(settings?.flows, { 't1-ldaps': { everySeconds: 300 } })
  assert.deepEqual(
    settings?.signIns.map(({ name, kind, everySeconds }) => [name, kind, everySeconds]),
    [
      ['daemon', 'client-credentials', 300],
      ['portal', 'before-credentials', 60],
    ],
  )
  assert.equal(settings?.outlets[0]?.name, 'desk')
  assert.equal(settings?.outlets[0]?.kind, 'webhook')
  assert.deepEqual(settings?.outlets[0]?.takes, ['alerts'])
  assert.equal(settings?.outlets[0]?.least, 'high')
})

test('the canary writes one attribute, over TLS, with a password from elsewhere', () => {
  const canary = (directory: string, password: string): string => `  canary:
    object: CN=canary,DC=corp,DC=example
    directory: ${directory}
    account: { name: svc, password: ${password} }
    target: { kind: graph, object: canary@contoso.com, attribute: officeLocation }
`
  assert.deepEqual(watchOf(canary('ldaps://dc01.corp.example', 'env:CANARY'))?.canary, {
    object: 'CN=canary,DC=corp,DC=example',
    attribute: 'physicalDeliveryOfficeName',
    directory: 'ldaps://dc01.corp.example',
    account: { name: 'svc', password: 'env:CANARY' },
    target: { kind: 'graph', object: 'canary@contoso.com', attribute: 'officeLocation' },
    everySeconds: 1800,
    withinSeconds: 3600,
  })
  assert.equal(watchOf(canary('ldap://dc01.corp.example', 'env:CANARY'))?.canary?.directory, 'ldap://dc01.corp.example')
  assert.match(errorsOf(canary('http://dc01.corp.example', 'env:CANARY')).join(), /is no directory under TLS/)
  const clear = errorsOf(canary('ldaps://dc01.corp.example', 'Hunter2'))
  assert.deepEqual(
    clear.map((line) => line.includes('no reference to a secret')),
    [true],
  )
  assert.doesNotMatch(clear.join(), /Hunter2/)
})

const wrong: readonly { readonly when: string; readonly text: string; readonly says: readonly string[] }[] = [
  {
    when: 'an interval is hammering',
    text: '  every-seconds: 1\n',
    says: ['hq.yaml:4:18: seconds 1 is out of range, a seconds is a whole number from 5 to 86400'],
  },
  {
    when: 'a key is misspelt',
    text: '  every-second: 60\n',
    says: ['hq.yaml:4:3: unknown key "every-second", did you mean every-seconds?'],
  },
  {
    when: 'a flow is not there',
    text: '  flows: { t1-ldapz: {} }\n',
    says: ['hq.yaml:4:12: unknown flow "t1-ldapz", did you mean t1-ldap?'],
  },
  {
    when: 'a window is for nothing of the site',
    text: '  maintenance: [{ name: a, from: "01:00", to: "02:00", zone: UTC, of: [dc02] }]\n',
    says: ['hq.yaml:4:72: unknown host, network or flow "dc02", did you mean dc01?'],
  },
  {
    when: 'a window has no zone',
    text: '  maintenance: [{ name: a, from: "01:00", to: "02:00" }]\n',
    says: ['hq.yaml:4:17: the window has no time zone, add zone: Europe/Berlin to it, or to watch'],
  },
  {
    when: 'an objective is none',
    text: '  objective: 100%\n',
    says: ['hq.yaml:4:14: "100%" is no objective, write a share in percent, such as 99.9%, from 50% to 99.999%'],
  },
  {
    when: 'an app proves itself with nothing',
    text: '  sign-ins: { a: { kind: client-credentials, client: 00001111-aaaa-2222-bbbb-3333cccc4444 } }\n',
    says: [
      'hq.yaml:4:18: the app has nothing to prove itself with, give one of certificate and secret; a certificate is safer',
    ],
  },
  {
    when: 'a sign-in that ends before credentials has some',
    text: '  sign-ins: { a: { kind: before-credentials, url: "https://a.example/", secret: env:A } }\n',
    says: [
      'hq.yaml:4:18: a sign-in of kind before-credentials has no use for secret, leave it out, or choose another kind',
    ],
  },
]

for (const { when, text, says } of wrong) {
  test(`it is said where ${when}`, () => {
    assert.deepEqual(errorsOf(text), says)
  })
}

const outletErrors: readonly { readonly when: string; readonly text: string; readonly says: readonly string[] }[] = [
  {
    when: 'an outlet is of no kind that there is',
    text: '  outlets: { desk: { kind: slak, url: "env:A" } }\n',
    says: ['hq.yaml:4:28: unknown kind "slak", did you mean slack?'],
  },
  {
    when: 'an outlet says no kind',
    text: '  outlets: { desk: { url: "env:A" } }\n',
    says: [
      'hq.yaml:4:20: "kind" is missing, it must be one of email, teams, slack, pagerduty, opsgenie, webhook, syslog, cef, otlp, file',
    ],
  },
  {
    when: 'a key of an outlet is misspelt',
    text: '  outlets: { desk: { kind: slack, ur: "env:A" } }\n',
    says: ['hq.yaml:4:35: unknown key "ur", did you mean url?'],
  },
  {
    when: 'the secret of an outlet stands in the clear',
    text: '  outlets: { desk: { kind: slack, url: "https://hooks.slack.com/services/T0/B0/Hunter2" } }\n',
    says: [
      'hq.yaml:4:40: this is no reference to a secret, secrets are never written in the file: write env:NAME, file:PATH or store:NAME',
    ],
  },
  {
    when: 'an outlet cannot take events',
    text: '  outlets: { desk: { kind: slack, url: "env:A", takes: [events] } }\n',
    says: ['hq.yaml:4:57: unknown word "events", known: alerts'],
  },
  {
    when: 'a mail has no receiver',
    text: '  outlets: { desk: { kind: email, host: mail.corp.example, from: a@corp.example, to: [b] } }\n',
    says: ['hq.yaml:4:87: "b" is no mail address, write one such as identity-team@corp.example'],
  },
]

for (const { when, text, says } of outletErrors) {
  test(`it is said where ${when}`, () => {
    assert.deepEqual(errorsOf(text), says)
  })
}
