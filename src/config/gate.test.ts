import assert from 'node:assert/strict'
import { test } from 'node:test'
import { criteria } from '../identity/index.ts'
import type { Gate } from '../model/gate.ts'
import { formatConfigErrors } from './index.ts'
import { parseSite } from './parseSite.ts'

const head = 'site: hq\nhosts:\n  app01: { roles: [app-8443] }\ngate:\n'

function gateIn(text: string): Gate | undefined {
  const read = parseSite(head + text, 'site.yaml')
  assert.ok('site' in read, 'errors' in read ? formatConfigErrors(read.errors).join('\n') : '')
  return read.site.gate
}

function errorsIn(text: string): readonly string[] {
  const read = parseSite(head + text, 'site.yaml')
  assert.ok('errors' in read)
  return formatConfigErrors(read.errors).map((line) => line.replace('site.yaml:', ''))
}

test('routes are read in the form in which they are judged', () => {
  const gate = gateIn(`  origin: https://Payroll.corp.example:8443
  routes:
    - id: admin
      hosts: [Payroll.corp.example]
      methods: [GET]
      path: /admin/*
      allow:
        - roles: [Payroll.Admin]
          groups: [5F2F5C0E-7f6b-4b5a-9f0a-3c1f1f7c8a11]
          scopes: [a]
          tenants: [5F2F5C0E-7f6b-4b5a-9f0a-3c1f1f7c8a11]
          guests: denied
          apps: allowed
          addresses: [2001:DB8::/32]
          service-tags: [AzureActiveDirectory]
          hours: { days: [1], from: '07:00', to: '19:00', zone: Europe/Berlin }
          client-certificates: ['${'AB:'.repeat(31)}AB']
          authentication-context: c1
          authentication-methods: [mfa]
        - { anonymous: true }
        - { signed-in: true }
`)
  const group = '5f2f5c0e-7f6b-4b5a-9f0a-3c1f1f7c8a11'
  const allow = [
    {
      roles: ['Payroll.Admin'],
      groups: [group],
      scopes: ['a'],
      tenants: [group],
      guests: 'denied',
      apps: 'allowed',
      addresses: ['2001:db8::/32'],
      serviceTags: ['AzureActiveDirectory'],
      hours: { days: [1], from: '07:00', to: '19:00', zone: 'Europe/Berlin' },
      clientCertificates: ['ab'.repeat(32)],
      authenticationContext: 'c1',
      authenticationMethods: ['mfa'],
    },
    { anonymous: true },
    { signedIn: true },
  ]
  assert.deepEqual(gate?.routes, [
    { id: 'admin', hosts: ['payroll.corp.example'], methods: ['GET'], path: '/admin/*', allow },
  ])
  assert.equal(gate?.origin?.toLowerCase(), 'https://payroll.corp.example:8443')
  // Whatever a criterion asks for can be written.
  assert.deepEqual(new Set(allow.flatMap(Object.keys)), new Set(Object.keys(criteria)))
})

const wrong: readonly [where: string, text: string, says: RegExp][] = [
  ['an empty way in', 'path: /*, allow: [{}]', /a way in that asks for nothing lets nobody in, write anonymous: true/],
  ['a percent sign alone', 'path: /100%/a, allow: []', /has a % that is not followed by two hexadecimal digits/],
  [
    'a way in for hours and nobody',
    "path: /a, allow: [{ hours: { from: '01:00', to: '07:00', zone: UTC } }]",
    /asks for hours, and not that anybody signs in, add signed-in: true/,
  ],
  [
    'a way in for anybody with a role',
    'path: /a, allow: [{ anonymous: true, roles: [a] }]',
    /is for anybody, and asks for roles of whoever signed in/,
  ],
  ['a star in the middle', 'path: /a/*/b, allow: []', /has a star that is not at its end, after a slash/],
  ['a star without a slash', 'path: /a*, allow: []', /has a star that is not at its end, after a slash/],
  ['dots', 'path: /a/../b, allow: []', /holds what no request passes with/],
  ['two slashes', 'path: //a, allow: []', /holds what no request passes with/],
  ['a query', "path: '/a?b', allow: []", /is no path/],
  ['a method in small letters', 'path: /a, methods: [get], allow: []', /"get" is no method, write it in capitals/],
  ['a group by name', 'path: /a, allow: [{ groups: [Admins] }]', /"Admins" is no id, write the object id/],
  [
    'a context that is none',
    'path: /a, allow: [{ authentication-context: c100 }]',
    /is no authentication context, write c1 to c99/,
  ],
  ['a short fingerprint', 'path: /a, allow: [{ client-certificates: [ab] }]', /is no SHA-256 fingerprint/],
  [
    'an hour that is none',
    "path: /a, allow: [{ hours: { from: '24:00', to: '07:00', zone: UTC } }]",
    /is no time of day/,
  ],
  [
    'a zone that is none',
    "path: /a, allow: [{ hours: { from: '01:00', to: '07:00', zone: Europe/Bonn } }]",
    /is no time zone/,
  ],
  ['a misspelt key', 'path: /a, allow: [{ role: [a] }]', /unknown key "role", did you mean roles\?/],
]
for (const [what, text, says] of wrong) {
  test(`${what} is told with its place`, () => {
    const [line = '', ...others] = errorsIn(`  routes: [{ id: a, ${text} }]\n`)
    assert.match(line, says)
    assert.match(line, /^5:\d+: /)
    assert.deepEqual(others, [])
  })
}

test('two routes of one id are told apart', () => {
  const routes = '  routes:\n    - { id: a, path: /a, allow: [] }\n    - { id: a, path: /b, allow: [] }\n'
  assert.deepEqual(errorsIn(routes), [
    '7:13: the route "a" stands here a second time, give each route an id of its own',
  ])
})

test('two routes for the same are told, since their order would decide', () => {
  const rivals = (one: string, other: string): readonly string[] =>
    errorsIn(`  routes:\n    - { id: a, ${one}, allow: [] }\n    - { id: b, ${other}, allow: [] }\n`)
  const said = /is for what the route "a" is for as well, so that their order would decide/
  assert.match(rivals('path: /admin/*', 'path: /ADMIN/*')[0] ?? '', said)
  assert.match(rivals('path: /a, methods: [GET, PUT]', 'path: /a, methods: [PUT]')[0] ?? '', said)
  assert.ok(
    gateIn('  routes:\n    - { id: a, path: /a, allow: [] }\n    - { id: b, path: /a, methods: [GET], allow: [] }\n'),
  )
})
