import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { XmlTree } from './xmlTree.ts'
import { readXml } from './xmlTree.ts'

const read = (text: string) => readXml({ name: 'a.xml', text })
const treeOf = (text: string): XmlTree => {
  const found = read(text)
  assert.ok('ok' in found, 'fault' in found ? found.fault.why : '')
  return found.ok
}

test('an element knows its line, its path and its beginning', () => {
  const root = treeOf(
    '\uFEFF\r\n<?xml version="1.0"?>\r\n<config>\r\n  <!-- 😀 -->\r\n  <rule/>\r\n  <rule name="b"><to>\r\n    any\r\n  </to></rule>\r\n  <rule/>\r\n</config>',
  )
  assert.deepEqual(
    root.elements().map((rule) => rule.span()),
    [
      { file: 'a.xml', line: 5, path: '/config/rule[1]', text: '<rule/>' },
      {
        file: 'a.xml',
        line: 6,
        lastLine: 8,
        path: "/config/rule[@name='b']",
        text: '<rule name="b"><to> any </to></rule>',
      },
      { file: 'a.xml', line: 9, path: '/config/rule[3]', text: '<rule/>' },
    ],
  )
  assert.equal(root.elements('rule')[1]?.child('to')?.text(), 'any')
  assert.equal(root.elements('rule')[1]?.attribute('name'), 'b')
})

test('several names lead down, and what is not there is undefined', () => {
  const root = treeOf('<a><b><c>1<![CDATA[<2>]]>&amp;</c></b></a>')
  assert.equal(root.child('b', 'c')?.text(), '1<2>&')
  assert.equal(root.child('b', 'd', 'e'), undefined)
  assert.deepEqual(root.elements('c'), [])
  assert.equal(root.child('b')?.span().path, '/a/b')
})

test('what is no XML says where', () => {
  const found = read('<a>\n<b>\n</a>')
  assert.ok('fault' in found)
  assert.equal(found.fault.span.line, 3)
  assert.match(found.fault.why, /^no XML: Missing end tag for element b$/)
  assert.ok('fault' in read(''))
  assert.ok('fault' in read('config system global'))
})

test('an entity of a document type is a fault, so that nothing multiplies', () => {
  assert.ok('fault' in read('<!DOCTYPE a [<!ENTITY b "bb">]><a>&b;</a>'))
})

test('a hundred thousand elements within each other are refused with their place, wherever tags are faked', () => {
  const pretended = ['', '<!DOCTYPE a [<!ENTITY b "</a></a>">]>', '<!-- </a></a> -->', '<?a </a> ?>']
  for (const before of pretended) {
    const found = read(`${before}${'<a b="/>">'.repeat(100_000)}`)
    assert.ok('fault' in found)
    assert.match(found.fault.why, /nested more than 256 deep/)
  }
  const faked = read(`<a>${'<b><![CDATA[</b>]]>/></b'.repeat(100_000)}`)
  assert.ok('fault' in faked)
})

test('any text, and text like XML, is read or is a fault', () => {
  const likeXml = fc
    .array(
      fc.constantFrom(
        '<a>',
        '</a>',
        '<b c="1">',
        '</b>',
        '<!--',
        '-->',
        '<![CDATA[',
        ']]>',
        '/>',
        '"',
        '&amp;',
        'x',
        '\n',
        '<?',
        '?>',
      ),
    )
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(fc.oneof(fc.string(), likeXml), (text) => {
      const found = read(text)
      const walk = (tree: XmlTree): number =>
        tree.elements().reduce((sum, child) => sum + walk(child), tree.span().line)
      if ('ok' in found) assert.ok(walk(found.ok) > 0)
      else assert.ok(found.fault.span.line >= 1)
    }),
  )
})
