import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerHeaders } from './answerHeaders.ts'
import type { HeaderFields } from './exchange.ts'

const transportSecuritySeconds = 31_536_000

const valuesOf = (fields: HeaderFields, wanted: string): readonly string[] =>
  fields.flatMap(([name, value]) => (name === wanted ? [value] : []))

test('where an app says nothing of its security, the safe thing is said', () => {
  assert.deepEqual(
    answerHeaders([['content-type', 'text/html']], { isAuthenticated: false, transportSecuritySeconds }),
    [
      ['content-type', 'text/html'],
      ['strict-transport-security', 'max-age=31536000'],
      ['x-content-type-options', 'nosniff'],
      ['referrer-policy', 'strict-origin-when-cross-origin'],
      ['x-frame-options', 'SAMEORIGIN'],
    ],
  )
})

test('a gate that is told to says nothing of HTTPS alone', () => {
  const said = answerHeaders([], { isAuthenticated: false, transportSecuritySeconds: 0 })
  assert.deepEqual(valuesOf(said, 'strict-transport-security'), [])
})

test('what an app says of its own security stays', () => {
  const said: HeaderFields = [
    ['strict-transport-security', 'max-age=63072000; includeSubDomains'],
    ['x-content-type-options', 'nosniff'],
    ['referrer-policy', 'no-referrer'],
    ['content-security-policy', "default-src 'self'; frame-ancestors https://portal.example"],
  ]
  assert.deepEqual(answerHeaders(said, { isAuthenticated: false, transportSecuritySeconds }), said)
})

/** What an app says to caches of something that somebody signed in for, and what is said in the end. */
const caching: readonly (readonly [said: readonly string[], told: readonly string[]])[] = [
  [[], ['no-store']],
  [['public, max-age=31536000, immutable'], ['no-store']],
  [['no-cache'], ['no-store']],
  [['private, max-age=60'], ['private, max-age=60']],
  [['Private'], ['Private']],
  [['no-store'], ['no-store']],
  [['private="set-cookie"'], ['no-store']],
  [['public, private'], ['no-store']],
  [
    ['max-age=60', 'private'],
    ['max-age=60', 'private'],
  ],
]

for (const [said, told] of caching) {
  test(`no cache keeps for others what was signed in for: ${said.join(' and ') || 'nothing said'}`, () => {
    const fields = said.map((value) => ['cache-control', value] as const)
    const others = [
      ['expires', 'tomorrow'],
      ['surrogate-control', 'max-age=9'],
      ['cdn-cache-control', 'max-age=9'],
      ['vercel-cdn-cache-control', 'x'],
      ['etag', '1'],
    ] as const
    const sent = answerHeaders([...fields, ...others], { isAuthenticated: true, transportSecuritySeconds })
    assert.deepEqual(valuesOf(sent, 'cache-control'), told)
    assert.deepEqual(
      [
        ...valuesOf(sent, 'surrogate-control'),
        ...valuesOf(sent, 'cdn-cache-control'),
        ...valuesOf(sent, 'vercel-cdn-cache-control'),
      ],
      [],
    )
    assert.deepEqual(valuesOf(sent, 'etag'), ['1'])
  })
}

test('what everybody may see is kept as the app says', () => {
  const sent = answerHeaders([['cache-control', 'public, max-age=60']], {
    isAuthenticated: false,
    transportSecuritySeconds,
  })
  assert.deepEqual(valuesOf(sent, 'cache-control'), ['public, max-age=60'])
})
