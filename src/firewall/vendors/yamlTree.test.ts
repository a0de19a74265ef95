import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readYaml } from './yamlTree.ts'

const read = (text: string) => readYaml({ name: 'a.yaml', text })

test('documents of one stream know their lines and pointers', () => {
  const { documents, faults } = read('\uFEFFa: 1\r\n---\r\nb:\r\n  - c/d: x\r\n')
  assert.deepEqual(faults, [])
  const item = documents[1]?.member('b')?.elements()[0]?.member('c/d')
  assert.deepEqual(item?.span(), { file: 'a.yaml', line: 4, path: '/b/0/c~1d', text: 'x' })
})

test('what one document spoils the others survive', () => {
  const { documents, faults } = read('a: 1\n---\nb: c: d\n---\ne: 2\n')
  assert.equal(documents.length, 2)
  assert.match(faults[0]?.why ?? '', /^no YAML: /)
  assert.equal(faults[0]?.span.line, 3)
})

test('local tags are what they stand for in JSON', () => {
  const [root] = read('a: !Ref X\nb: !GetAtt X.GroupId\nc: !Join ["", [a, !Ref b]]\n').documents
  assert.equal(root?.member('a')?.member('Ref')?.text(), 'X')
  assert.equal(root?.member('b')?.member('Fn::GetAtt')?.text(), 'X.GroupId')
  assert.equal(root?.member('c')?.member('Fn::Join')?.elements()[1]?.elements()[1]?.member('Ref')?.text(), 'b')
})

test('aliases and merge keys are followed, and the own key wins', () => {
  const [root] = read('base: &b { x: 1, y: 2 }\nc:\n  <<: *b\n  y: 3\nd: *b\n').documents
  assert.equal(root?.member('c')?.member('x')?.number(), 1)
  assert.equal(root?.member('c')?.member('y')?.number(), 3)
  assert.equal(root?.member('d')?.member('y')?.number(), 2)
})

test('what could be without end is refused with its place', () => {
  const rows: readonly (readonly [text: string, why: RegExp])[] = [
    ['- '.repeat(100_000), /nested more than 256 deep/],
    ['['.repeat(100_000), /nested more than 256 deep/],
    ['{a: '.repeat(100_000), /nested more than 256 deep/],
    // What goes on behind it closes all of it at once.
    [`x:\n  y:\n    ${'a: '.repeat(180_000)}\n    z: 1\nb: 1\n`, /nested more than 256 deep/],
    ['a: &a [*a]', /leads nowhere, or into itself/],
    ['a: *b', /leads nowhere, or into itself/],
    [bomb(12), /values of the \d+ that are written/],
  ]
  for (const [text, why] of rows) {
    const { documents, faults } = read(text)
    assert.equal(documents.length, 0)
    assert.match(faults[0]?.why ?? '', why)
  }
})

function bomb(levels: number): string {
  const lines = ['a0: &a0 [x,x,x,x,x,x,x,x,x,x]']
  for (let level = 1; level < levels; level += 1) {
    lines.push(
      `a${level}: &a${level} [${Array(10)
        .fill(`*a${level - 1}`)
        .join(',')}]`,
    )
  }
  return lines.join('\n')
}

test('JSON of any shape is read alike, and any text at all', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const { documents, faults } = read(text)
      assert.equal(faults.length, 0)
      const kind = JSON.parse(text) === null ? undefined : documents[0]?.kind
      assert.equal(kind !== undefined, JSON.parse(text) !== null)
    }),
  )
  fc.assert(
    fc.property(fc.string(), (text) => {
      read(text)
    }),
  )
})

test('an export of JSON that was cut is one fault, and not one for every line', () => {
  const whole = JSON.stringify({ items: Array.from({ length: 20_000 }, (_, at) => ({ name: `p${at}` })) }, null, 1)
  const { documents, faults } = readYaml({ name: 'a.json', text: whole.slice(0, -1000) })
  assert.deepEqual([documents.length, faults.length], [0, 1])
  assert.match(faults[0]?.why ?? '', /no JSON/)
})
