import assert from 'node:assert/strict'
import { test } from 'node:test'
import { table } from './markdown.ts'

test('a cell keeps pipes, angle brackets and line breaks to itself', () => {
  assert.equal(
    table(['a', 'b'], [['x|y', 'one\n  two <script>']]),
    '| a | b |\n| --- | --- |\n| x\\|y | one two &lt;script> |\n',
  )
})
