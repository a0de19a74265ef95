import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSite } from './parseSite.ts'

const site = (versions: string, roles = 'entra-connect'): string =>
  `site: hq\nhosts:\n  connect01: { roles: [${roles}], versions: ${versions} }\n`

const errorsOf = (text: string): readonly string[] => {
  const parsed = parseSite(text, 'postern.yaml')
  return 'errors' in parsed
    ? parsed.errors.map(({ line, column, what, right }) => `${line}:${column}: ${what}, ${right}`)
    : []
}

test('the build of Entra Connect stands at its host', () => {
  const parsed = parseSite(site('{ entra-connect: 2.4.21.0 }'), 'postern.yaml')
  assert.ok('site' in parsed, JSON.stringify(parsed))
  assert.deepEqual(parsed.site.hosts['connect01']?.versions, { 'entra-connect': '2.4.21.0' })
})

for (const [what, text, says] of [
  ['what is no build', site('{ entra-connect: "2.4" }'), /^3:\d+: "2\.4" is no build of Entra Connect, write four/],
  ['a number, as YAML reads it', site('{ entra-connect: 2.4 }'), /^3:\d+: .*number/],
  ['another program', site('{ entra-conect: 2.4.21.0 }'), /^3:\d+: .*entra-conect.*entra-connect/],
  [
    'a build on a host that does something else',
    site('{ entra-connect: 2.4.21.0 }', 'domain-controller'),
    /^3:\d+: "connect01" has a build of Entra Connect and not its role, add entra-connect to its roles/,
  ],
] as const) {
  test(`${what} is told with its place`, () => {
    const [first, ...others] = errorsOf(text)
    assert.deepEqual(others, [])
    assert.match(first ?? 'no error', says)
  })
}
