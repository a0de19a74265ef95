import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { page, seeOther } from './pages.ts'

const plain = { status: 403, title: 'T', says: ['S'], reason: 'r', outcome: 'denied' } as const
const field = (answer: { headers: readonly (readonly [string, string])[] }, name: string) =>
  answer.headers.find(([each]) => each === name)?.[1] ?? ''

test('a page allows no script, no frame, no outside, and its own style by its hash', () => {
  const answer = page(plain)
  const style = /<style>([\s\S]*)<\/style>/.exec(answer.body)?.[1] ?? ''
  const policy = field(answer, 'content-security-policy')
  assert.match(policy, /^default-src 'none'; /)
  assert.ok(policy.includes(`style-src 'sha256-${hash('sha256', style, 'base64')}'`))
  assert.match(policy, /frame-ancestors 'none'; base-uri 'none'$/)
  assert.doesNotMatch(answer.body, /<script|javascript:|\son\w+=|style="/)
  assert.equal(field(answer, 'cache-control'), 'no-store')
  assert.equal(field(answer, 'referrer-policy'), 'same-origin')
})

test('whatever stands in a page is text', () => {
  const evil = `"><script>alert('1')</script>&amp;`
  const { body } = page({
    ...plain,
    title: evil,
    says: [evil],
    list: [evil],
    traceId: evil,
    actions: [
      { label: evil, href: `/a?b=${evil}` },
      { label: evil, post: `/a?b=${evil}` },
    ],
  })
  assert.doesNotMatch(body, /<script/)
  assert.equal(body.split('&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;').length, 10)
})

test('a page has a language, a title, one heading, and a place in the window', () => {
  const { body } = page({ ...plain, actions: [{ label: 'Sign in', href: '/' }] })
  assert.match(body, /<html lang="en">/)
  assert.match(body, /<title>T<\/title>/)
  assert.equal(body.match(/<h1>/g)?.length, 1)
  assert.match(body, /<main>/)
  assert.match(body, /prefers-color-scheme:dark/)
})

test('who is sent on leaves nothing behind', () => {
  const answer = seeOther('/a', { reason: 'r', outcome: 'ok' })
  assert.deepEqual([answer.status, answer.body, field(answer, 'location')], [303, '', '/a'])
  assert.equal(field(answer, 'referrer-policy'), 'no-referrer')
})
