import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hostileTexts } from '../../../test/hostileTexts.ts'
import { html } from './html.ts'

test('html escapes text and leaves its own markup alone', () => {
  const inner = html`<b>${'a < b'}</b>`
  assert.equal(html`<p title="${'"quoted" & \'so\''}">${inner}${[1, 'x>', undefined]}</p>`.markup, expected)
})

const expected = '<p title="&quot;quoted&quot; &amp; &#39;so&#39;"><b>a &lt; b</b>1x&gt;</p>'

test('text in html never leaves its element or its attribute', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...hostileTexts)), (text) => {
      const { markup } = html`<p title="${text}">${text}</p>`
      assert.match(markup, /^<p title="[^"<>]*">[^"'<>]*<\/p>$/u)
    }),
  )
})
